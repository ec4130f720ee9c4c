import ServiceModel
import ZNodeTree

/// What the shell has to do, in this order.
enum ServerAction: Equatable {
    /// Tell the aggregator; comes before the frames that it explains.
    case report(SessionFact)
    /// Tell the operator.
    case warn(String)
    /// Queue bytes to write: whole frames, or pieces of one that follow each other.
    case send(ConnectionID, [UInt8])
    /// Write all that was queued, and say how much is left.
    case flush(ConnectionID)
    /// Close when everything before is written; the reason is for the log, nil for nothing to say.
    case finish(ConnectionID, reason: ClosingReason?)
    /// Close at once; the reason is for the log, nil when there is nothing to say.
    case close(ConnectionID, reason: ClosingReason?)
    /// Say that the connection is held back; it stays.
    case note(ConnectionID, reason: ClosingReason)
    /// Offer the bytes that were received and not consumed once more.
    case resume(ConnectionID)
}

/// How far a connection's bytes were used.
struct Intake: Equatable {
    enum Next: Equatable {
        /// The rest is less than a frame.
        case moreBytes
        /// Whole frames may be left, for the next turn.
        case anotherTurn
        /// Nothing until `ServerAction.resume`.
        case wait
        /// Nothing ever.
        case never
    }
    var consumed: Int
    var next: Next
    /// What the engine did with it, in the units of `Limits.workPerSliceMax`.
    var work = 0
}
