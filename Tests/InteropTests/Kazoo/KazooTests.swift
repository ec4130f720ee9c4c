import TestSupport
import Testing

/// kazoo 2.11.0's recipes, watchers and sessions: the same lines from `musterd` and ZooKeeper 3.8.
@Suite(.timeLimit(.minutes(5))) struct KazooTests {
    @Test(.needs(.kazoo, .zooKeeperServer))
    func `locks, elections, barriers, queues, counters and parties of kazoo hold under contention`()
        async throws
    {
        let pair = try await SideBySide()
        let lines = try await pair.sameLines { Self.script("recipes.py", $0) }
        // What the two agree on is right as well.
        for line in [
            "lock: count 50 entered 50 most inside 1",
            "read_write_lock: written 30 most writers inside 1",
            "semaphore: entered 24 most inside 2",
            "election: leaders [0, 1, 3, 4] contenders []",
            "queue: taken 60 different 60 in order True",
            "counter: five times twenty 100",
            "partitioner: two share [[0, 2, 4, 6], [1, 3, 5, 7]]",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }

    /// Covers A2.1, A2.2, A2.3, A2.4, A2.5, A2.6, A2.8, A2.9, A2.10, A13.10 and A14.9.
    @Test(.needs(.kazoo, .zooKeeperServer))
    func `A2.7 kazoo's watchers and its tree cache are told of each change in order`() async throws
    {
        let pair = try await SideBySide()
        let lines = try await pair.sameLines { Self.script("watching.py", $0) }
        for line in [
            "event_before_reply: told 50 in order True missed 0",
            "data_watch: last of 1000 b'1000' never back True",
            "sequential_handler: same session True True",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }

    /// Covers A1.1, A1.3, A1.4, A1.5, A1.8, A1.9, A1.15, A1.16, A1.17, A1.18, A1.19, A2.11, A13.1, A14.8.
    @Test(.needs(.kazoo, .zooKeeperServer))
    func `A1.20 data, transactions, access and sessions are as kazoo expects them`() async throws {
        let pair = try await SideBySide()
        let lines = try await pair.sameLines { Self.script("sessions.py", $0) }
        for line in [
            "sizes: kept 1047000 True",
            "access: after a cut b'too' True",
            "cut: ['SUSPENDED', 'CONNECTED', 'SUSPENDED', 'CONNECTED', 'SUSPENDED', 'CONNECTED']",
            "expiry: ['SUSPENDED', 'LOST', 'CONNECTED']",
            "resume: closed with it None",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }

    private static func script(_ name: String, _ address: String) -> [String] {
        [Peer.python, "-B", Checkout.script(name), address]
    }
}
