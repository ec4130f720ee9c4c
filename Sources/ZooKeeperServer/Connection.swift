import Runtime
import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// What the engine knows of one connection.
///
/// Only `ServerEngine` changes it. Invariant: a connection is in `serving` exactly while the engine's table
/// of sessions names it as that session's connection.
final class Connection {
    enum Phase: Equatable {
        /// Nothing has come yet; closed at the deadline.
        case opening
        /// It speaks for a session.
        case serving(session: Int64)
        /// A four-letter word is being answered, in slices; nothing is read any more.
        case answering
        /// What is in `out` is sent, then it is closed; nothing is read any more.
        case finishing
        /// To be closed at once.
        case broken
    }

    let id: ConnectionID
    /// Nil for a descriptor that was handed in.
    let peer: SocketAddress?
    var phase = Phase.opening
    var identities: [Identity]
    /// Frames that may leave, not yet fetched by the shell.
    var out = Outbox()
    /// Frames that wait for durability; only the gate changes it.
    var held = HeldFrames()
    /// Bytes that the shell has fetched and could not write yet.
    var unsent = 0
    /// What is counted of it in the bytes that wait in all.
    var weight = 0
    /// Bytes of events since everything was last written.
    var eventBytes = 0
    /// True while the shell has to look at it at the end of the turn.
    var isDirty = false
    /// True while requests wait because the peer does not read.
    var isPaused = false
    /// True while it is among those whose requests wait for the disk.
    var isAwaitingLog = false
    /// A long setWatches that is under way; its frame is the oldest that is not used yet.
    var catchUp: WatchCatchUp?
    /// What is still to be written of the answer to a four-letter word.
    var answer: WordAnswer?
    /// Set when bytes were written since the last look at connections that do not read.
    var hasProgressed = false
    /// True while they wait for room among all connections' bytes.
    var isCramped = false
    /// True once the log says that they wait.
    var isNoted = false
    /// Bytes that came and were not used yet: part of a frame, or requests that wait.
    var inbound = 0
    /// Since when part of a request is there, and when more of it last came; nil while none is, or it waits here.
    var inboundSince: (start: Instant, grown: Instant)?
    /// Since when something is unsent, and when the peer last took any of it; nil while nothing is.
    var backlogSince: (start: Instant, taken: Instant)?
    /// Why it is broken, for the log.
    var breakReason: ClosingReason?
    var statistics = ConnectionStatistics()
    /// The greatest zxid in the header of a reply so far.
    private var toldZxid: Int64 = 0
    /// When it was accepted or handed in.
    let openedAt: Instant

    init(id: ConnectionID, peer: SocketAddress?, now: Instant) {
        (self.id, self.peer, openedAt) = (id, peer, now)
        identities = peer.map { [Identity(scheme: "ip", id: "\($0.ip)")] } ?? [.superUser]
    }

    /// The zxid for the header of the next reply: clients take the last one for the greatest they saw.
    func told(_ zxid: Int64) -> Int64 {
        toldZxid = max(toldZxid, zxid)
        return toldZxid
    }

    var session: Int64? {
        if case .serving(let session) = phase { session } else { nil }
    }
    var backlog: Int { unsent + out.count }
    /// As the word `stat` shows it.
    var peerText: String { peer.map { "/\($0)" } ?? "/embedded" }
}
