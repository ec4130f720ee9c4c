import ZooKeeperClient
import ZooKeeperProtocol

// What makes the znodes.
extension TreeImport {
    mutating func create() async throws(CommandFailure) {
        var progress = ProgressLine("creating on \(pipe.server)", total: plan.znodes)
        var done = 0
        try await file.rewind()
        // The next lines are read while the server works on the last ones.
        var lines = try await nextLines()
        while !lines.isEmpty {
            let reading = self
            async let next = reading.nextLinesOrFault()
            do throws(CommandFailure) {
                try await carryOut(try await steps(for: lines))
            } catch {
                _ = await next
                throw error
            }
            done += lines.count
            lines = try await next.get()
            progress.show(done)
        }
        progress.end()
    }

    /// The requests that make znodes, or give existing ones what they do not have.
    private mutating func steps(
        for lines: [LineFile.Line]
    ) async throws(CommandFailure) -> [CreationStep] {
        var steps: [CreationStep] = []
        var replaced: [LineFile.Line] = []
        for line in lines where plan.scope.part(line.znode.path) == .znode {
            let isThere = there.contains(PathMark(line.znode.path))
            if isThere, existing == .skip {
                tally.skipped += 1
            } else if isThere || line.znode.path == ZNodePath.root {
                replaced.append(line)
            } else {
                let acl = workingList(of: line.znode)
                steps.append(CreationStep(line, .creation, line.znode.creation(acl: acl)))
            }
        }
        return try await replacements(replaced) + steps
    }

    private mutating func replacements(
        _ lines: [LineFile.Line]
    ) async throws(CommandFailure) -> [CreationStep] {
        let answers = try await pipe.answers(to: lines.flatMap { Self.readings($0.znode.path) })
        var steps: [CreationStep] = []
        for (index, line) in lines.enumerated() {
            let acl = workingList(of: line.znode)
            let all = CreationStep.replacement(line, acl: acl)
            // What cannot be read may be written all the same.
            var (hasData, hasACL) = (false, false)
            if case .success(.data(let data)) = answers[2 * index] {
                hasData = data.data == line.znode.data
            }
            if case .success(.acl(let list)) = answers[2 * index + 1] { hasACL = list.acl == acl }
            steps += (hasData ? [] : [all[0]]) + (hasACL ? [] : [all[1]])
            guard there.contains(PathMark(line.znode.path)) else { continue }
            if hasData && hasACL { tally.unchanged += 1 } else { tally.overwritten += 1 }
        }
        return steps
    }

    /// Its own access list, with an entry for this session where that has to make children.
    private func workingList(of znode: PortableZNode) -> [ACL] {
        isOpened(PathMark(znode.path)) ? znode.acl + [Self.ownEntry] : znode.acl
    }

    /// True for a znode whose access list has an entry more until the end.
    func isOpened(_ mark: PathMark) -> Bool {
        wanting.contains(mark) && !(existing == .skip && there.contains(mark))
    }

    /// Whoever this session is by credentials.
    private static var ownEntry: ACL { ACL(.all, scheme: "auth", id: "") }

    /// Sends requests in order until each has an answer.
    private mutating func carryOut(_ steps: [CreationStep]) async throws(CommandFailure) {
        var open = steps
        var patience = Patience()
        while !open.isEmpty {
            try checkInterruption()
            // Before they are sent: who ends the program in between is told of what they may have opened.
            let opening = open.filter(opens).map(\.line.znode.path).filter {
                !opened.contains(PathMark($0))
            }
            for path in opening { opened.add(path) }
            let outcomes = await pipe.outcomes(of: open.map(\.request))
            // A connection that was lost in between may have taken a parent with it.
            let isWhole = outcomes.allSatisfy(\.isAnswered)
            var left: [CreationStep] = []
            var refusal: (CreationStep, ErrorCode)?
            for (var step, outcome) in zip(open, outcomes) {
                if case .failure(let error) = outcome, error.code != .outcomeUnknown,
                    opens(step), opening.contains(step.line.znode.path)
                {
                    opened.remove(step.line.znode.path)
                }
                switch outcome {
                case .success: if step.kind == .creation { tally.created += 1 }
                case .failure(let error) where error.code != .refused:
                    try patience.judge(error, pipe.server)
                    if error.code == .outcomeUnknown { step.isDoubtful = true }
                    left.append(step)
                case .failure(let error) where error.server == .noNode && !isWhole:
                    left.append(step)
                case .failure(let error):
                    if step.kind == .creation, error.server == .nodeExists,
                        let further = try await settle(step)
                    {
                        left += further
                    } else if refusal == nil {
                        refusal = (step, error.server)
                    }
                }
            }
            if let (step, code) = refusal { throw failure(step, code) }
            if left.count < open.count { patience = Patience() }
            open = left
        }
    }

    /// True for a step that gives an access list an entry more.
    private func opens(_ step: CreationStep) -> Bool {
        if case .setData = step.request { return false }
        return isOpened(PathMark(step.line.znode.path))
    }

    /// A znode that was to be made is there already.
    ///
    /// - Returns: What is left to do about it; nil when that is for people to decide.
    private mutating func settle(
        _ step: CreationStep
    ) async throws(CommandFailure) -> [CreationStep]? {
        if step.isDoubtful {
            let found = try await read(step.line.znode)
            // The list may have the credential of this run in it.
            let isOurs =
                found.data == step.line.znode.data
                && found.acl.starts(with: step.line.znode.acl)
            if isOurs {
                tally.created += 1
                return []
            }
        }
        opened.remove(step.line.znode.path)
        switch existing {
        case .fail: return nil
        case .skip:
            tally.skipped += 1
            return []
        case .overwrite:
            tally.overwritten += 1
            return CreationStep.replacement(step.line, acl: workingList(of: step.line.znode))
        }
    }

    private func failure(_ step: CreationStep, _ code: ErrorCode) -> CommandFailure {
        let path = step.line.znode.path
        let why =
            switch code {
            case .noAuth: "its parent's access list, or its own, does not let this session"
            case .nodeExists: "somebody made it meanwhile"
            case .noNode: "its parent was removed meanwhile"
            case .invalidACL: "the server does not know an identity of its access list"
            case .unimplemented:
                "the server has no such znodes (zookeeper.extendedTypesEnabled=true makes TTLs)"
            case .notReadOnly: "the server takes no writes at the moment"
            case .quotaExceeded: "a quota stands against it"
            default: "the server refuses it"
            }
        return CommandFailure(
            .refused,
            "\(file.place(step.line.number)): \(path): \(code), \(why); " + howFar,
            advice: code == .noAuth
                ? "--auth FILE names credentials, then --existing skip goes on"
                : "mend that, then --existing skip goes on"
        )
    }
}
