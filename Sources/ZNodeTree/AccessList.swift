import ZooKeeperProtocol

/// An access list that many nodes share: nearly all have one of a handful.
///
/// Owner: the tree. Its entries never change; a node that gets others has another list.
final class AccessList {
    let entries: [ACL]
    /// What anybody may do, whoever it is.
    let everyone: ACL.Permissions
    /// Nodes in the tree that have this very list; not counted for `open`.
    fileprivate(set) var uses = 0

    init(_ entries: [ACL]) {
        self.entries = entries
        everyone = entries.reduce(into: []) { all, entry in
            if entry.scheme == "world" { all.formUnion(entry.permissions) }
        }
    }
}

/// The lists of all nodes, each kept once.
///
/// Invariant: a list is in the table while a node in the tree has it.
struct AccessLists {
    /// What nearly every node has: it is not in the table.
    let open = AccessList(ACL.openUnsafe)
    private var lists: [[ACL]: AccessList] = [:]

    var count: Int { lists.count }

    /// The list with these entries, a new one if no node has them.
    ///
    /// - Complexity: O(entries).
    func list(_ entries: [ACL]) -> AccessList {
        entries == open.entries ? open : lists[entries] ?? AccessList(entries)
    }

    /// A node with the list has come.
    mutating func add(_ list: AccessList) {
        guard list !== open else { return }
        if list.uses == 0 { lists[list.entries] = list }
        list.uses += 1
    }

    /// A node with the list has gone.
    mutating func remove(_ list: AccessList) {
        guard list !== open else { return }
        list.uses -= 1
        if list.uses == 0 { lists[list.entries] = nil }
    }
}
