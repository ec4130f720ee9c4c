import ZooKeeperClient
import ZooKeeperProtocol

// Znodes: creating, reading, changing, removing, listing.
extension ShellRunner {
    func runOnNodes(_ command: ShellCommand) async throws(ShellFailure) {
        switch command {
        case .create(let path, let data, let acl, let mode, let ttl):
            try await create(path, data, acl, mode, ttl)
        case .delete(let path, let version):
            try await ask(path) { () throws(ZooKeeperError) in
                try await session.delete(path, version: version)
            }
        case .deleteAll(let path, let batch): try await deleteAll(path, batch)
        case .get(let path, let hasStat, let watch):
            let (data, stat) = try await ask(path) { () throws(ZooKeeperError) in
                try await session.getData(path, watch: watch)
            }
            show([text(data)] + (hasStat ? StatText.lines(stat) : []))
        case .set(let path, let data, let version, let hasStat):
            let stat = try await ask(path) { () throws(ZooKeeperError) in
                try await session.setData(path, data: data, version: version)
            }
            if hasStat { show(StatText.lines(stat)) }
        case .list(let path, let hasStat, let watch, let isRecursive):
            if isRecursive {
                try await walk(path, watch: watch) { screen.out($0) }
            } else {
                try await list(path, hasStat, watch)
            }
        case .stat(let path, let watch):
            let stat = try await ask(path) { () throws(ZooKeeperError) in
                try await session.exists(path, watch: watch)
            }
            guard let stat else { throw ShellFailure(FailureText.sentence(.noNode, path)) }
            show(StatText.lines(stat))
        default: try await runOnCounts(command)
        }
    }

    private func runOnCounts(_ command: ShellCommand) async throws(ShellFailure) {
        switch command {
        case .sync(let path):
            do throws(AskFailure) {
                try await attempt(path) { () throws(ZooKeeperError) in try await session.sync(path)
                }
                screen.out("Sync is OK")
            } catch {
                guard let code = error.code else { throw error.failure }
                screen.out("Sync has failed. rc=\(code.rawValue)")
            }
        case .countDescendants(let path):
            let count = try await ask(path) { () throws(ZooKeeperError) in
                try await session.getAllChildrenNumber(path)
            }
            screen.out("\(count)")
        case .ephemerals(let prefix):
            if let prefix, let complaint = PathText.complaint(prefix) {
                throw ShellFailure(complaint)
            }
            let paths = try await ask(nil) { () throws(ZooKeeperError) in
                try await session.getEphemerals(prefix ?? ZNodePath.root)
            }
            screen.out("[" + paths.sorted(by: ShellText.isBefore).joined(separator: ", ") + "]")
        default: break
        }
    }

    private func create(
        _ path: String,
        _ data: [UInt8]?,
        _ acl: [ACL]?,
        _ mode: CreateMode,
        _ ttl: Int64?
    ) async throws(ShellFailure) {
        if let complaint = PathText.complaint(path, isSequential: mode.isSequential) {
            throw ShellFailure(complaint)
        }
        guard acl?.isEmpty != true else {
            throw ShellFailure(
                FailureText.message(.invalidACL, nil) + "\n"
                    + FailureText.sentence(.invalidACL, nil)
            )
        }
        let acl = acl ?? ACL.openUnsafe
        do throws(AskFailure) {
            let created = try await attempt(path, isSequential: mode.isSequential) {
                () throws(ZooKeeperError) in
                guard let ttl else {
                    return try await session.create(path, data: data, mode: mode, acl: acl)
                }
                return try await session.create(
                    path,
                    data: data,
                    ttlMilliseconds: ttl,
                    isSequential: mode.isSequential,
                    acl: acl
                ).path
            }
            screen.err("Created \(created)")
        } catch {
            if error.code == .invalidACL { screen.err(FailureText.message(.invalidACL, path)) }
            throw error.failure
        }
    }

    private func list(_ path: String, _ hasStat: Bool, _ watch: Bool) async throws(ShellFailure) {
        let (children, stat) = try await ask(path) { () throws(ZooKeeperError) in
            try await session.getChildren2(path, watch: watch)
        }
        let names = children.sorted(by: ShellText.isBefore).joined(separator: ", ")
        show(["[\(names)]"] + (hasStat ? StatText.lines(stat) : []))
    }

    /// Visits a znode and all below it: the children of one, then what is below each of them.
    ///
    /// Znodes that vanish meanwhile are left out.
    ///
    /// - Throws: `ShellFailure` when there is no such znode.
    func walk(
        _ path: String,
        watch: Bool,
        _ visit: (String) async throws(ShellFailure) -> Void
    ) async throws(ShellFailure) {
        _ = try await ask(path) { () throws(ZooKeeperError) in
            try await session.getData(path, watch: watch)
        }
        try await visit(path)
        // Bound: the tree's; each path waits once, those of one level in front of the next.
        var waiting = [path]
        while let next = waiting.popLast() {
            let children: [String]
            do throws(AskFailure) {
                children = try await attempt(next) { () throws(ZooKeeperError) in
                    try await session.getChildren(next, watch: watch)
                }
            } catch {
                guard error.code == .noNode else { throw error.failure }
                continue
            }
            let paths = children.sorted(by: ShellText.isBefore).map {
                ShellText.path(of: $0, in: next)
            }
            for child in paths { try await visit(child) }
            waiting += paths.reversed()
        }
    }

    /// Removes a znode and all below it, leaves first, in transactions of `batch` deletes.
    private func deleteAll(_ path: String, _ batch: Int) async throws(ShellFailure) {
        var tree = [path]
        var next = 0
        while next < tree.count {
            let parent = tree[next]
            let children = try await ask(parent) { () throws(ZooKeeperError) in
                try await session.getChildren(parent)
            }
            tree += children.map { ShellText.path(of: $0, in: parent) }
            next += 1
        }
        let deletes = tree.reversed().map { DeleteRequest(path: $0, version: -1) }
        var isLeft = false
        for batch in ShellText.batches(deletes, of: batch) {
            do throws(ZooKeeperError) {
                _ = try await session.multi(batch.map { .delete($0) })
            } catch {
                isLeft = true
                // What the server refuses is no reason to keep the rest; without one there is no rest.
                guard error.code == .refused else { break }
            }
        }
        guard !isLeft else { throw ShellFailure("Failed to delete some node(s) in the subtree!") }
    }
}

/// Small pure rules of the shell's lists.
enum ShellText {
    /// The order of Java's strings: by UTF-16.
    static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf16.lexicographicallyPrecedes(right.utf16)
    }

    /// A child's path.
    static func path(of name: String, in parent: String) -> String {
        parent == ZNodePath.root ? "/" + name : parent + "/" + name
    }

    /// Deletes in transactions that fit a request; a size below 1 means no other bound.
    static func batches(_ deletes: [DeleteRequest], of size: Int) -> [[DeleteRequest]] {
        var batches: [[DeleteRequest]] = []
        var batch: [DeleteRequest] = []
        var bytes = 0
        for delete in deletes {
            let isFull = size > 0 && batch.count >= size
            if isFull || bytes + delete.path.utf8.count > Limits.deleteBytesPerBatch {
                if !batch.isEmpty { batches.append(batch) }
                (batch, bytes) = ([], 0)
            }
            batch.append(delete)
            bytes += delete.path.utf8.count + Limits.deleteOverheadBytes
        }
        return batch.isEmpty ? batches : batches + [batch]
    }
}
