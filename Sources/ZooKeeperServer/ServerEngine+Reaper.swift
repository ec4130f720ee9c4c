import ServiceModel
import ZNodeTree

/// The reaper: at intervals it takes containers that are empty and TTL nodes whose time is over.
///
/// Each goes like any deletion, at a zxid of its own and with its events. A look that finds many is cut
/// into slices, so that no more go in a minute than in ZooKeeper and nobody waits for them.
extension ServerEngine {
    /// When the reaper looks next; nil while there is nothing that could ever go.
    var reaperDeadline: Instant? { tree.reapableCount > 0 ? nextReap : nil }

    /// While nothing can go, the next look stays less than an interval away.
    mutating func delayReaper(_ now: Instant) {
        if tree.reapableCount == 0, nextReap <= now { nextReap = now + settings.reaperInterval }
    }

    /// One slice of a look, if its time has come.
    mutating func reap(at moment: Moment) {
        guard moment.now >= nextReap else { return }
        for _ in 0..<Limits.reapsPerSliceMax {
            guard acceptsChanges, let outcome = tree.reapNext(at: moment.time) else {
                nextReap = moment.now + settings.reaperInterval
                return
            }
            statistics.reaped += 1
            deliver(outcome.hits, needing: outcome.zxid)
            if durability == .inMemory { durable(upTo: tree.lastZxid) }
        }
        nextReap = moment.now + Limits.reapPause
    }
}
