public import ZooKeeperProtocol

// Writes that succeed or fail together.
extension ZooKeeperSession {
    /// Sends a transaction, and waits until all of it is done or none of it.
    ///
    /// - Parameter transaction: Its operations see what earlier ones of it did.
    /// - Returns: A result for each operation.
    /// - Throws: `ZooKeeperError`: `.refused` has the code of the first operation that failed as
    ///   `server`, its index as `operation`, and its kind and path in the message.
    @discardableResult
    public func commit(
        _ transaction: Transaction
    ) async throws(ZooKeeperError) -> TransactionResults {
        let results = try await multi(transaction.operations)
        guard let typed = TransactionResults(results, of: transaction) else {
            throw ZooKeeperError(.badReply, "multi: results of other shapes: \(results)")
        }
        return typed
    }

    /// Writes together, all or nothing.
    ///
    /// - Parameter operations: In order; later ones see the effects of earlier ones.
    /// - Returns: A result for each, none of them an error.
    /// - Throws: `ZooKeeperError` as `commit` does.
    @discardableResult
    public func multi(
        _ operations: [MultiRequest.Operation]
    ) async throws(ZooKeeperError) -> [MultiResponse.Result] {
        guard case .multi(let record) = try await call(.multi(MultiRequest(operations))) else {
            throw ZooKeeperError(.badReply, "multi: reply of another shape")
        }
        for (index, result) in record.results.enumerated() {
            guard case .error(let code) = result, code != .ok else { continue }
            let culprit = operations.indices.contains(index) ? " (\(operations[index].text))" : ""
            throw ZooKeeperError(
                refused: code,
                "multi: operation \(index)\(culprit)",
                operation: index
            )
        }
        return record.results
    }
}

extension MultiRequest.Operation {
    /// Kind and path, for messages.
    fileprivate var text: String {
        switch self {
        case .create(let record), .create2(let record), .createContainer(let record):
            "\(opCode) \(record.path)"
        case .createTTL(let record): "\(opCode) \(record.create.path)"
        case .delete(let record): "\(opCode) \(record.path)"
        case .setData(let record): "\(opCode) \(record.path)"
        case .check(let record): "\(opCode) \(record.path)"
        }
    }
}
