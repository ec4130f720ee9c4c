import Runtime
import ServiceModel
import ZNodeTree

/// One connection's socket, with what the loop was asked about it.
///
/// Owner: the actor `RegistryServer`.
final class Link {
    let id: ConnectionID
    /// What the engine knows of it; nil only when it knows nothing.
    private let connection: Connection?
    var socket: StreamSocket
    var interest: Interest = .read
    /// The peer sends no more, or is not read from for now.
    var isReading = true
    /// What was received last stands in the shared space still.
    private var isInSpace = false
    /// Closed once everything is written.
    var isFinishing = false
    /// Why, for the log.
    var finishReason: ClosingReason?
    /// It used up a slice of work, and stands in line until then.
    var heavyUntil = Instant(nanoseconds: .min)
    /// True while it stands in line.
    var isInLine = false
    /// It stands in line for its requests, and not only to write more.
    var hasRequests = false
    /// The kernel takes no more bytes for now.
    var isBlocked = false

    init(id: ConnectionID, connection: Connection?, socket: consuming StreamSocket) {
        (self.id, self.connection) = (id, connection)
        self.socket = socket
    }

    /// Reads once, into the space of all links when nothing is left from before.
    func receive(into space: inout ReceiveSpace) -> StreamSocket.ReadOutcome {
        guard socket.inboundCount == 0 else { return socket.fill() }
        let outcome = socket.receive(into: &space)
        // The space is another link's the next moment: it counts only together with these bytes.
        if case .received = outcome { isInSpace = true }
        return outcome
    }

    /// Answers a ping that came alone, without any list of actions.
    ///
    /// - Returns: What came of writing; nil, with nothing done, for anything but a lone ping.
    func answerPing(
        with engine: inout ServerEngine,
        from space: borrowing ReceiveSpace,
        at moment: Moment
    ) -> StreamSocket.WriteOutcome? {
        let now = EventLoop.monotonicNow()
        guard isInSpace, !isFinishing, socket.outboundCount == 0, let connection,
            let reply = engine.ping(space.bytes, on: connection, at: moment, now: now)
        else { return nil }
        isInSpace = false
        return socket.write(reply.span)
    }

    /// Offers what was received to the engine and keeps what it did not use.
    func offer(
        to engine: inout ServerEngine,
        from space: borrowing ReceiveSpace,
        at moment: Moment
    ) -> Intake.Next {
        let intake = isInSpace ? use(space, engine: &engine, at: moment) : use(&engine, at: moment)
        if intake.next == .anotherTurn || intake.work > engine.workPerSlice {
            heavyUntil = moment.now + Limits.heavyTime + Limits.workUnitTime * intake.work
        }
        return intake.next
    }

    private func use(_ engine: inout ServerEngine, at moment: Moment) -> Intake {
        let intake = engine.received(socket.inbound, on: id, at: moment)
        socket.consume(intake.consumed)
        return intake
    }

    private func use(
        _ space: borrowing ReceiveSpace,
        engine: inout ServerEngine,
        at moment: Moment
    ) -> Intake {
        isInSpace = false
        let bytes = space.bytes
        let intake = engine.received(bytes, on: id, at: moment)
        guard intake.consumed < bytes.count else { return intake }
        guard socket.keep(bytes.extracting(intake.consumed...)) else {
            fatalError("\(bytes.count - intake.consumed) bytes exceed the inbound bound")
        }
        return intake
    }

    /// What to ask the loop for: writing only while something is unsent.
    func wanted() -> Interest {
        var wanted: Interest = isReading && !isFinishing ? .read : []
        if isBlocked, socket.outboundCount > 0 { wanted.insert(.write) }
        return wanted
    }

    /// Writes until the time is over, or the kernel takes no more: the link is blocked then.
    ///
    /// Each call of the kernel wakes the reader, so there are few: the second is as long as the time allows,
    /// going by what the first one took.
    func write() -> StreamSocket.WriteOutcome {
        var size = Limits.flushBytesPerCall
        guard socket.outboundCount > size else {
            let outcome = socket.flush()
            isBlocked = socket.outboundCount > 0
            return outcome
        }
        let end = EventLoop.monotonicNow() + Limits.flushTimeMax
        while true {
            let (start, before) = (EventLoop.monotonicNow(), socket.outboundCount)
            let outcome = socket.flush(upTo: size)
            let now = EventLoop.monotonicNow()
            isBlocked = before - socket.outboundCount < size
            guard case .pending = outcome, !isBlocked, now < end else { return outcome }
            let growth = min((end - now) / max(now - start, .nanoseconds(1)), Limits.flushGrowthMax)
            size = max(Limits.flushBytesPerCall, Int(Double(size) * growth))
        }
    }
}
