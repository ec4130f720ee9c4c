internal import ZooKeeperProtocol

/// Deletions that are repeated on each new connection until a server has carried them out.
///
/// Step of the data flow: paths enter when their deletion was interrupted, and leave when a server says
/// that the znode is gone, or that it will not be removed. Bound: `Limits.backgroundDeletionsMax`.
/// Owner: the session's actor.
struct DeletionTable {
    private var waiting: [UInt64: DeleteRequest] = [:]
    private var onTheWay: Set<UInt64> = []
    private var numbersGiven: UInt64 = 0

    var count: Int { waiting.count }

    mutating func add(_ request: DeleteRequest) {
        numbersGiven += 1
        waiting[numbersGiven] = request
    }

    /// What is to be sent on a connection, oldest first.
    mutating func takeRequests() -> [(number: UInt64, request: DeleteRequest)] {
        let numbers = waiting.keys.filter { !onTheWay.contains($0) }.sorted()
        onTheWay.formUnion(numbers)
        return numbers.compactMap { number in waiting[number].map { (number, $0) } }
    }

    /// A deletion has ended, or was interrupted again.
    ///
    /// - Returns: A sentence for the log where it was refused.
    mutating func take(
        _ result: Result<Response, ZooKeeperError>,
        _ number: UInt64
    ) -> String? {
        onTheWay.remove(number)
        guard case .failure(let error) = result else {
            waiting[number] = nil
            return nil
        }
        if Repetition.ifUnknown.isSafe(after: error) { return nil }
        waiting[number] = nil
        guard error.server != .noNode, error.code == .refused else { return nil }
        return "a deletion in the background was refused: \(error.message)"
    }
}
