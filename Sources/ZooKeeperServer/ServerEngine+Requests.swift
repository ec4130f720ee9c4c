import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// What a connection's frames ask for: first a session, then requests.
extension ServerEngine {
    /// The first frame: a new session, or one to go on with.
    mutating func handshake(
        _ frame: Span<UInt8>,
        _ connection: Connection,
        at moment: Moment
    ) {
        var reader = ByteReader(frame)
        let request: ConnectRequest
        do throws(WireError) {
            request = try ConnectRequest(from: &reader)
        } catch {
            breakOff(connection, because: ClosingReason(.frame, "handshake: \(error)"))
            return
        }
        statistics.handshakes += 1
        guard request.lastZxidSeen <= tree.lastZxid else {
            let seen = String(request.lastZxidSeen, radix: 16)
            let text = "it has seen zxid 0x\(seen), which is yet to come"
            breakOff(connection, because: ClosingReason(.zxid, text))
            return
        }
        let timeout = granted(request.timeoutMilliseconds)
        guard request.sessionID != 0 else {
            start(connection, request, timeout, at: moment)
            return
        }
        resume(connection, request, timeout, at: moment)
    }

    private mutating func start(
        _ connection: Connection,
        _ request: ConnectRequest,
        _ timeout: Duration,
        at moment: Moment
    ) {
        guard acceptsSessions else {
            let text = "the log has no room for its session"
            breakOff(connection, because: ClosingReason(.sessions, text))
            return
        }
        let id = newSessionID()
        guard let zxid = createSession(id, timeout: timeout, now: moment.now) else {
            let text = "\(tree.sessionCount) sessions are alive, the limit"
            breakOff(connection, because: ClosingReason(.sessions, text))
            return
        }
        connection.statistics.note(.session, xid: 0, zxid: zxid)
        let asked = Asked(isUpdate: true, since: turnStart)
        serve(connection, id, timeout, readOnly: request.readOnly, needing: zxid, asked: asked)
    }

    /// The password is checked before anything is done to the session's present connection.
    ///
    /// Without room in the log the session keeps its timeout, which needs no record.
    private mutating func resume(
        _ connection: Connection,
        _ request: ConnectRequest,
        _ wished: Duration,
        at moment: Moment
    ) {
        let id = request.sessionID
        let timeout = acceptsSessions ? wished : tree.session(id)?.timeout ?? wished
        guard passwords.isPassword(request.password, of: id),
            let zxid = resumeSession(id, timeout: timeout, now: moment.now)
        else {
            var writer = ByteWriter(capacity: 48)
            let readOnly = request.readOnly.map { _ in false }
            FrameWriter.append(ConnectResponse.refusal(readOnly: readOnly), to: &writer)
            connection.phase = .finishing
            // It shows that the session ended, so it waits for that to be durable.
            pass(writer.bytes, to: connection, needing: tree.lastZxid)
            return
        }
        statistics.resumptions += 1
        if let former = connectionOf[id].flatMap({ connections[$0] }) {
            breakOff(former, because: nil)
        }
        // The timeout is shown, so it waits for that to be durable.
        serve(connection, id, timeout, readOnly: request.readOnly, needing: zxid)
        report(id, .connectionBack, zxid: tree.lastZxid)
    }

    private mutating func serve(
        _ connection: Connection,
        _ session: Int64,
        _ timeout: Duration,
        readOnly: Bool?,
        needing zxid: Int64,
        asked: Asked? = nil
    ) {
        connection.phase = .serving(session: session)
        connectionOf[session] = connection.id
        let response = ConnectResponse(
            timeoutMilliseconds: Int32(clamping: timeout.milliseconds),
            sessionID: session,
            password: passwords.password(of: session),
            readOnly: readOnly.map { _ in false }
        )
        var writer = ByteWriter(capacity: 48)
        FrameWriter.append(response, to: &writer)
        pass(writer.bytes, to: connection, needing: zxid, asked: asked)
    }

    private func granted(_ wished: Int32) -> Duration {
        let range = settings.timeouts
        return min(max(.milliseconds(Int64(wished)), range.lowerBound), range.upperBound)
    }

    /// A frame of a session.
    mutating func serve(
        _ frame: Span<UInt8>,
        _ connection: Connection,
        _ session: Int64,
        at moment: Moment
    ) {
        var reader = ByteReader(frame)
        let header: RequestHeader
        do throws(WireError) {
            header = try RequestHeader(from: &reader)
        } catch {
            breakOff(connection, because: ClosingReason(.frame, "request header: \(error)"))
            return
        }
        if header.opCode == .sasl {
            answerToken(&reader, header, connection)
            return
        }
        guard let opCode = header.opCode, opCode.isClientRequest else {
            reply(.failure(.unimplemented), header, connection, zxid: -1)
            let text = "operation \(header.type) is none for clients"
            finish(connection, because: ClosingReason(.request, text))
            return
        }
        let request: Request
        do throws(WireError) {
            request = try Request.decode(opCode, from: &reader)
        } catch {
            // Like ZooKeeper 3.8, where the network's thread reads auth packets.
            if opCode == .auth {
                breakOff(connection, because: ClosingReason(.request, "auth packet: \(error)"))
            } else {
                refuse(.marshallingError, header, connection)
            }
            return
        }
        carryOut(request, header, connection, session, at: moment)
    }

    private mutating func carryOut(
        _ request: Request,
        _ header: RequestHeader,
        _ connection: Connection,
        _ session: Int64,
        at moment: Moment
    ) {
        switch request {
        case .ping:
            // Answered as a ping, whatever xid it came with.
            let ping = RequestHeader(xid: XID.ping, opCode: .ping)
            reply(.success(.empty), ping, connection, zxid: connection.told(gate.durable))
            return
        case .auth(let packet):
            authenticate(packet, header, connection)
            return
        default: break
        }
        if let opCode = header.opCode, isRefused(opCode) {
            refuse(.notReadOnly, header, connection)
            return
        }
        let caller = Caller(
            connection: connection.id,
            session: session,
            identities: connection.identities
        )
        switch request {
        case .getChildren(let request), .getChildren2(let request):
            if list(request, header, connection, caller) { return }
        default: break
        }
        carryOut(request, header, connection, caller, at: moment, isPart: false)
    }

    /// Gives a request to the tree, tells the watchers, and answers unless more parts of it follow.
    mutating func carryOut(
        _ request: Request,
        _ header: RequestHeader,
        _ connection: Connection,
        _ caller: Caller,
        at moment: Moment,
        isPart: Bool
    ) {
        let effort = tree.effort
        let outcome = tree.apply(request, by: caller, at: moment.time)
        work += tree.effort - effort
        if !outcome.excesses.isEmpty { note(outcome.excesses) }
        if durability == .inMemory { durable(upTo: outcome.zxid) }
        if outcome.error == .throttledOp, header.xid == XID.setWatches || isPart {
            // Clients do not look at this answer: they would wait for events of watches that are not set.
            let reason = ClosingReason(.request, "there is no room for its watches")
            breakOff(connection, because: reason)
            return
        }
        let isClosing = request == .closeSession && outcome.isChange
        if isClosing { report(caller.session, .closed, zxid: outcome.zxid) }
        deliver(outcome.hits, needing: outcome.dependsOn)
        guard connection.catchUp == nil else { return }
        let zxid = connection.told(max(gate.durable, outcome.dependsOn))
        reply(outcome.result, header, connection, zxid: zxid, needing: outcome.dependsOn)
        if isClosing {
            connectionOf[caller.session] = nil
            finish(connection, because: nil)
        }
    }

    private mutating func refuse(
        _ code: ErrorCode,
        _ header: RequestHeader,
        _ connection: Connection
    ) {
        reply(.failure(code), header, connection, zxid: connection.told(gate.durable))
    }

    mutating func reply(
        _ result: Result<Response, ErrorCode>,
        _ header: RequestHeader,
        _ connection: Connection,
        zxid: Int64,
        needing needed: Int64 = .min
    ) {
        scratch.removeAll()
        switch result {
        case .success(let response):
            FrameWriter.append(response, xid: header.xid, zxid: zxid, to: &scratch)
        case .failure(let code):
            FrameWriter.append(code, xid: header.xid, zxid: zxid, to: &scratch)
        }
        let isSuccess = if case .success = result { true } else { false }
        let frame = Frame(head: scratch.bytes)
        // Memory of a long one goes with it.
        if frame.count > Limits.scratchBytesMax { scratch = ByteWriter() }
        pass(frame, header, connection, zxid: zxid, needing: needed, isSuccess: isSuccess)
    }

    /// Queues the answer to a request, and counts it.
    mutating func pass(
        _ answer: Frame,
        _ header: RequestHeader,
        _ connection: Connection,
        zxid: Int64,
        needing needed: Int64,
        isSuccess: Bool
    ) {
        let asked = note(header, connection, zxid: zxid, isSuccess: isSuccess)
        statistics.responded(bytes: answer.count - ZooKeeperProtocol.Limits.frameLengthBytes)
        pass(answer, to: connection, needing: needed, asked: asked)
    }

    /// Notes an answer for the words that show connections and latencies; auth packets are not counted.
    private func note(
        _ header: RequestHeader,
        _ connection: Connection,
        zxid: Int64,
        isSuccess: Bool
    ) -> Asked? {
        guard let opCode = header.opCode, opCode != .auth else { return nil }
        let name = OperationName(opCode, isSuccess: isSuccess)
        connection.statistics.note(name, xid: header.xid, zxid: zxid)
        return Asked(isUpdate: opCode.isUpdate, since: turnStart)
    }

    /// What was answered is sent, then the connection ends; its session, if it has one, lives on.
    mutating func finish(_ connection: Connection, because reason: ClosingReason?) {
        connection.breakReason = reason
        tree.removeWatches(of: connection.id)
        if let session = connection.session, connectionOf[session] == connection.id {
            connectionOf[session] = nil
            report(session, .connectionLost, zxid: tree.lastZxid)
        }
        finish(connection, with: [])
    }
}
