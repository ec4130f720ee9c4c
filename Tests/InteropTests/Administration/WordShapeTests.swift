import Foundation
import TestSupport
import Testing

/// Four-letter words of `musterd` and of ZooKeeper 3.8 beside each other: the same lines, values masked.
@Suite(.timeLimit(.minutes(3))) struct WordShapeTests {
    private static let masks = [
        (#"\d+\.\d+\.\d+[^,]*, built on .* UTC"#, "VERSION"),
        (#"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:]{8} [A-Z]+ \d{4}"#, "DATE"),
        (#"/[\d.]+:\d+"#, "/PEER"), (#"0x[0-9a-f]+"#, "0xN"),
        (#"-?\d+(\.\d+)?(E\d+)?"#, "#"),
    ]

    /// Figures, addresses and dates become `#`; what is left is what monitors parse.
    private static func shape(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var line = String(line)
            for (pattern, mask) in masks {
                line = line.replacingOccurrences(
                    of: pattern,
                    with: mask,
                    options: .regularExpression
                )
            }
            return line
        }
    }

    /// The lines of both in any order, without those that only the daemon's own session makes.
    private static func expectSame(_ word: String, _ both: SideBySide) throws {
        let own = ["/embedded", "/dubbo", "/DDNS"]
        let theirs = shape(try #require(FourLetterWord.ask(both.server.address, word)))
        let ours = shape(try #require(FourLetterWord.ask(both.daemon.registry, word)))
        let others = ours.filter { line in !own.contains { line.contains($0) } }
        #expect(Set(others) == Set(theirs), "\(word)")
        // Blank lines are part of the form.
        for text in [others, theirs] { #expect(text.last == "", "\(word)") }
        #expect(others.filter(\.isEmpty).count == theirs.filter(\.isEmpty).count, "\(word)")
        guard ["srvr", "dirs", "srst", "crst", "wchs"].contains(word) else { return }
        #expect(others == theirs, "\(word)")
    }

    @Test(.needs(.zooKeeperServer, .kazoo))
    func `words are answered in the same lines as by ZooKeeper`() async throws {
        let both = try await SideBySide(tickMilliseconds: 2_000)
        let script = Checkout.script("administration.py")
        let clients = try [both.daemon.registry, both.server.address].map {
            try Program([Peer.python, script, $0])
        }
        for client in clients {
            let isReady = await eventually(within: .seconds(30)) {
                client.output.contains("ready\n") || !client.isRunning
            }
            try #require(isReady && client.isRunning, "\(client.errors)")
            #expect(client.output.contains("version 3.8.0\ncommand imok\n"), "\(client.output)")
        }
        // One-line answers, byte for byte.
        for word in ["ruok", "isro", "gtmk", "hash", "abcd", "ruok\n", "isro\r\n"] {
            let expected = FourLetterWord.ask(both.server.address, word)
            #expect(FourLetterWord.ask(both.daemon.registry, word) == expected, "\(word)")
        }
        for word in ["srvr", "stat", "cons", "wchs", "wchc", "wchp", "dirs"] {
            try Self.expectSame(word, both)
        }
        try expectSameDump(both)
        try expectSameKeys(both)
        for word in ["crst", "srst"] { try Self.expectSame(word, both) }
        for client in clients { client.closeInput() }
        for client in clients { #expect(await client.wait().status == 0) }
    }

    /// Each session, each ephemeral under its session, in any order of buckets.
    private func expectSameDump(_ both: SideBySide) throws {
        let texts = try [both.daemon.registry, both.server.address].map {
            Self.shape(try #require(FourLetterWord.ask($0, "dump")))
        }
        let (ours, theirs) = (texts[0].filter { !$0.contains("/embedded") }, texts[1])
        #expect(Set(ours) == Set(theirs))
        for line in ["\t/admin/first", "\t/admin/second", "Sessions with Ephemerals (#):"] {
            #expect(ours.contains(line) && theirs.contains(line), "\(line)")
        }
    }

    /// Every key of ours is one of theirs, in `key<TAB>value` form; those that monitors read are there.
    private func expectSameKeys(_ both: SideBySide) throws {
        func pairs(
            _ address: String,
            _ word: String,
            _ separator: Character
        ) throws -> [String: String] {
            let text = try #require(FourLetterWord.ask(address, word))
            var pairs: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let pair = line.split(separator: separator, maxSplits: 1)
                pairs[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
            }
            return pairs
        }
        let ours = try pairs(both.daemon.registry, "mntr", "\t")
        let theirs = try pairs(both.server.address, "mntr", "\t")
        #expect(Set(ours.keys).subtracting(theirs.keys).isEmpty)
        for key in [
            "version", "server_state", "avg_latency", "max_latency", "min_latency",
            "packets_received", "packets_sent", "num_alive_connections", "outstanding_requests",
            "znode_count", "watch_count", "ephemerals_count", "approximate_data_size",
            "open_file_descriptor_count", "max_file_descriptor_count", "uptime", "global_sessions",
            "admin_quota_count_limit_per_namespace", "admin_quota_bytes_usage_per_namespace",
        ] { #expect(ours["zk_" + key] != nil, "\(key)") }
        // What both have seen alike. Ours has a session and watches of its own besides.
        for key in [
            "ephemerals_count", "znode_count", "approximate_data_size", "server_state",
            "max_file_descriptor_count", "admin_quota_count_limit_per_namespace",
            "admin_quota_bytes_limit_per_namespace", "admin_quota_count_usage_per_namespace",
            "admin_quota_bytes_usage_per_namespace", "cnt_node_changed_watch_count",
            "cnt_node_deleted_watch_count", "max_node_changed_watch_count",
        ] { #expect(ours["zk_" + key] == theirs["zk_" + key], "\(key)") }
        for (word, leftOut) in [("conf", []), ("envi", ["java.", "os.memory."])] {
            let ours = try pairs(both.daemon.registry, word, "=")
            let theirs = try pairs(both.server.address, word, "=")
            let expected = theirs.keys.filter { key in !leftOut.contains { key.hasPrefix($0) } }
            #expect(Set(ours.keys) == Set(expected), "\(word)")
            for key in ["tickTime", "minSessionTimeout", "maxSessionTimeout", "os.version"] {
                #expect(ours[key] == theirs[key], "\(key)")
            }
        }
    }
}
