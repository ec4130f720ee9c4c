import ServiceModel

@testable import ZNodeTree
@testable import ZooKeeperServer

/// Containers and TTL nodes go by themselves: which, and in what order, is the server's choice within bounds.
extension ServerChecker {
    /// The server has deleted so many nodes by itself, each at a zxid of its own.
    ///
    /// Only what the parents keep shows the order, so theirs is taken over where it can be right.
    mutating func reaped(
        _ count: Int,
        _ engine: borrowing ServerEngine,
        _ moment: Moment
    ) throws(Fault) {
        guard count > 0 else { return }
        // Children first: a container may go in the same look as the last one in it.
        let gone = model.tree.nodes.keys.filter { engine.tree.node($0.description) == nil }
            .sorted { ($1.bytes.count, $0) < ($0.bytes.count, $1) }
        // What sessions took with them in the same turn is not the reaper's.
        let own = gone.filter { model.tree.nodes[$0]?.owner == 0 }
        guard own.count == count else {
            throw Fault("nodes that went by themselves", expected: "\(count)", came: "\(own)")
        }
        for path in own {
            guard model.canGo(path, moment.time) else {
                throw Fault(
                    "\(path) went by itself, and should not have",
                    came: model.tree.nodes[path].map { "\($0)" } ?? ""
                )
            }
            model.reap(path)
        }
        model.tellOfReaped(first: model.lastZxid - Int64(count) + 1)
        let first = model.lastZxid - Int64(count) + 1
        try takeOver(own, first: first, engine)
        let (moment, last) = (model.moment, model.lastZxid)
        model.moments?.replace(moment, at: last, unknownFrom: first)
    }

    private mutating func takeOver(
        _ gone: [PlainPath],
        first: Int64,
        _ engine: borrowing ServerEngine
    ) throws(Fault) {
        var places: Set<Int64> = []
        for parent in Set(gone.compactMap(\.parent)).sorted() {
            guard model.tree.nodes[parent] != nil else { continue }
            let least = first + Int64(gone.count { $0.parent == parent }) - 1
            let came = engine.tree.node(parent.description)?.pzxid ?? 0
            // An ephemeral that went later in the same turn hides it, and nobody can see it any more.
            if came > model.lastZxid { continue }
            guard (least...model.lastZxid).contains(came), places.insert(came).inserted else {
                throw Fault("pzxid of \(parent)", expected: "from \(least) on", came: "\(came)")
            }
            model.tree.nodes[parent]?.pzxid = came
            model.tree.nodes[parent]?.changed = came
        }
    }

    /// Nothing that could go is there for longer than the server looks away.
    mutating func nothingLingers(_ moment: Moment) throws(Fault) {
        guard model.tree.nodes.values.contains(where: { $0.isContainer || $0.ttl != nil }) else {
            couldGoSince = [:]
            return
        }
        let ready = Set(model.tree.nodes.keys.filter { model.canGo($0, moment.time) })
        couldGoSince = couldGoSince.filter { ready.contains($0.key) }
        for path in ready.sorted() {
            let since = couldGoSince[path] ?? moment.now
            couldGoSince[path] = since
            guard moment.now - since <= reaperInterval + .milliseconds(100) else {
                throw Fault("\(path) should have gone by itself", came: "\(moment.now - since)")
            }
        }
    }
}
