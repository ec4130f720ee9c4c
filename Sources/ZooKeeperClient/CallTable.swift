internal import ZooKeeperProtocol

/// The `async` calls that wait for their replies.
///
/// Bound: the engine's, on requests in flight.
struct CallTable {
    typealias Reply = Result<(response: Response, zxid: Int64), ZooKeeperError>

    private var waiting: [UInt64: CheckedContinuation<Reply, Never>] = [:]
    private var numbersGiven: UInt64 = 0

    mutating func add(_ continuation: CheckedContinuation<Reply, Never>) -> UInt64 {
        numbersGiven += 1
        waiting[numbersGiven] = continuation
        return numbersGiven
    }

    mutating func resume(_ number: UInt64, _ result: Result<Response, ZooKeeperError>, zxid: Int64)
    {
        waiting.removeValue(forKey: number)?.resume(returning: result.map { ($0, zxid) })
    }
}
