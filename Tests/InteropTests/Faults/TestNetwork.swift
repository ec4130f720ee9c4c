import Foundation
import Testing

/// A network namespace of the test's own, joined to this one by a pair of virtual links that can be cut.
///
/// The addresses are of 198.18.0.0/15, which is set aside for tests (RFC 2544). Everything goes with the value.
final class TestNetwork: Sendable {
    /// Why no namespace can be made here; nil when it can.
    static let obstacle: String? = {
        do {
            _ = try TestNetwork()
            return nil
        } catch {
            return "network namespaces cannot be made here: \(error)"
        }
    }()

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Address of this end.
    let here: String
    /// Address of the other end.
    let there: String
    private let name: String

    /// Makes the namespace and both ends.
    ///
    /// - Throws: What `ip` says when it cannot.
    init() throws {
        let number = Int.random(in: 0..<1 << 15)
        let network = "198.\(18 + number >> 14).\(number >> 6 & 255)"
        let first = (number & 63) * 4
        (here, there) = ("\(network).\(first + 1)", "\(network).\(first + 2)")
        name = "muster-\(number)"
        try Self.ip("netns", "add", name)
        do {
            let peer = ["type", "veth", "peer", "name", "muster", "netns", name]
            try Self.ip(["link", "add", "muster\(number)"] + peer)
            try Self.ip("address", "add", here + "/30", "dev", "muster\(number)")
            try Self.ip("link", "set", "muster\(number)", "up")
            try Self.ip("-n", name, "address", "add", there + "/30", "dev", "muster")
            try Self.ip("-n", name, "link", "set", "lo", "up")
            try heal()
        } catch {
            try? Self.ip("netns", "delete", name)
            throw error
        }
    }

    deinit { try? Self.ip("netns", "delete", name) }

    /// In front of a program's words: it runs at the other end.
    var wrapper: [String] { ["ip", "netns", "exec", name] }

    /// From now on every packet is lost, without a word to either end.
    func cut() throws { try Self.ip("-n", name, "link", "set", "muster", "down") }

    /// Packets pass again.
    func heal() throws { try Self.ip("-n", name, "link", "set", "muster", "up") }

    private static func ip(_ words: String...) throws { try ip(words) }

    private static func ip(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ip"] + words
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = String(decoding: said, as: UTF8.self)
            throw Failure(description: "ip \(words.joined(separator: " ")): \(text)")
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test, with the reason, where the machine lets nobody make a network namespace.
    static var needsNetwork: Self {
        .enabled(
            if: TestNetwork.obstacle == nil,
            Comment(rawValue: TestNetwork.obstacle ?? "")
        )
    }
}
