import ServiceModel
import ZNodeTree

/// Holds each reply and event until the change it shows is durable.
///
/// Step of the data flow: the last one before a connection's bytes go to its socket. Invariants: frames of one
/// connection leave in the order in which they came, so one that waits holds back all behind it; nothing
/// leaves before its zxid is durable; the durable zxid never goes back. A registry in memory moves the durable
/// zxid on with each change, so that nothing ever waits.
struct DurabilityGate {
    private struct Held {
        var frames: [(needs: Int64, asked: Asked?, frame: Frame)] = []
        var first = 0
        var count: Int { frames.count - first }
    }
    /// Frames that may leave now.
    struct Release {
        var connection: ConnectionID
        var frames: [Frame]
        /// What those of them that are answers were asked by.
        var asked: [Asked]
    }

    /// Every change up to this one survives a crash.
    private(set) var durable: Int64
    private var held: [ConnectionID: Held] = [:]
    /// Frames that wait, of all connections.
    private(set) var heldCount = 0

    init(durable: Int64) { self.durable = durable }

    /// True when a frame that shows changes up to `zxid` may leave at once.
    func isOpen(for connection: ConnectionID, needing zxid: Int64) -> Bool {
        zxid <= durable && (heldCount == 0 || held[connection] == nil)
    }

    /// Keeps a frame for which the gate is not open, with what it was asked by; nil for an event.
    mutating func hold(
        _ frame: Frame,
        for connection: ConnectionID,
        needing zxid: Int64,
        asked: Asked?
    ) {
        held[connection, default: Held()].frames.append((zxid, asked, frame))
        heldCount += 1
    }

    /// Frames of the connection that wait.
    func heldCount(of connection: ConnectionID) -> Int {
        heldCount > 0 ? held[connection]?.count ?? 0 : 0
    }

    /// The connection is gone, and what it waited for with it.
    mutating func forget(_ connection: ConnectionID) {
        guard heldCount > 0 else { return }
        heldCount -= held.removeValue(forKey: connection)?.count ?? 0
    }

    /// Changes up to `zxid` became durable.
    ///
    /// - Returns: What may leave now, by connection.
    /// - Complexity: O(connections that wait, and frames released).
    mutating func advance(to zxid: Int64) -> [Release] {
        guard zxid > durable else { return [] }
        durable = zxid
        guard heldCount > 0 else { return [] }
        return held.keys.sorted().compactMap { release($0) }
    }

    private mutating func release(_ connection: ConnectionID) -> Release? {
        guard var queue = held.removeValue(forKey: connection) else { return nil }
        var release = Release(connection: connection, frames: [], asked: [])
        while queue.first < queue.frames.count, queue.frames[queue.first].needs <= durable {
            release.frames.append(queue.frames[queue.first].frame)
            if let asked = queue.frames[queue.first].asked { release.asked.append(asked) }
            queue.frames[queue.first].frame = Frame(head: [])
            queue.first += 1
        }
        heldCount -= release.frames.count
        if queue.count > 0 {
            if queue.first > queue.frames.count / 2 {
                queue.frames.removeFirst(queue.first)
                queue.first = 0
            }
            held[connection] = queue
        }
        return release.frames.isEmpty ? nil : release
    }
}
