import ServiceModel
import TestSupport
import Wire
import ZooKeeperProtocol

/// A client that speaks the wire by itself, so that it can send what no proper client would.
final class RawClient: SimulatedClient {
    private struct Line {
        var checker: ClientChecker
        var decoder = FrameDecoder(frameBytesMax: 1 << 30)
    }
    private let number: Int
    private var random: SeededGenerator
    private let conditions: Conditions
    private let requests: RandomRequests
    private var lines: [Int: Line] = [:]
    /// The line that is used; others may linger.
    private var line: Int?
    private var known: (session: Int64, password: [UInt8], lastZxid: Int64)?
    private var timeout = Duration.seconds(1)
    private var silence: Duration?
    private var nextXID: Int32

    init(_ number: Int, _ random: SeededGenerator, _ conditions: Conditions) {
        (self.number, self.random, self.conditions) = (number, random, conditions)
        requests = RandomRequests(depth: conditions.depth, isShort: conditions.isShort)
        // The C client begins with the time of day, others with 1; 0 is legal too.
        nextXID = self.random.pick([1, 0, 1_700_000_000, .max - 5, -100])
    }

    // MARK: What it does

    func act(_ world: World) throws(Fault) {
        guard let line, lines[line] != nil else {
            open(world)
            return
        }
        if random.chance(conditions.trouble) {
            makeTrouble(line, world)
        } else {
            sendSome(on: line, world)
        }
    }

    func pause(_ world: World) throws(Fault) -> Duration {
        if let silence {
            self.silence = nil
            return silence
        }
        return random.milliseconds(conditions.pause)
    }

    func alarm(_ world: World) throws(Fault) {}

    /// A new connection, for a new session or for the one it had.
    private func open(_ world: World) {
        let ticks = random.number(0...30)
        let wish = Int32(clamping: (conditions.tick * ticks).milliseconds)
        var request = ConnectRequest(timeoutMilliseconds: random.chance(30) ? -1 : wish)
        if random.chance(100) {
            request.readOnly = nil
        } else {
            request.readOnly = random.chance(100)
        }
        if let known, random.chance(750) {
            (request.sessionID, request.password) = (known.session, known.password)
            request.lastZxidSeen = known.lastZxid
            if random.chance(60) { request.password[random.number(0...15)] ^= 1 }
            if random.chance(20) { request.password = [] }
            if random.chance(20) { request.sessionID += 1 }
            if random.chance(20) { request.lastZxidSeen += 1_000_000 }
        }
        let number = world.connect(number)
        lines[number] = Line(checker: ClientChecker(request))
        line = number
        world.write(Self.frame(request), on: number)
        if random.chance(300) { sendSome(on: number, world) }
    }

    private func sendSome(on line: Int, _ world: World) {
        var bytes: [UInt8] = []
        let count = random.weighted([
            (60, 1), (30, random.number(2...6)),
            (conditions.isShort ? 0 : 1, random.number(100...400)),
        ])
        for _ in 0..<count { bytes += next(on: line) }
        world.write(bytes, on: line)
    }

    private func next(on line: Int) -> [UInt8] {
        if random.chance(150) { return frame(.ping, on: line) }
        return frame(requests.next(&random, lastZxid: lines[line]?.checker.lastZxid ?? 0), on: line)
    }

    private func frame(_ request: Request, on line: Int) -> [UInt8] {
        var writer = ByteWriter()
        let xid = takeXID()
        FrameWriter.append(request, xid: xid, to: &writer)
        var sent = ClientChecker.Sent(xid: request.fixedXID ?? xid, opCode: request.opCode)
        switch request {
        case .exists(let request): (sent.path, sent.isWatching) = (request.path, request.watch)
        case .getData(let request): (sent.path, sent.isWatching) = (request.path, request.watch)
        case .removeWatches(let request): sent.path = request.path
        default: break
        }
        lines[line]?.checker.sent(sent)
        return writer.bytes
    }

    private func takeXID() -> Int32 {
        defer { nextXID = nextXID == .max || nextXID == -10 ? 1 : nextXID + 1 }
        return nextXID
    }

    private static func frame(_ record: some Record) -> [UInt8] {
        var writer = ByteWriter()
        FrameWriter.append(record, to: &writer)
        return writer.bytes
    }

    private func makeTrouble(_ line: Int, _ world: World) {
        switch random.number(0...9) {
        case 0, 1: leave(line, world)
        case 2: world.cut(line)
        case 3, 4:
            // The old connection lives on, and may go on talking.
            open(world)
            if random.chance(500) { sendSome(on: line, world) }
        case 5:
            world.write(frame(.closeSession, on: line), on: line)
            if random.chance(500) { sendSome(on: line, world) }
        case 6: sendNonsense(on: line, world)
        case 7: world.beDeaf(line, for: random.milliseconds(1...3_000))
        default:
            let share = random.number(5...15)
            silence = timeout * share / 10
        }
    }

    private func leave(_ line: Int, _ world: World) {
        world.hangUp(line, random.pick(Farewell.allCases))
        lines[line] = nil
        self.line = nil
    }

    private func sendNonsense(on line: Int, _ world: World) {
        var bytes = frame(.ping, on: line)
        switch random.number(0...4) {
        case 0: bytes = [0, 0, 0, 0]
        case 1: bytes = [0x7f, 0, 0, 1, 9]
        case 2: bytes = [0, 0, 0, 5, 1, 2, 3, 4, 5]
        case 3:
            // An operation that nobody knows, behind something sensible.
            let xid = takeXID()
            lines[line]?.checker.sent(ClientChecker.Sent(xid: xid))
            var writer = ByteWriter()
            writer.writeInt32(8)
            writer.writeInt32(xid)
            writer.writeInt32(Int32(random.number(200...300)))
            bytes += writer.bytes
        default:
            // A create without its fields.
            let xid = takeXID()
            lines[line]?.checker.sent(ClientChecker.Sent(xid: xid))
            var writer = ByteWriter()
            writer.writeInt32(12)
            writer.writeInt32(xid)
            writer.writeInt32(OpCode.create.rawValue)
            writer.writeInt32(Int32(random.number(-5...5)))
            bytes += writer.bytes
        }
        world.write(bytes, on: line)
    }

    // MARK: What it hears

    func established(_ connection: Int, _ world: World) throws(Fault) {}

    func received(_ bytes: [UInt8], on connection: Int, _ world: World) throws(Fault) {
        guard var line = lines[connection] else { return }
        line.decoder.append(bytes.span)
        while (try? line.decoder.next()) == true {
            let frame = Self.copy(line.decoder.frame)
            world.note("client \(number) on \(connection): \(FrameText.text(frame))")
            try line.checker.received(frame, withheld: world.host.checker.model.withheld)
        }
        lines[connection] = line
        guard let session = line.checker.session else { return }
        known = (session, line.checker.password, line.checker.lastZxid)
        timeout = .milliseconds(Int64(line.checker.timeoutMilliseconds))
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] { bytes.indices.map { bytes[$0] } }

    func ended(_ connection: Int, _ world: World) throws(Fault) {
        let line = lines.removeValue(forKey: connection)
        if line?.checker.isRefused == true { known = nil }
        if self.line == connection { self.line = nil }
    }

    // MARK: The end

    func beCalm(_ world: World) throws(Fault) {}

    func sayFarewell(_ world: World) throws(Fault) {}
}
