internal import ZooKeeperProtocol

/// The batches whose answers are not all there: which request goes out next, and who waits.
///
/// Step of the data flow: requests of `batch` enter it whole, leave it in order a window at a time, and
/// their answers come back with their places. Invariant: each place gets one answer; the waiter is told
/// when the last one is there. Bound: `Limits.batchRequestsInFlightMax` for each, and the engine's own.
struct BatchTable {
    typealias Answer = Result<Response, ZooKeeperError>

    private struct Batch {
        let requests: [Request]
        let waiter: CheckedContinuation<[Answer], Never>
        var answers: [Answer?]
        var sent = 0
        var answered = 0
    }

    private var batches: [UInt64: Batch] = [:]
    private var numbersGiven: UInt64 = 0

    /// Takes requests, at least one.
    ///
    /// - Returns: The number of their batch.
    mutating func add(
        _ requests: [Request],
        _ waiter: CheckedContinuation<[Answer], Never>
    ) -> UInt64 {
        numbersGiven += 1
        batches[numbersGiven] = Batch(
            requests: requests,
            waiter: waiter,
            answers: Array(repeating: nil, count: requests.count)
        )
        return numbersGiven
    }

    /// The request of a batch that goes out next.
    ///
    /// - Parameters:
    ///   - number: The batch.
    ///   - isCrowded: The session has much to do: only a batch with nothing on the way goes on.
    /// - Returns: Nil when the window is full, or all are sent.
    mutating func next(_ number: UInt64, isCrowded: Bool) -> (index: Int, request: Request)? {
        guard let batch = batches[number], batch.sent < batch.requests.count else { return nil }
        let unanswered = batch.sent - batch.answered
        guard unanswered < Limits.batchRequestsInFlightMax, !isCrowded || unanswered == 0 else {
            return nil
        }
        batches[number]?.sent += 1
        return (batch.sent, batch.requests[batch.sent])
    }

    /// An answer has come; the last one ends the batch.
    mutating func take(_ answer: Answer, _ number: UInt64, index: Int) {
        batches[number]?.answers[index] = answer
        batches[number]?.answered += 1
        guard let batch = batches[number], batch.answered == batch.requests.count else { return }
        batches[number] = nil
        batch.waiter.resume(returning: batch.answers.compactMap { $0 })
    }
}
