import ZooKeeperClient
import ZooKeeperProtocol

// Who may make children in the meantime, and what comes last.
extension TreeImport {
    /// Gives the session a credential that nobody else has.
    func unlock(_ session: ZooKeeperSession) async throws(CommandFailure) {
        let patience = Patience()
        var isDone = false
        while !isDone {
            do throws(ZooKeeperError) {
                try await session.addAuth(
                    scheme: "digest",
                    credential: Array(opened.credential.utf8)
                )
                isDone = true
            } catch {
                try patience.judge(error, pipe.server)
                try checkInterruption()
            }
        }
    }

    /// Gives the znodes that had an entry more their own lists.
    func lock(within limit: Duration = Limits.transferPatience) async throws(CommandFailure) {
        guard !opened.isEmpty else { return }
        var failure: CommandFailure?
        try await file.rewind()
        while !opened.isEmpty, case let lines = try await nextLines(), !lines.isEmpty {
            let wanted = lines.filter { opened.contains(PathMark($0.znode.path)) }
            let requests = wanted.map { line in
                Request.setACL(
                    SetACLRequest(path: line.znode.path, acl: line.znode.acl, version: -1)
                )
            }
            let answers = try await pipe.answers(to: requests, within: limit)
            for (line, answer) in zip(wanted, answers) {
                let path = line.znode.path
                switch answer {
                // The entry lets this session set the list: where it may not, there is none any more.
                case .success, .failure(.noNode), .failure(.noAuth): opened.remove(path)
                case .failure(let code):
                    let text = "\(path): its access list could not be set: \(code)"
                    let place = file.place(line.number)
                    failure = failure ?? CommandFailure(.refused, "\(place): \(text)")
                }
            }
        }
        if let failure { throw failure }
    }

    /// Tries the same once more after a failure, and says what is left.
    func lockRest() async {
        do throws(CommandFailure) {
            try await lock(within: Limits.lockPatience)
        } catch {
            complain(error.message)
        }
        opened.complainOfRest()
    }

    /// Makes the quotas, now that they cannot stand in the way; the server counts what there is.
    mutating func createQuotas() async throws(CommandFailure) {
        try await file.rewind()
        while case let lines = try await nextLines(), !lines.isEmpty {
            for line in lines where plan.scope.part(line.znode.path) == .quota {
                try checkInterruption()
                try await createQuota(line)
            }
        }
    }

    private mutating func createQuota(_ line: LineFile.Line) async throws(CommandFailure) {
        let limits = line.znode
        let folder = ZNodePath.parent(of: limits.path) ?? QuotaText.root
        if there.contains(PathMark(limits.path)), existing == .skip {
            tally.skipped += 1
            return
        }
        var requests: [Request] = []
        var made = QuotaText.root
        for name in folder.dropFirst(QuotaText.root.count).split(separator: "/") {
            made += "/" + name
            requests.append(.create(CreateRequest(path: made, data: nil, mode: .persistent)))
        }
        requests.append(limits.creation(acl: limits.acl))
        // Where they are there already, or are made by an attempt whose answer was lost.
        requests.append(
            .setData(SetDataRequest(path: limits.path, data: limits.data, version: -1))
        )
        requests.append(
            .create(
                CreateRequest(
                    path: folder + "/" + QuotaText.statsName,
                    data: Array("count=0,bytes=0".utf8),
                    mode: .persistent
                )
            )
        )
        for answer in try await pipe.answers(to: requests) {
            guard case .failure(let code) = answer, code != .nodeExists else { continue }
            throw CommandFailure(
                .refused,
                "\(file.place(line.number)): \(limits.path): the quota could not be set: \(code)"
            )
        }
        tally.quotas += 1
    }
}
