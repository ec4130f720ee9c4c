import Runtime
import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct HandshakeTests {
    private let bench = ServerBench(firstZxid: 100)

    // A1.10
    @Test(arguments: [
        (Int32(1), Int32(4_000)), (0, 4_000), (-5, 4_000), (10_000, 10_000),
        (3_600_000, 40_000), (.max, 40_000), (.min, 4_000),
    ])
    func `a timeout of 2 to 20 ticks is granted`(wished: Int32, granted: Int32) throws {
        let (_, response) = bench.connect(ConnectRequest(timeoutMilliseconds: wished))
        let session = try #require(response)
        #expect(session.timeoutMilliseconds == granted)
        #expect(session.sessionID == 0x100)
        #expect(session.password.count == 16)
        #expect(session.readOnly == false)
        #expect(session.protocolVersion == 0)
    }

    @Test func `clients of before 3.4 send 44 bytes and get 36`() throws {
        let id = try #require(bench.open())
        var request = ConnectRequest(timeoutMilliseconds: 4_000)
        request.readOnly = nil
        let bytes = ServerBench.frame(request)
        #expect(bytes.count == 48)
        bench.send(bytes, on: id)
        #expect(bench.takeFrames(id).first?.count == 36)
    }

    @Test func `bytes may come one by one, and requests right behind`() throws {
        let id = try #require(bench.open())
        let bytes =
            ServerBench.frame(ConnectRequest(timeoutMilliseconds: 4_000))
            + ServerBench.frame(.ping) + ServerBench.frame(bench.create("/a"), xid: 7)
        for byte in bytes { bench.send([byte], on: id) }
        let frames = bench.takeFrames(id)
        #expect(frames.count == 3)
        #expect(frames.dropFirst().map { Message($0).xid } == [XID.ping, 7])
    }

    @Test func `a session goes on with its id and password, and the older connection is cut`()
        throws
    {
        let (old, response) = bench.connect()
        let session = try #require(response)
        bench.request(bench.create("/e", .ephemeral), on: old)
        let again = ConnectRequest(
            lastZxidSeen: 101,
            timeoutMilliseconds: 9_000,
            sessionID: session.sessionID,
            password: session.password
        )
        let (new, resumed) = bench.connect(again)
        #expect(resumed?.sessionID == session.sessionID)
        #expect(resumed?.password == session.password)
        #expect(resumed?.timeoutMilliseconds == 9_000)
        #expect(bench.ended == [old])
        #expect(bench.ask(.exists(ExistsRequest(path: "/e", watch: false)), on: new)?.error == .ok)
        #expect(bench.facts.map(\.kind) == [.connectionLost, .connectionBack])
        // The older one cannot touch the session any more.
        #expect(bench.send(ServerBench.frame(.closeSession), on: old).next == .never)
        #expect(bench.ask(.ping, on: new)?.error == .ok)
    }

    // A13.1
    @Test func `a wrong password is answered with timeout 0 and cuts nobody off`() throws {
        let (owner, response) = bench.connect()
        let session = try #require(response)
        for password in [[], [UInt8](repeating: 0, count: 16), Array(session.password.dropLast())] {
            let request = ConnectRequest(
                lastZxidSeen: 0,
                timeoutMilliseconds: 4_000,
                sessionID: session.sessionID,
                password: password
            )
            let (id, refusal) = bench.connect(request)
            #expect(refusal == .refusal(readOnly: false))
            #expect(bench.ended.contains(id))
        }
        #expect(!bench.ended.contains(owner))
        #expect(bench.ask(.ping, on: owner)?.error == .ok)
    }

    @Test func `a session that is over is answered with timeout 0`() throws {
        let (id, response) = bench.connect()
        let session = try #require(response)
        bench.request(.closeSession, on: id)
        var request = ConnectRequest(timeoutMilliseconds: 4_000)
        (request.sessionID, request.password) = (session.sessionID, session.password)
        let (again, refusal) = bench.connect(request)
        #expect(refusal?.isRefusal == true)
        #expect(bench.ended.contains(again))
        request.readOnly = nil
        #expect(bench.connect(request).response == .refusal(readOnly: nil))
    }

    @Test func `who has seen a later zxid is cut off without an answer`() {
        var request = ConnectRequest(timeoutMilliseconds: 4_000)
        request.lastZxidSeen = 101
        let (id, response) = bench.connect(request)
        #expect(response == nil)
        #expect(bench.ended.contains(id))
        request.lastZxidSeen = 100
        #expect(bench.connect(request).response != nil)
    }

    @Test(
        arguments: [
            [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0, 0x10, 0, 0],
            [0x71, 0x71, 0x71, 0x71], [0, 0, 0, 3, 1, 2, 3], [0x47, 0x45, 0x54, 0x20],
        ] as [[UInt8]]
    )
    func `what is no handshake is cut off`(bytes: [UInt8]) throws {
        let id = try #require(bench.open())
        bench.send(bytes, on: id)
        #expect(bench.ended == [id])
        #expect(bench.takeBytes(id).isEmpty)
        #expect(bench.connectionCount == 0)
    }

    @Test func `a connection without a session lasts ten seconds`() throws {
        let idle = try #require(bench.open())
        let client = bench.client()
        bench.now = bench.now + .milliseconds(3_999)
        bench.request(.ping, on: client)
        bench.now = bench.now + .milliseconds(3_999)
        bench.request(.ping, on: client)
        bench.now = bench.now + .milliseconds(2_001)
        bench.wake()
        #expect(bench.ended.isEmpty)
        bench.now = bench.now + .milliseconds(1)
        bench.wake()
        #expect(bench.ended == [idle])
    }

    @Test func `connections are limited by address and in all, loopback and embedded are not`() {
        let bench = ServerBench(perAddress: 2, total: 4)
        let far = SocketAddress(ip: .v4(0x0a00_0001), port: 1)
        #expect(bench.open(from: far) != nil)
        let second = bench.open(from: far)
        #expect(bench.open(from: far) == nil)
        if let second { bench.hangUp(second) }
        #expect(bench.open(from: far) != nil)
        #expect(bench.open() != nil)
        #expect(bench.open() != nil)
        #expect(bench.open() == nil)
        #expect(bench.open(from: nil) != nil)
    }

    @Test func `passwords follow from id and key as SipHash-2-4-128 says`() {
        // openssl mac -macopt hexkey:00..0f -macopt size:16 SIPHASH, of the bytes 0 to 7.
        let passwords = SessionPasswords(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        let password = passwords.password(of: 0x0706_0504_0302_0100)
        let right: [UInt8] = [
            0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61,
            0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97, 0xb4,
        ]
        #expect(password == right)
        #expect(passwords.isPassword(right, of: 0x0706_0504_0302_0100))
        #expect(!passwords.isPassword(right, of: 1))
    }

    @Test func `a password with any of its bits flipped is wrong`() {
        let passwords = SessionPasswords(key: (1, 2))
        for session in Int64(1)...20 {
            let right = passwords.password(of: session)
            #expect(passwords.isPassword(right, of: session))
            for bit in 0..<128 {
                var wrong = right
                wrong[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(!passwords.isPassword(wrong, of: session), "session \(session), bit \(bit)")
            }
        }
    }

    @Test func `zxids of a start in memory are above those of an earlier one`() {
        let first = RegistryConfiguration.firstZxid(at: UnixTime(milliseconds: 1_800_000_000_000))
        let later = RegistryConfiguration.firstZxid(at: UnixTime(milliseconds: 1_800_000_001_000))
        #expect(later - first == 1 << 32)
        #expect(RegistryConfiguration.firstZxid(at: UnixTime(milliseconds: 0)) == 0)
        #expect(RegistryConfiguration.firstZxid(at: UnixTime(milliseconds: .max)) > 0)
        #expect(RegistryConfiguration.firstZxid(at: UnixTime(milliseconds: .min)) == 0)
    }

    @Test func `a start a little later begins above all that the one before gave out`() {
        let times = [0, 1, 999, 1_000, 1_000_000].map {
            UnixTime(milliseconds: 1_735_689_600_000 + $0)
        }
        let first = times.map { RegistryConfiguration.firstZxid(at: $0) }
        for (earlier, later) in zip(first, first.dropFirst()) {
            #expect(later - earlier >= 1 << 22)
        }
    }
}
