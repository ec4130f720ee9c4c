import Runtime
import ServiceModel
import ZNodeTree

/// One connection's socket, with what the loop was asked about it.
///
/// Owner: the actor `RegistryServer`.
final class Link {
    let id: ConnectionID
    var socket: StreamSocket
    var interest: Interest = .read
    /// The peer sends no more, or is not read from for now.
    var isReading = true
    /// Closed once everything is written.
    var isFinishing = false
    /// Why, for the log.
    var finishReason: ClosingReason?
    /// It used up a slice of work, and stands in line until then.
    var heavyUntil = Instant(nanoseconds: .min)
    /// True while it stands in line.
    var isInLine = false

    init(id: ConnectionID, socket: consuming StreamSocket) {
        self.id = id
        self.socket = socket
    }

    /// Offers what was received to the engine and drops what it used.
    func offer(to engine: inout ServerEngine, at moment: Moment) -> Intake.Next {
        let intake = engine.received(socket.inbound, on: id, at: moment)
        socket.consume(intake.consumed)
        if intake.next == .anotherTurn { heavyUntil = moment.now + Limits.heavyTime }
        return intake.next
    }

    /// What to ask the loop for: writing only while something is unsent.
    func wanted() -> Interest {
        var wanted: Interest = isReading && !isFinishing ? .read : []
        if socket.outboundCount > 0 { wanted.insert(.write) }
        return wanted
    }
}
