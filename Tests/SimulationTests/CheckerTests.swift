import ServiceModel
import TestSupport
import Testing
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// The checker is checked: what a server says is spoilt on its way, and must be found out.
@Suite struct CheckerTests {
    /// Changes the frames of a write.
    typealias Spoiling = ([[UInt8]]) -> [[UInt8]]

    /// Runs seeds until one is found out.
    private func isFound(_ tamper: @escaping (ServerAction) -> [ServerAction]) -> Bool {
        (0..<40).contains { number in
            var plan = SimulationPlan(seed: Seed.current &+ UInt64(number), acts: 60)
            plan.tamper = tamper
            if case .failure = Simulation.run(plan) { return true }
            return false
        }
    }

    private func isFound(spoiling: @escaping Spoiling) -> Bool {
        isFound { action in
            guard case .send(let id, let bytes) = action else { return [action] }
            return [.send(id, spoiling(Self.frames(bytes)).flatMap { $0 })]
        }
    }

    private static func frames(_ bytes: [UInt8]) -> [[UInt8]] {
        var (rest, frames) = (bytes[...], [[UInt8]]())
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            // A piece of a long frame is left alone.
            guard rest.count >= 4 + length else { return [bytes] }
            frames.append(Array(rest.prefix(4 + length)))
            rest = rest.dropFirst(4 + length)
        }
        return rest.isEmpty ? frames : [bytes]
    }

    private static func isEvent(_ frame: [UInt8]) -> Bool {
        frame.count > 20 && frame[4..<8].allSatisfy { $0 == 0xff }
            && frame[8..<16].allSatisfy { $0 == 0xff }
    }

    @Test func `an event that is lost`() {
        let isSeen = isFound(spoiling: { $0.filter { !Self.isEvent($0) } })
        #expect(isSeen)
    }

    @Test func `an event behind the reply that shows its change`() {
        let isSeen = isFound(spoiling: { frames in
            frames.filter { !Self.isEvent($0) } + frames.filter { Self.isEvent($0) }
        })
        #expect(isSeen)
    }

    @Test func `an event that comes twice`() {
        let isSeen = isFound(spoiling: { $0.flatMap { Self.isEvent($0) ? [$0, $0] : [$0] } })
        #expect(isSeen)
    }

    @Test func `a reply that is lost`() {
        let isSeen = isFound(spoiling: { $0.count > 1 ? Array($0.dropLast()) : $0 })
        #expect(isSeen)
    }

    @Test func `replies in another order`() {
        let isSeen = isFound(spoiling: { $0.reversed() })
        #expect(isSeen)
    }

    @Test func `a header that says one more`() {
        let isSeen = isFound(spoiling: { frames in
            frames.map { frame in
                guard frame.count == 20, !Self.isEvent(frame) else { return frame }
                var frame = frame
                frame[15] &+= 1
                return frame
            }
        })
        #expect(isSeen)
    }

    @Test func `a byte of a body that is another one`() {
        let isSeen = isFound(spoiling: { frames in
            frames.map { $0.count > 90 ? $0.dropLast() + [$0[$0.count - 1] ^ 1] : $0 }
        })
        #expect(isSeen)
    }

    @Test func `a session fact that is not told`() {
        let isSeen = isFound { action in if case .report = action { [] } else { [action] } }
        #expect(isSeen)
    }

    @Test func `what belongs to one connection goes to another`() {
        let isSeen = isFound { action in
            guard case .send(let id, let bytes) = action, id.rawValue == 2 else {
                return [action]
            }
            return [.send(ConnectionID(1), bytes)]
        }
        #expect(isSeen)
    }

    // MARK: By itself

    @Test func `an expiry before its time, and one that forgets a stall`() throws {
        let server = ReferenceServer(
            firstZxid: 0,
            firstSession: 7,
            timeouts: .seconds(4)...(.seconds(40)),
            isDurableAtOnce: true
        )
        var checker = ServerChecker(server, reaperInterval: .seconds(60))
        let start = Instant(nanoseconds: 0)
        checker.model.sessions[7] = PlainSession(timeout: .seconds(4), heard: start)
        let fact = SessionFact(session: 7, kind: .expired, zxid: 1)
        var early = checker
        #expect(throws: Fault.self) {
            try early.expired([fact], now: start + .milliseconds(3_999))
        }
        checker.stalled(atLeast: .seconds(1), atMost: .seconds(2))
        var stalled = checker
        #expect(throws: Fault.self) {
            try stalled.expired([fact], now: start + .milliseconds(4_999))
        }
        try checker.expired([fact], now: start + .seconds(5))
        #expect(checker.model.sessions.isEmpty)
    }

    @Test func `a client sees through a server by itself`() throws {
        var client = ClientChecker(ConnectRequest(timeoutMilliseconds: 4_000))
        let welcome = ConnectResponse(
            timeoutMilliseconds: 4_000,
            sessionID: 7,
            password: Array(repeating: 1, count: 16),
            readOnly: false
        )
        try client.received(Self.body { welcome.encode(into: &$0) })
        for xid in Int32(1)...3 {
            client.sent(
                ClientChecker.Sent(xid: xid, opCode: .exists, path: "/a", isWatching: true)
            )
        }
        try client.received(Self.missing(xid: 1, zxid: 5))
        var other = client
        #expect(throws: Fault.self) { try other.received(Self.missing(xid: 3, zxid: 5)) }
        other = client
        #expect(throws: Fault.self) { try other.received(Self.missing(xid: 2, zxid: 4)) }
        other = client
        #expect(throws: Fault.self) { try other.received(Self.there(xid: 2, zxid: 6)) }
        let event = WatchEvent(.nodeCreated, path: "/a")
        try client.received(
            Self.body { writer in
                ReplyHeader(xid: -1, zxid: -1).encode(into: &writer)
                event.encode(into: &writer)
            }
        )
        try client.received(Self.there(xid: 2, zxid: 6))
    }

    private static func body(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        write(&writer)
        return writer.bytes
    }

    private static func missing(xid: Int32, zxid: Int64) -> [UInt8] {
        body { ReplyHeader(xid: xid, zxid: zxid, error: .noNode).encode(into: &$0) }
    }

    private static func there(xid: Int32, zxid: Int64) -> [UInt8] {
        let stat = Stat(
            czxid: zxid,
            mzxid: zxid,
            ctime: 0,
            mtime: 0,
            version: 0,
            cversion: 0,
            aversion: 0,
            ephemeralOwner: 0,
            dataLength: 0,
            numChildren: 0,
            pzxid: zxid
        )
        return body { writer in
            ReplyHeader(xid: xid, zxid: zxid).encode(into: &writer)
            stat.encode(into: &writer)
        }
    }
}
