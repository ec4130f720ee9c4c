import Foundation
import Synchronization
import TestSupport
import ZooKeeperProtocol

/// The traffic of the churn: sessions that come and go, and writes one at a time, at a steady pace.
///
/// Each thread has a pace of its own and says how long its writes took. Owner: the test; `stop` ends all threads.
final class HourLoad: Sendable {
    private struct Figures {
        var latencies: [Int] = []
        var sessions = 0
        var faults: [String] = []
    }

    /// Threads that write, and what each does a second.
    static let writers = 4
    static let writesPerSecond = 250
    /// Threads that open and close sessions, and what each does a second.
    static let comers = 2
    static let sessionsPerSecond = 50
    /// Sessions that a thread has open at a time: each lives for a second.
    private static let sessionsOpen = 50
    private static let nodes = 2_000

    private let port: UInt16
    private let figures = Mutex(Figures())
    private let isOver = Atomic(false)

    init(port: UInt16) { self.port = port }

    /// Ends the threads' loops.
    func stop() { isOver.store(true, ordering: .relaxed) }

    /// What was done since the last call: latencies in microseconds, sorted, and sessions opened.
    func take() -> (latencies: [Int], sessions: Int) {
        let (latencies, sessions) = figures.withLock { figures in
            defer { (figures.latencies, figures.sessions) = ([], 0) }
            return (figures.latencies, figures.sessions)
        }
        return (latencies.sorted(), sessions)
    }

    /// What went wrong; the first few.
    var faults: [String] { figures.withLock { Array($0.faults.prefix(5)) } }

    /// Writes until the end: data of a fixed set of znodes, and znodes that come and go.
    func write(_ number: Int, seed: SeededGenerator) throws {
        var generator = seed
        let client = try open()
        let folder = "/hour/w\(number)"
        _ = try client.ask([create(folder), create(folder + "/kept")])
        for node in 0..<Self.nodes { _ = try client.ask([create("\(folder)/kept/n\(node)")]) }
        var next = 0
        try paced(Self.writesPerSecond) {
            let node = Int.random(in: 0..<Self.nodes, using: &generator)
            var requests = [set("\(folder)/kept/n\(node)")]
            if next % 4 == 0 {
                requests = [create("\(folder)/t\(next / 4)")]
            } else if next % 4 == 1 {
                requests = [.delete(DeleteRequest(path: "\(folder)/t\(next / 4)", version: -1))]
            }
            next += 1
            let start = ContinuousClock.now
            guard let reply = try client.ask(requests)?.first else {
                throw BlockingClient.Silence()
            }
            let took = ContinuousClock.now - start
            let microseconds = Int(took / .microseconds(1))
            figures.withLock { figures in
                figures.latencies.append(microseconds)
                if case .failure(let code) = reply.outcome {
                    figures.faults.append("\(requests[0].opCode) was answered \(code)")
                }
            }
        }
    }

    /// Opens sessions with an ephemeral each, and closes the oldest or just leaves it.
    func comeAndGo(_ number: Int) throws {
        var sessions: [BlockingClient] = []
        var next = 0
        try paced(Self.sessionsPerSecond) {
            let client = try open()
            let path = "/hour/e\(number)-\(next)"
            let request = CreateRequest(path: path, data: Array(path.utf8), mode: .ephemeral)
            guard case .success? = try client.ask([.create(request)])?.first?.outcome else {
                throw BlockingClient.Silence()
            }
            next += 1
            sessions.append(client)
            figures.withLock { $0.sessions += 1 }
            guard sessions.count > Self.sessionsOpen else { return }
            let oldest = sessions.removeFirst()
            // One in ten says nothing at its end, and expires.
            if next % 10 > 0 { _ = try oldest.ask([.closeSession]) }
        }
    }

    /// Calls a body so often a second; one that is late is not made up for.
    private func paced(_ perSecond: Int, _ body: () throws -> Void) throws {
        let step = Duration.seconds(1) / perSecond
        var due = ContinuousClock.now
        while !isOver.load(ordering: .relaxed) {
            do {
                try body()
            } catch {
                guard !isOver.load(ordering: .relaxed) else { return }
                figures.withLock { $0.faults.append("\(error)") }
                throw error
            }
            due = max(due + step, ContinuousClock.now - step)
            let left = due - .now
            // The poll of no descriptor is the pause until the next turn is due.
            if left > .zero { _ = poll(nil, 0, Int32(left / .milliseconds(1))) }
        }
    }

    private func open() throws -> BlockingClient {
        guard let client = BlockingClient(port: port),
            let made = try client.handshake(ConnectRequest(timeoutMilliseconds: 4_000)),
            !made.isRefusal
        else { throw BlockingClient.Silence() }
        return client
    }

    private func create(_ path: String) -> Request {
        .create(CreateRequest(path: path, data: Self.data, mode: .persistent))
    }

    private func set(_ path: String) -> Request {
        .setData(SetDataRequest(path: path, data: Self.data, version: -1))
    }

    private static let data = [UInt8](repeating: 0x61, count: 100)
}
