import Foundation
import Testing

/// A program that nobody here wrote and that a test talks to.
///
/// A test whose peer is missing is skipped with the reason; where `CI` is set it fails instead.
enum Peer: String, CaseIterable {
    case apacheDubbo
    case curator
    case dig
    case dubboPython
    case javaCompiler
    case kazoo
    case zooKeeperLibrary
    case zooKeeperServer
    case zooKeeperShell

    /// Why the peer cannot be used on this machine; nil when it can.
    var missing: String? {
        switch self {
        case .apacheDubbo:
            absent(Self.apacheDubboPython, package: "apache-dubbo 3.0.0b1 (deploy/prepare test)")
        case .dubboPython:
            absent(Self.dubboPythonPython, package: "dubbo-python 0.0.4 (deploy/prepare test)")
        case .curator:
            Java.missingJar.map { "\($0) is missing: install libcurator-discovery-java" }
        case .javaCompiler: absent("/usr/bin/javac", package: "openjdk-17-jdk-headless")
        case .dig: absent("/usr/bin/dig", package: "bind9-dnsutils")
        case .kazoo: absent(Self.python, package: "kazoo 2.11.0 (deploy/prepare test)")
        case .zooKeeperLibrary:
            absent("/usr/include/zookeeper/zookeeper.h", package: "libzookeeper-mt-dev")
        case .zooKeeperServer: absent("/usr/share/java/zookeeper.jar", package: "zookeeper")
        case .zooKeeperShell: absent("/usr/share/zookeeper/bin/zkCli.sh", package: "zookeeper")
        }
    }

    /// The interpreter that has kazoo.
    static var python: String {
        ProcessInfo.processInfo.environment["MUSTER_PYTHON"]
            ?? Checkout.root + "/.build/peers/venv/bin/python"
    }

    /// The interpreter that has apache-dubbo.
    static let apacheDubboPython = Checkout.root + "/.build/peers/apache-dubbo/bin/python"

    /// The interpreter that has dubbo-python; the two have the same package name.
    static let dubboPythonPython = Checkout.root + "/.build/peers/dubbo-python/bin/python"

    private func absent(_ path: String, package: String) -> String? {
        FileManager.default.fileExists(atPath: path)
            ? nil : "\(path) is missing: install \(package)"
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test, with the reason, when one of the peers is missing.
    static func needs(_ peers: Peer...) -> Self {
        let reasons = peers.compactMap(\.missing)
        return .enabled(
            if: reasons.isEmpty || ProcessInfo.processInfo.environment["CI"] != nil,
            Comment(rawValue: reasons.joined(separator: "; "))
        )
    }
}

/// Where this checkout and its programs are.
enum Checkout {
    /// The folder of Package.swift.
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// A program built from this checkout, beside the running test bundle.
    static func program(_ name: String) -> String {
        if let folder = ProcessInfo.processInfo.environment["MUSTER_BIN"] {
            return folder + "/" + name
        }
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let folder = bundle.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        return (folder ?? root + "/.build/debug") + "/" + name
    }

    /// A script of this target.
    static func script(_ name: String) -> String {
        root + "/Tests/InteropTests/Programs/" + name
    }
}
