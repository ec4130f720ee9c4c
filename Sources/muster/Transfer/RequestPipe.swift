import Runtime
import ServiceModel
import ZooKeeperClient
import ZooKeeperProtocol

/// Sends requests over one session many at a time, and waits for all their answers.
///
/// Step of the data flow: between what reads or writes whole trees and the session. A batch leaves in one
/// write, and the server carries it out in order. Owner: the session's loop; one batch at a time.
actor RequestPipe {
    /// What came of one request.
    typealias Outcome = Result<Response, ZooKeeperError>

    /// As users name the registry.
    nonisolated let server: String
    private nonisolated let session: ZooKeeperSession
    private nonisolated let loop: EventLoop
    private var outcomes: [Outcome?] = []
    private var missing = 0
    private var waiter: CheckedContinuation<[Outcome], Never>?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is kept alive by the stored reference.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Takes a session that has no sink yet.
    init(_ session: ZooKeeperSession, server: String) async {
        (self.session, self.server, loop) = (session, server, session.loop)
        await session.attach { [weak self] events in
            self?.assumeIsolated { $0.take(events) }
        }
    }

    /// Sends a batch.
    ///
    /// - Parameter requests: Carried out in this order.
    /// - Returns: Their outcomes, in the same order.
    func outcomes(of requests: [Request]) async -> [Outcome] {
        guard !requests.isEmpty else { return [] }
        guard waiter == nil else { fatalError("two batches at once in one pipe") }
        outcomes = Array(repeating: nil, count: requests.count)
        missing = requests.count
        return await withCheckedContinuation { continuation in
            waiter = continuation
            let batch = requests.enumerated().map { (request: $1, tag: UInt64($0)) }
            session.assumeIsolated { $0.submit(batch) }
        }
    }

    private func take(_ events: [SessionEvent]) {
        for case .reply(let tag, let outcome, _) in events where outcomes[Int(tag)] == nil {
            outcomes[Int(tag)] = outcome
            missing -= 1
        }
        guard missing == 0, let waiter else { return }
        self.waiter = nil
        waiter.resume(returning: outcomes.compactMap { $0 })
        outcomes = []
    }
}

extension RequestPipe {
    /// Sends requests that may be repeated, and repeats those that got no answer.
    ///
    /// - Parameters:
    ///   - requests: Reads, or writes that say the same a second time.
    ///   - limit: How long no server may answer.
    /// - Returns: The server's answers or refusals, in order.
    /// - Throws: `CommandFailure` when no server answers for long, or one answers what nobody understands.
    nonisolated func answers(
        to requests: [Request],
        within limit: Duration = Limits.transferPatience
    ) async throws(CommandFailure) -> [Result<Response, ErrorCode>] {
        var answers = [Result<Response, ErrorCode>?](repeating: nil, count: requests.count)
        var open = Array(requests.indices)
        var patience = Patience(limit)
        while !open.isEmpty {
            let outcomes = await outcomes(of: open.map { requests[$0] })
            var left: [Int] = []
            for (index, outcome) in zip(open, outcomes) {
                switch outcome {
                case .success(let response): answers[index] = .success(response)
                case .failure(let error) where error.code == .refused:
                    answers[index] = .failure(error.server)
                case .failure(let error):
                    try patience.judge(error, server)
                    left.append(index)
                }
            }
            if left.count < open.count { patience = Patience(limit) }
            open = left
        }
        return answers.compactMap { $0 }
    }
}

/// How long servers may stay away in the middle of a transfer.
struct Patience {
    private let end: Instant

    init(_ limit: Duration = Limits.transferPatience) { end = EventLoop.monotonicNow() + limit }

    /// Returns where another try makes sense.
    ///
    /// - Parameters:
    ///   - error: Why a request got no answer.
    ///   - server: The registry, for the message.
    /// - Throws: `CommandFailure` where none does, or the time is over.
    func judge(_ error: ZooKeeperError, _ server: String) throws(CommandFailure) {
        switch error.code {
        case .notSent, .outcomeUnknown, .sessionExpired, .overloaded:
            guard EventLoop.monotonicNow() >= end else { return }
            throw CommandFailure(
                .unreachable,
                "no ZooKeeper server answers on \(server) any more: \(error.message)"
            )
        case .authFailed:
            throw CommandFailure(
                .refused,
                "\(server) refuses a credential: \(error.message)",
                advice: "look at the file of --auth"
            )
        default: throw CommandFailure(.failure, "\(server): \(error.message)")
        }
    }
}
