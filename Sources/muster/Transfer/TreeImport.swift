import ZooKeeperClient
import ZooKeeperProtocol

/// Makes the znodes of a file on a server: first looks at everything, then changes anything.
///
/// Step of the data flow: between a checked file and a server. Znodes are made in the order of the file,
/// `Limits.creationsPerBatch` on their way at once. Below a znode whose access list lets nobody make
/// children, children are made all the same: until the end its list has an entry more, for a credential
/// that this run made up and nobody else ever knows.
struct TreeImport {
    /// What to do with znodes that exist already.
    enum Existing: String, CaseIterable, Sendable {
        /// Refuse before anything is changed.
        case fail
        /// Leave them as they are.
        case skip
        /// Give them the file's data and access list.
        case overwrite
    }

    /// What was done.
    struct Tally: Sendable {
        var created = 0
        var overwritten = 0
        /// Existing ones that were to be overwritten, and had nothing else.
        var unchanged = 0
        var skipped = 0
        var quotas = 0
    }

    let pipe: RequestPipe
    let file: LineFile
    let plan: ImportPlan
    let existing: Existing
    var tally = Tally()
    /// Znodes of the file that the server has.
    var there: Set<PathMark> = []
    /// Closed znodes below which something is missing.
    var wanting: Set<PathMark> = []
    let interruption: Interruption
    var opened: OpenedLists { interruption.opened }

    init(
        _ pipe: RequestPipe,
        file: LineFile,
        plan: ImportPlan,
        existing: Existing,
        interruption: Interruption
    ) {
        (self.pipe, self.file, self.plan, self.existing) = (pipe, file, plan, existing)
        self.interruption = interruption
    }

    /// Does all of it.
    ///
    /// - Parameter session: The pipe's.
    /// - Throws: `CommandFailure` that says what stood in the way and how far it came.
    mutating func run(_ session: ZooKeeperSession) async throws(CommandFailure) {
        try await look()
        interruption.beginChanges()
        do throws(CommandFailure) {
            if !wanting.isEmpty { try await unlock(session) }
            try await create()
            try await lock()
        } catch {
            await lockRest()
            guard error.status == .unreachable else { throw error }
            throw CommandFailure(.unreachable, error.message + "; " + howFar, advice: wayOn)
        }
        if plan.quotas > 0 { try await createQuotas() }
    }

    /// How far it came, for people.
    var howFar: String { "\(tally.created) of \(counted(plan.znodes, "znode")) were made" }

    /// How to go on from there.
    var wayOn: String {
        wanting.isEmpty
            ? "--existing skip goes on"
            : "--existing skip goes on, with --auth FILE for znodes that are closed to others"
    }

    /// Throws where somebody wants it to end.
    func checkInterruption() throws(CommandFailure) {
        guard interruption.signal != nil else { return }
        throw CommandFailure(.failure, "interrupted; " + howFar, advice: wayOn)
    }

    // MARK: Looking

    /// Finds out what exists, and refuses where the file and the server do not fit together.
    private mutating func look() async throws(CommandFailure) {
        let outer = plan.outerParents.values.sorted { $0.line < $1.line }
        for parents in outer.chunks(of: Limits.creationsPerBatch) {
            let answers = try await exists(parents.map(\.path))
            for (parent, stat) in zip(parents, answers) where stat?.ephemeralOwner ?? 1 != 0 {
                throw CommandFailure(
                    .notFound,
                    "\(file.place(parent.line)): \(parent.path) "
                        + (stat == nil ? "does not exist" : "is an ephemeral")
                        + " on \(pipe.server), and the file does not make it",
                    advice: "muster znode create --parents \(parent.path)"
                )
            }
        }
        var conflicts = Conflicts()
        var progress = ProgressLine("looking at \(pipe.server)", total: plan.znodes)
        var done = 0
        try await file.rewind()
        while case let lines = try await nextLines(), !lines.isEmpty {
            try await look(at: lines, &conflicts)
            done += lines.count
            progress.show(done)
        }
        progress.end()
        if existing == .fail, conflicts.count > 0 {
            throw CommandFailure(
                .refused,
                "\(counted(conflicts.count, "znode")) of \(file.name) "
                    + "exist\(conflicts.count == 1 ? "s" : "") on \(pipe.server): "
                    + "\(conflicts.text); nothing was changed",
                advice: "--existing skip leaves them as they are, --existing overwrite gives them "
                    + "the file's data and access lists"
            )
        }
    }

    private struct Conflicts {
        private(set) var count = 0
        private var paths: [String] = []

        mutating func add(_ path: String) {
            count += 1
            if paths.count < Limits.conflictsShownMax { paths.append(path) }
        }

        var text: String {
            let rest = count - paths.count
            return paths.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        }
    }

    private mutating func look(
        at lines: [LineFile.Line],
        _ conflicts: inout Conflicts
    ) async throws(CommandFailure) {
        var asked: [LineFile.Line] = []
        var marks: Set<PathMark> = []
        for line in lines {
            let parent = ZNodePath.parent(of: line.znode.path).map(PathMark.init)
            // Below what is missing there is nothing.
            if let parent, plan.scope.part(line.znode.path) == .znode, plan.marks.contains(parent),
                !there.contains(parent), !marks.contains(parent)
            {
                if plan.locked.contains(parent) { wanting.insert(parent) }
                continue
            }
            asked.append(line)
            marks.insert(PathMark(line.znode.path))
        }
        let stats = try await exists(asked.map(\.znode.path))
        for (line, stat) in zip(asked, stats) {
            let path = line.znode.path
            guard let stat else {
                let parent = ZNodePath.parent(of: path).map(PathMark.init)
                if let parent, plan.locked.contains(parent) { wanting.insert(parent) }
                continue
            }
            guard PortableZNode.Kind(ephemeralOwner: stat.ephemeralOwner) != nil else {
                throw CommandFailure(
                    .refused,
                    "\(file.place(line.number)): \(path) is an ephemeral on \(pipe.server); "
                        + "nothing was changed",
                    advice: "it belongs to a session and goes with it; import when it is gone"
                )
            }
            if path == ZNodePath.root, try await isRootFree(line.znode) { continue }
            there.insert(PathMark(path))
            conflicts.add(path)
        }
    }

    /// True when the root, which every tree has, is as new, or as the file wants it.
    private func isRootFree(_ wanted: PortableZNode) async throws(CommandFailure) -> Bool {
        let found = try await read(wanted)
        return found.isPristine || found == wanted
    }

    private func exists(_ paths: [String]) async throws(CommandFailure) -> [Stat?] {
        let requests = paths.map { Request.exists(ExistsRequest(path: $0, watch: false)) }
        var stats: [Stat?] = []
        for (path, answer) in zip(paths, try await pipe.answers(to: requests)) {
            switch answer {
            case .success(.stat(let stat)): stats.append(stat)
            case .failure(.noNode): stats.append(nil)
            case .failure(let code):
                throw CommandFailure(.refused, "\(path): \(pipe.server) answers \(code)")
            default: throw CommandFailure(.failure, "\(path): the answer has another shape")
            }
        }
        return stats
    }

    /// What is there in a znode's place, with the kind of that.
    func read(_ znode: PortableZNode) async throws(CommandFailure) -> PortableZNode {
        let path = znode.path
        let answers = try await pipe.answers(to: Self.readings(path))
        switch (answers[0], answers[1]) {
        case (.success(.data(let data)), .success(.acl(let acl))):
            return PortableZNode(path: path, kind: znode.kind, data: data.data, acl: acl.acl)
        case (.failure(let code), _), (_, .failure(let code)):
            throw CommandFailure(.refused, "\(path): \(pipe.server) answers \(code)")
        default: throw CommandFailure(.failure, "\(path): the answer has another shape")
        }
    }

    static func readings(_ path: String) -> [Request] {
        [.getData(GetDataRequest(path: path, watch: false)), .getACL(GetACLRequest(path: path))]
    }

    func nextLines() async throws(CommandFailure) -> [LineFile.Line] {
        while true {
            let lines = try await file.next(
                Limits.creationsPerBatch,
                bytesMax: Limits.creationBytesPerBatch
            )
            let wanted = lines.filter { plan.scope.part($0.znode.path) != .elsewhere }
            if !wanted.isEmpty || lines.isEmpty { return wanted }
        }
    }
}

extension TreeImport {
    func nextLinesOrFault() async -> Result<[LineFile.Line], CommandFailure> {
        do throws(CommandFailure) {
            return .success(try await nextLines())
        } catch {
            return .failure(error)
        }
    }
}
