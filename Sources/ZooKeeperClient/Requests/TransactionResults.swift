public import ZooKeeperProtocol

/// What became of a transaction's operations.
///
/// Invariant: as many results as operations, each of its operation's shape.
public struct TransactionResults: Equatable, Sendable {
    /// The results as they came, in the order of the operations.
    public let results: [MultiResponse.Result]

    /// Pairs results with the transaction that they belong to.
    ///
    /// - Returns: Nil when they cannot be its results.
    init?(_ results: [MultiResponse.Result], of transaction: Transaction) {
        guard results.count == transaction.operations.count else { return nil }
        for (operation, result) in zip(transaction.operations, results) {
            switch (operation, result) {
            case (.create, .create), (.create, .create2), (.create2, .create2),
                (.create2, .create), (.createContainer, .create2), (.createTTL, .create2),
                (.delete, .delete), (.setData, .setData), (.check, .check):
                continue
            default: return nil
            }
        }
        self.results = results
    }

    /// The path that an operation made.
    public subscript(part: Transaction.Part<String>) -> String {
        switch result(part.index) {
        case .create(let path): path
        case .create2(let record): record.path
        default: fatalError("operation \(part.index) of the transaction makes no znode")
        }
    }

    /// The Stat that an operation left.
    public subscript(part: Transaction.Part<Stat>) -> Stat {
        guard case .setData(let stat) = result(part.index) else {
            fatalError("operation \(part.index) of the transaction sets no data")
        }
        return stat
    }

    private func result(_ index: Int) -> MultiResponse.Result {
        guard results.indices.contains(index) else {
            fatalError("operation \(index) of a transaction of \(results.count)")
        }
        return results[index]
    }
}
