import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct CredentialTests {
    private func auth(_ user: String) -> Request {
        .auth(AuthPacket(type: 0, scheme: "digest", credential: Array(user.utf8)))
    }

    @Test func `A1.20 a credential added later goes out at once and after each reconnect`() throws {
        var harness = EngineHarness {
            $0.credentials = [.init(scheme: "digest", bytes: Array("a:1".utf8))]
        }
        harness.connect()
        harness.reply(.empty, xid: XID.auth, zxid: 0)
        harness.forget()
        harness.submit(auth("b:2"), tag: 5)
        let sent = try harness.takeRequests()
        #expect(sent.map(\.xid) == [XID.auth])
        #expect(sent.first?.request == auth("b:2"))
        harness.reply(.empty, xid: XID.auth, zxid: 0)
        #expect(harness.takeEvents() == [.reply(.sink(tag: 5), .success(.empty), zxid: 0)])
        harness.lose()
        harness.open()
        harness.forget()
        harness.accept()
        #expect(try harness.takeRequests().map(\.request) == [auth("a:1"), auth("b:2")])
        harness.forget()
        harness.reply(.empty, xid: XID.auth, zxid: 0)
        harness.reply(.empty, xid: XID.auth, zxid: 0)
        #expect(harness.takeEvents().isEmpty)
    }

    @Test func `an answer that was lost with its connection comes on the next one`() throws {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(auth("a:1"), tag: 1)
        harness.submit(auth("b:2"), tag: 2)
        harness.reply(.empty, xid: XID.auth, zxid: 0)
        harness.lose()
        harness.open()
        harness.accept()
        harness.forget()
        harness.reply(.empty, xid: XID.auth, zxid: 0)
        #expect(harness.takeEvents().isEmpty, "the first one was told already")
        harness.reply(.empty, xid: XID.auth, zxid: 0)
        #expect(harness.takeEvents() == [.reply(.sink(tag: 2), .success(.empty), zxid: 0)])
    }

    @Test func `a credential added without a connection waits for one, or for a failed round`()
        throws
    {
        var harness = EngineHarness()
        harness.start()
        harness.submit(auth("a:1"), tag: 1)
        harness.lose()
        #expect(harness.takeFailures()[1]?.code == .notSent)
        harness.pass(.seconds(2))
        harness.open()
        harness.forget()
        harness.accept()
        #expect(try harness.takeRequests().map(\.request) == [auth("a:1")])
    }

    @Test func `a refused credential ends the session and its caller learns why`() {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(auth("a:1"), tag: 1)
        harness.reply(.authFailed, xid: XID.auth, zxid: 0)
        #expect(harness.takeFailures()[1]?.code == .authFailed)
        #expect(harness.engine.phase == .closed)
    }

    @Test func `credentials beyond the bounds are refused`() {
        var harness = EngineHarness()
        harness.connect()
        let long = [UInt8](repeating: 65, count: Limits.credentialBytesMax + 1)
        harness.submit(.auth(AuthPacket(type: 0, scheme: "", credential: long)), tag: 1)
        #expect(harness.takeFailures()[1]?.code == .badArgument)
        for _ in 0..<Limits.credentialsMax { harness.submit(auth("a:1"), tag: 2) }
        #expect(harness.takeFailures().isEmpty)
        harness.submit(auth("a:1"), tag: 3)
        #expect(harness.takeFailures()[3]?.code == .overloaded)
    }
}
