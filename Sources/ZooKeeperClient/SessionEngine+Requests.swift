internal import ServiceModel
internal import Wire
internal import ZooKeeperProtocol

// Requests on their way out, replies and events on their way in.
extension SessionEngine {
    /// Takes a request; its reply comes as an event, also when it is refused here.
    mutating func submit(_ request: Request, _ origin: Origin, now: Instant) {
        do throws(ZooKeeperError) {
            try accept(request, origin, now)
        } catch {
            output.events.append(.reply(origin, .failure(error), zxid: 0))
        }
    }

    private mutating func accept(
        _ request: Request,
        _ origin: Origin,
        _ now: Instant
    ) throws(ZooKeeperError) {
        switch phase {
        case .closing, .closed: throw ZooKeeperError(.closed, "\(request.opCode): session closed")
        case .idle, .pausing, .resolving, .dialing, .handshaking, .connected: break
        }
        if case .auth(let packet) = request {
            try addCredential(packet, origin, now)
            return
        }
        guard inFlight.count + waiting.count < Limits.requestsInFlightMax,
            inFlight.bytes + waiting.bytes < Limits.requestBytesInFlightMax
        else {
            throw ZooKeeperError(
                .overloaded,
                "\(request.opCode): \(inFlight.count + waiting.count) requests are unanswered"
            )
        }
        let full = try chroot.full(request)
        let registration = WatchTable.registration(of: full)
        guard registration?.isNew != true || watches.count < Limits.watchesMax else {
            throw ZooKeeperError(.overloaded, "\(request.opCode): \(watches.count) watches are set")
        }
        scratch.removeAll()
        FrameWriter.append(full, xid: nextXID, to: &scratch)
        let byteCount = scratch.count - ZooKeeperProtocol.Limits.frameLengthBytes
        guard byteCount <= setup.requestBytesMax else {
            throw ZooKeeperError(
                .badArgument,
                "\(request.opCode): \(byteCount) bytes, and servers take \(setup.requestBytesMax)"
            )
        }
        let pending = PendingRequest(
            xid: nextXID,
            origin: origin,
            opCode: full.opCode,
            path: full.mainPath,
            byteCount: byteCount,
            registration: registration
        )
        guard phase == .connected else {
            waiting.append(pending)
            waitingFrames.append(scratch.bytes)
            return
        }
        _ = takeXID()
        inFlight.append(pending)
        output.bytes += scratch.bytes
        noteSent(now)
    }

    /// xids run from 1 and start again after the largest: those below 0 mean other things.
    mutating func takeXID() -> Int32 {
        defer { nextXID = nextXID == .max ? 1 : nextXID + 1 }
        return nextXID
    }

    /// A connection is there: what waited for it goes out, in order.
    mutating func sendWaiting(_ now: Instant) {
        let requests = waiting.removeAll()
        let frames = waitingFrames
        waitingFrames = []
        for (var request, frame) in zip(requests, frames) {
            request.xid = takeXID()
            inFlight.append(request)
            scratch.removeAll()
            scratch.writeBytes(frame)
            scratch.patchInt32(request.xid, at: ZooKeeperProtocol.Limits.frameLengthBytes)
            output.bytes += scratch.bytes
            noteSent(now)
        }
    }

    // MARK: Credentials

    private mutating func addCredential(
        _ packet: AuthPacket,
        _ origin: Origin,
        _ now: Instant
    ) throws(ZooKeeperError) {
        guard credentials.count < Limits.credentialsMax else {
            throw ZooKeeperError(.overloaded, "auth: \(credentials.count) credentials are set")
        }
        let bytes = packet.credential ?? []
        guard packet.scheme.utf8.count + bytes.count <= Limits.credentialBytesMax else {
            throw ZooKeeperError(
                .badArgument,
                "auth: a credential has at most \(Limits.credentialBytesMax) bytes"
            )
        }
        let index = credentials.add(.init(scheme: packet.scheme, bytes: bytes), origin)
        if phase == .connected { sendCredential(index, now) }
    }

    mutating func sendCredential(_ index: Int, _ now: Instant) {
        let packet = credentials.packet(index)
        write(now) { FrameWriter.append(packet, xid: XID.auth, to: &$0) }
        credentials.sent(index)
    }

    mutating func failWaiting(_ code: ZooKeeperError.Code, _ reason: String) {
        for origin in credentials.takeOrigins() {
            let error = ZooKeeperError(code, "auth: \(reason)")
            output.events.append(.reply(origin, .failure(error), zxid: 0))
        }
        waitingFrames = []
        for request in waiting.removeAll() { fail(request, code, reason) }
    }

    mutating func failInFlight(_ reason: String) {
        for request in inFlight.removeAll() where request.opCode != .closeSession {
            fail(request, .outcomeUnknown, reason)
        }
    }

    private mutating func fail(
        _ request: PendingRequest,
        _ code: ZooKeeperError.Code,
        _ reason: String
    ) {
        let error = ZooKeeperError(code, "\(request.opCode) \(chroot.own(request.path)): \(reason)")
        output.events.append(.reply(request.origin, .failure(error), zxid: 0))
    }

    // MARK: Bytes from the server

    /// Bytes of the connection arrived, in any pieces.
    mutating func received(_ bytes: Span<UInt8>, attempt: UInt64, now: Instant) {
        guard attempt == self.attempt else { return }
        lastReceived = now
        unansweredSince = nil
        decoder.append(bytes)
        // Bound: each turn takes a frame of at least one byte out of the decoder.
        while attempt == self.attempt, isReading {
            do throws(WireError) {
                guard try decoder.next() else { return }
                try takeFrame(now)
                moveIfIdle(now)
            } catch {
                disconnect("the server's bytes make no sense: \(error)", now)
                return
            }
        }
    }

    private var isReading: Bool {
        switch phase {
        case .handshaking, .connected, .closing: true
        case .idle, .pausing, .resolving, .dialing, .closed: false
        }
    }

    private mutating func takeFrame(_ now: Instant) throws(WireError) {
        // A copy of the decoder would share its buffer; the frame is read before anything is appended.
        let frame = decoder
        var reader = ByteReader(frame.frame)
        if case .handshaking = phase {
            guard reader.count != Limits.replyHeaderBytes else {
                sessionRefused(try ReplyHeader(from: &reader), now)
                return
            }
            handshake(try ConnectResponse(from: &reader), now)
            return
        }
        let header = try ReplyHeader(from: &reader)
        switch header.xid {
        case XID.event: take(try WatchEvent(from: &reader))
        case XID.ping: noteZxid(header.zxid)
        case XID.auth: takeAuth(header)
        case XID.setWatches:
            noteZxid(header.zxid)
            if header.error != .ok {
                if header.error == .unimplemented {
                    hasRefusedWatches = true
                    watches.removePersistent()
                }
                disconnect("watches could not be set again: \(header.error)", now)
            }
        default: try takeReply(header, &reader, now)
        }
    }

    private mutating func noteZxid(_ zxid: Int64) { lastZxid = max(lastZxid, zxid) }

    private mutating func take(_ event: WatchEvent) {
        watches.fired(event)
        var own = event
        own.path = chroot.own(event.path)
        output.events.append(.watch(own))
    }

    private mutating func takeAuth(_ header: ReplyHeader) {
        guard header.error != .ok else {
            guard let origin = credentials.accepted() else { return }
            output.events.append(.reply(origin, .success(.empty), zxid: header.zxid))
            return
        }
        note("a credential was refused: \(header.error)")
        output.commands.append(.disconnect)
        finishClose(.authFailed)
    }

    private mutating func takeReply(
        _ header: ReplyHeader,
        _ reader: inout ByteReader,
        _ now: Instant
    ) throws(WireError) {
        guard let request = inFlight.first, request.xid == header.xid else {
            let wanted = inFlight.first.map { "\($0.xid)" } ?? "none"
            disconnect("reply to xid \(header.xid) where \(wanted) was next", now)
            return
        }
        noteZxid(header.zxid)
        inFlight.removeFirst()
        guard request.opCode != .closeSession else {
            output.commands.append(.disconnect)
            finishClose(.closed)
            return
        }
        if let registration = request.registration {
            let removed = watches.answered(registration, header.error)
            if case .call(let number) = request.origin, !removed.isEmpty {
                removals[number] = Set(removed)
            }
        }
        warnOfChildList(request, reader.count)
        guard header.error == .ok else {
            let error = refusal(of: request, header.error)
            output.events.append(.reply(request.origin, .failure(error), zxid: header.zxid))
            return
        }
        do throws(WireError) {
            let response = try Response.decode(request.opCode, from: &reader)
            let own = chroot.own(response, to: request.opCode)
            output.events.append(.reply(request.origin, .success(own), zxid: header.zxid))
        } catch {
            fail(request, .badReply, "\(error)")
            throw error
        }
    }

    private func refusal(of request: PendingRequest, _ code: ErrorCode) -> ZooKeeperError {
        let attempt = "\(request.opCode) \(chroot.own(request.path))"
        guard code == .notReadOnly, isReadOnly else {
            return ZooKeeperError(refused: code, attempt)
        }
        let reason =
            "\(server) is cut off from its ensemble and only reads; try again when the session"
            + " is connected for writes"
        return ZooKeeperError(refused: code, attempt, reason: reason)
    }

    /// Other clients refuse replies that long, and their services vanish without a word.
    private mutating func warnOfChildList(_ request: PendingRequest, _ byteCount: Int) {
        guard byteCount > Limits.childListWarnBytes, !hasWarnedOfChildList,
            request.opCode == .getChildren || request.opCode == .getChildren2
        else { return }
        hasWarnedOfChildList = true
        note(
            "the child list of \(chroot.own(request.path)) has \(byteCount) bytes;"
                + " clients with the usual limit of \(ZooKeeperProtocol.Limits.frameBytesMax) break"
        )
    }
}

extension Request {
    /// The path that stands for the request in messages; empty where it has none or many.
    var mainPath: String {
        switch self {
        case .create(let record), .create2(let record), .createContainer(let record): record.path
        case .createTTL(let record): record.create.path
        case .delete(let record): record.path
        case .exists(let record): record.path
        case .getData(let record): record.path
        case .setData(let record): record.path
        case .getACL(let record): record.path
        case .setACL(let record): record.path
        case .getChildren(let record), .getChildren2(let record): record.path
        case .sync(let record): record.path
        case .check(let record): record.path
        case .checkWatches(let record), .removeWatches(let record): record.path
        case .getEphemerals(let record): record.prefix
        case .getAllChildrenNumber(let record): record.path
        case .addWatch(let record): record.path
        case .multi, .multiRead, .reconfig, .auth, .setWatches, .setWatches2, .ping, .whoAmI,
            .closeSession:
            ""
        }
    }
}
