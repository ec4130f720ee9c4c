import ZooKeeperProtocol

/// Which znodes of a file an import is about.
struct ImportScope: Sendable {
    /// What a line is to the import.
    enum Part: Sendable {
        /// A znode to make.
        case znode
        /// The limits of a quota, made when all znodes are there.
        case quota
        /// Not below the path that was asked for, or nothing that a chroot has.
        case elsewhere
    }

    /// Only this path and what is below it.
    let top: String
    /// Below a chroot there are no quotas to set.
    let hasChroot: Bool

    /// What a path is to the import.
    func part(_ path: String) -> Part {
        guard ServerZNodes.isQuota(path) else {
            return ZNodePath.isSame(path, orBelow: top) ? .znode : .elsewhere
        }
        let limited = ZNodePath.parent(of: path)?.dropFirst(QuotaText.root.count) ?? ""
        let isWanted = ZNodePath.isSame(limited.isEmpty ? "/" : String(limited), orBelow: top)
        return !hasChroot && isWanted ? .quota : .elsewhere
    }
}

/// What is known of a file after one look at all of its lines.
///
/// Step of the data flow: made before a server is changed in any way. Refuses lines that could not be
/// carried out on any server. Memory: a mark a znode.
struct ImportPlan: Sendable {
    /// A parent that the server must have.
    struct OuterParent: Sendable {
        let path: String
        /// First line that needs it.
        let line: Int
    }

    let scope: ImportScope
    let requestBytesMax: Int
    private(set) var znodes = 0
    private(set) var quotas = 0
    private(set) var elsewhere = 0
    /// All znodes to make.
    private(set) var marks: Set<PathMark> = []
    private(set) var outerParents: [PathMark: OuterParent] = [:]
    /// Znodes with children to make, below which not everybody may make any.
    private(set) var locked: Set<PathMark> = []
    private var restricted: Set<PathMark> = []
    private var quotaMarks: Set<PathMark> = []

    init(_ scope: ImportScope, requestBytesMax: Int) {
        (self.scope, self.requestBytesMax) = (scope, requestBytesMax)
    }

    /// Looks at the next line.
    mutating func take(_ line: LineFile.Line) throws(LineFault) {
        let path = line.znode.path
        let part = scope.part(path)
        if part == .elsewhere {
            elsewhere += 1
            return
        }
        let bytes = line.znode.requestBytes
        guard bytes <= requestBytesMax else {
            throw LineFault(
                reason: "\(path) takes a request of \(bytes) bytes, and servers take "
                    + "\(requestBytesMax) unless --max-buffer says otherwise"
            )
        }
        let mark = PathMark(path)
        if part == .quota {
            guard quotaMarks.insert(mark).inserted else { throw twice(path) }
            quotas += 1
            return
        }
        guard scope.hasChroot || !ServerZNodes.contains(path) else {
            throw LineFault(reason: "\(path) belongs to the server; take the line out")
        }
        if let outer = outerParents[mark] {
            throw LineFault(reason: "\(path) stands behind its child of line \(outer.line)")
        }
        guard marks.insert(mark).inserted else { throw twice(path) }
        znodes += 1
        if !line.znode.letsEverybodyCreate { restricted.insert(mark) }
        guard let parent = ZNodePath.parent(of: path) else { return }
        let parentMark = PathMark(parent)
        if restricted.contains(parentMark) { locked.insert(parentMark) }
        if !marks.contains(parentMark), outerParents[parentMark] == nil {
            outerParents[parentMark] = OuterParent(path: parent, line: line.number)
        }
    }

    private func twice(_ path: String) -> LineFault {
        LineFault(reason: "\(path) stands in the file twice")
    }
}

extension PortableZNode {
    fileprivate var letsEverybodyCreate: Bool {
        acl.contains {
            $0.scheme == "world" && $0.id == "anyone" && $0.permissions.contains(.create)
        }
    }
}
