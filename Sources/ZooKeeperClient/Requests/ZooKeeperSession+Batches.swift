public import ZooKeeperProtocol

// Many requests with one wait.
extension ZooKeeperSession {
    /// Sends many requests in one go, and waits for all answers.
    ///
    /// They leave in as few writes as the connection takes, without a task or a wait for each, at most
    /// 1,000 ahead of their answers; the server carries them out in order. Each succeeds or fails by
    /// itself: where a connection is lost in between, those on the way end as `.outcomeUnknown`, and the
    /// others go out on the next connection.
    ///
    /// - Parameter requests: Reads and writes in any mixture, and any number of them.
    /// - Returns: An answer for each, in the same order; a failed multi is a success, with the codes in
    ///   its results.
    public func batch(_ requests: [Request]) async -> [Result<Response, ZooKeeperError>] {
        guard !requests.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            feed(batches.add(requests, continuation))
        }
    }

    /// Reads the data of many znodes in one go.
    ///
    /// - Parameter paths: Absolute.
    /// - Returns: What `getData` returns or throws, in the same order.
    public func getData(
        _ paths: [String]
    ) async -> [Result<(data: [UInt8]?, stat: Stat), ZooKeeperError>] {
        let requests = paths.map { Request.getData(GetDataRequest(path: $0, watch: false)) }
        return await batch(requests).map { answer in
            answer.flatMap { response in
                guard case .data(let record) = response else {
                    return .failure(unexpected(response))
                }
                return .success((record.data, record.stat))
            }
        }
    }

    /// Reads the Stats of many znodes in one go.
    ///
    /// - Parameter paths: Absolute.
    /// - Returns: What `exists` returns or throws, in the same order; nil for those that are not there.
    public func exists(_ paths: [String]) async -> [Result<Stat?, ZooKeeperError>] {
        let requests = paths.map { Request.exists(ExistsRequest(path: $0, watch: false)) }
        return await batch(requests).map { answer in
            switch answer {
            case .success(.stat(let stat)): .success(stat)
            case .success(let other): .failure(unexpected(other))
            case .failure(let error) where error.server == .noNode: .success(nil)
            case .failure(let error): .failure(error)
            }
        }
    }

    /// Lists the children of many znodes in one go.
    ///
    /// - Parameter paths: Absolute.
    /// - Returns: What `getChildren` returns or throws, in the same order.
    public func getChildren(_ paths: [String]) async -> [Result<[String], ZooKeeperError>] {
        let requests = paths.map { Request.getChildren(GetChildrenRequest(path: $0, watch: false)) }
        return await batch(requests).map { answer in
            answer.flatMap { response in
                guard case .names(let names) = response else {
                    return .failure(unexpected(response))
                }
                return .success(names)
            }
        }
    }

    /// Removes many znodes in one go, each by itself and in this order.
    ///
    /// - Parameter paths: Absolute; children before their parents.
    /// - Returns: What `delete` throws, in the same order.
    public func delete(_ paths: [String]) async -> [Result<Void, ZooKeeperError>] {
        let requests = paths.map { Request.delete(DeleteRequest(path: $0, version: -1)) }
        return await batch(requests).map { answer in answer.map { _ in } }
    }

    /// Sends what the window of a batch has room for.
    func feed(_ number: UInt64) {
        while let (index, request) = batches.next(number, isCrowded: engine.isCrowded) {
            submit(request, .batch(number, index: index))
        }
    }
}

extension SessionEngine {
    /// True when batches have to leave room for others.
    var isCrowded: Bool {
        inFlight.count + waiting.count >= Limits.requestsInFlightMax / 2
            || inFlight.bytes + waiting.bytes >= Limits.batchBytesInFlightMax
    }
}
