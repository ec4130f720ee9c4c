import ServiceModel
import ZNodeTree

/// Holds each reply and event until the change it shows is durable.
///
/// Step of the data flow: the last one before a connection's bytes go to its socket. What waits is kept by the
/// connections. Invariants: frames of one connection leave in the order in which they came; nothing leaves before
/// its zxid is durable; the durable zxid never goes back; every connection that holds something stands in
/// `waiting`. A registry in memory moves the durable zxid on with each change, so that nothing ever waits.
struct DurabilityGate {
    /// Every change up to this one survives a crash.
    private(set) var durable: Int64
    /// In the order in which they began to wait, and some that ended since.
    private var waiting: [Connection] = []
    /// Frames that wait, of all connections.
    private(set) var heldCount = 0

    init(durable: Int64) { self.durable = durable }

    /// True when a frame that shows changes up to `zxid` may leave at once.
    func isOpen(for connection: Connection, needing zxid: Int64) -> Bool {
        zxid <= durable && connection.held.isEmpty
    }

    /// Keeps a frame for which the gate is not open, with what it was asked by; nil for an event.
    mutating func hold(
        _ frame: Frame,
        for connection: Connection,
        needing zxid: Int64,
        asked: Asked?
    ) {
        if connection.held.isEmpty { waiting.append(connection) }
        connection.held.append(frame, needing: zxid, asked: asked)
        heldCount += 1
    }

    /// The connection is gone, and what it waited for with it.
    mutating func forget(_ connection: Connection) {
        heldCount -= connection.held.count
        connection.held = HeldFrames()
    }

    /// Changes up to `zxid` became durable.
    ///
    /// - Returns: What may leave now, by connection.
    /// - Complexity: O(connections that wait, and frames released).
    mutating func advance(
        to zxid: Int64
    ) -> [(connection: Connection, released: HeldFrames.Release)] {
        guard zxid > durable else { return [] }
        durable = zxid
        guard !waiting.isEmpty else { return [] }
        var releases: [(connection: Connection, released: HeldFrames.Release)] = []
        releases.reserveCapacity(waiting.count)
        for connection in waiting {
            let released = connection.held.take(upTo: zxid)
            heldCount -= released.count
            if released.count > 0 { releases.append((connection, released)) }
        }
        waiting.removeAll { $0.held.isEmpty }
        return releases
    }
}
