import Foundation
import TestSupport
import Testing
import YAML
import ZooKeeperConfiguration

/// `deploy/compose.yaml` and `deploy/Dockerfile` agree with each other and with the programs.
@Suite(.timeLimit(.minutes(3))) struct ComposeTests {
    private static let zooKeepers = ["zk1", "zk2", "zk3"]
    private static let daemons = ["musterd1", "musterd2"]

    @Test func `A11.1 three servers name each other alike, each under its own id`() throws {
        let services = try ComposeFile().services
        #expect(Set(services.keys) == Set(Self.zooKeepers + Self.daemons))
        for name in Self.zooKeepers {
            let server = try #require(services[name])
            #expect(server.node["image"]?.text == "zookeeper:3.8")
            #expect(server.node["hostname"]?.text == name)
            #expect("zk" + (server.environment["ZOO_MY_ID"] ?? "") == name)
            let lines = try #require(server.environment["ZOO_SERVERS"]).split(separator: " ")
            let read = try lines.map { line in
                let pair = line.split(separator: "=", maxSplits: 1).map(String.init)
                return try ServerLine(key: pair[0], value: pair[1])
            }
            #expect(read.map(\.id) == [1, 2, 3])
            #expect(read.flatMap { $0.addresses.map(\.host) } == Self.zooKeepers)
            #expect(read.allSatisfy { $0.clientPort == 2_181 && $0.role == .participant })
            // What the health check asks must be let through.
            #expect(server.check.last?.contains("/dev/tcp/127.0.0.1/2181 ") == true)
            let words = try #require(server.environment["ZOO_4LW_COMMANDS_WHITELIST"])
            #expect(words.split(separator: ",").contains("srvr"))
            #expect(server.check.last?.contains("printf srvr ") == true)
        }
    }

    @Test func `A11.1 daemons are given every server, and start behind them`() async throws {
        let services = try ComposeFile().services
        let docker = try DockerfileText()
        #expect(docker.entryPoint.first == "musterd")
        for name in Self.daemons {
            let daemon = try #require(services[name])
            let all = Self.zooKeepers.map { $0 + ":2181" }.joined(separator: ",")
            #expect(daemon.command.contains("--set=registry.connect=" + all))
            let awaited = try #require(daemon.node["depends_on"]?.entries)
            #expect(awaited.map(\.key) == Self.zooKeepers)
            #expect(awaited.allSatisfy { $0.value["condition"]?.text == "service_healthy" })
            #expect(daemon.node["build"]?["context"]?.text == "..")
            #expect(daemon.node["build"]?["dockerfile"]?.text == "deploy/Dockerfile")
            let words = (docker.entryPoint.dropFirst() + daemon.command).map {
                $0.replacingOccurrences(of: "/etc/muster/", with: Checkout.root + "/")
            }
            let outcome = try await Program.run(
                [Checkout.program("musterd"), "--check"] + words
            )
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("the configuration is good; zone files: 1"))
        }
    }

    @Test func `A11.1 every port is published once, on loopback, and somebody listens there`()
        throws
    {
        var published: Set<String> = []
        for service in try ComposeFile().services.values {
            #expect(!service.ports.isEmpty, "\(service.name)")
            for text in service.ports {
                let parts = text.split(separator: ":")
                try #require(parts.count == 3, "\(text)")
                #expect(parts[0] == "127.0.0.1", "\(text)")
                let target = parts[2].split(separator: "/")
                let transport = target.count > 1 ? target[1] : "tcp"
                #expect(published.insert("\(parts[1])/\(transport)").inserted, "\(text)")
                let listens =
                    Self.zooKeepers.contains(service.name)
                    ? target[0] == "2181"
                    : service.command.contains { $0.hasSuffix(".listen=0.0.0.0:" + target[0]) }
                #expect(listens, "\(service.name): \(text)")
                guard Self.daemons.contains(service.name) else { continue }
                let exposed = "\(target[0])/\(transport)"
                #expect(try DockerfileText().words(of: "EXPOSE").contains(exposed), "\(text)")
            }
        }
        #expect(published.count == 3 + 2 * 3)
    }

    @Test func `A11.1 every volume is declared, belongs to one service and is where it writes`()
        throws
    {
        let file = try ComposeFile()
        let state = try DockerfileText().words(of: "VOLUME")
        #expect(try DockerfileText().words(of: "ENV") == ["STATE_DIRECTORY=" + state[0]])
        var used: [String] = []
        for service in file.services.values {
            let pairs = service.volumes.map { $0.split(separator: ":").map(String.init) }
            used += pairs.map { $0[0] }
            let isZooKeeper = Self.zooKeepers.contains(service.name)
            #expect(pairs.map { $0[1] } == (isZooKeeper ? ["/data", "/datalog"] : state))
        }
        #expect(used.sorted() == file.volumes.sorted())
        #expect(Set(used).count == used.count)
    }

    @Test(.needs(.zooKeeperServer))
    func `A11.1 health checks tell a server that serves from one that does not`() async throws {
        let services = try ComposeFile().services
        let ofServer = try #require(services["zk1"]).check
        let ofDaemon = try #require(services["musterd1"]).check
        func check(_ words: [String], _ from: String, _ port: Substring) async throws -> Int32 {
            let own = words.map { $0.replacingOccurrences(of: from, with: port) }
            #expect(own != words)
            return try await Program.run(own).status
        }
        let server = try await ZooKeeperServer()
        let port = try #require(server.address.split(separator: ":").last)
        #expect(try await check(ofServer, "2181", port) == 0)
        let daemon = try await Daemon(settings: ["registry.connect=\(server.address)"])
        let console = try #require(daemon.console.split(separator: ":").last)
        #expect(try await check(ofDaemon, "8053", console) == 0)
        server.program.signal(SIGKILL)
        _ = await server.program.wait()
        #expect(try await check(ofServer, "2181", port) != 0)
        // Of three servers one is left: it takes connections and serves nobody.
        #expect(await daemon.stop().status == 0)
        #expect(try await check(ofDaemon, "8053", console) != 0)
    }

    @Test func `the image has the libraries that the programs are linked with`() async throws {
        let docker = try DockerfileText()
        let packages = docker.finalStage.split { " \n\\".contains($0) }
        for name in ["musterd", "muster"] {
            let needed = try await Program.run(["readelf", "-d", Checkout.program(name)]).output
                .split(separator: "\n").filter { $0.contains("(NEEDED)") }
                .compactMap { $0.split { "[]".contains($0) }.dropFirst().first }
            #expect(needed.contains("libc.so.6"))
            // Swift's own are in the image that it starts from, as is the C library.
            let own = needed.filter { !$0.contains("wift") && !$0.contains("Foundation") }
            for library in own where !Self.everywhere.contains(String(library)) {
                let owner = try await Program.run(["dpkg", "-S", "*/\(library)"]).output
                let package = owner.prefix { $0 != ":" }
                #expect(packages.contains(package), "\(name) needs \(library) of \(package)")
            }
        }
        for path in docker.copied {
            #expect(FileManager.default.fileExists(atPath: Checkout.root + "/" + path), "\(path)")
        }
        let readme = try String(contentsOfFile: Checkout.root + "/README.md", encoding: .utf8)
        let version = try #require(docker.words(of: "ARG").first).dropFirst("SWIFT=".count)
        #expect(readme.contains("tested with \(version))"))
    }

    private static let everywhere = [
        "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libgcc_s.so.1", "libstdc++.so.6",
        "lib_FoundationICU.so", "libdispatch.so", "libBlocksRuntime.so",
    ]
}

/// `deploy/Dockerfile`, taken apart by instruction.
private struct DockerfileText {
    private let text: String

    init() throws {
        text = try String(contentsOfFile: Checkout.root + "/deploy/Dockerfile", encoding: .utf8)
    }

    /// Everything from the last FROM on.
    var finalStage: String { text.components(separatedBy: "\nFROM ").last ?? "" }

    /// The words of the first instruction of the name.
    func words(of name: String) -> [String] {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") } ?? ""
        return line.split(separator: " ").dropFirst().map(String.init)
    }

    /// The words of ENTRYPOINT, which is a list in JSON.
    var entryPoint: [String] {
        let line = text.split(separator: "\n").first { $0.hasPrefix("ENTRYPOINT ") } ?? ""
        return line.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    /// What is copied out of the checkout.
    var copied: [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("COPY ") && !$0.contains("--from") }
            .flatMap { $0.split(separator: " ").dropFirst().dropLast().map(String.init) }
    }
}
