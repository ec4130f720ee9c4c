import ServiceModel
import Testing
import ZNodeTree

@testable import ZooKeeperServer

@Suite struct SessionIDTests {
    private func engine(firstSession: Int64) -> ServerEngine {
        ServerEngine(
            settings: ServerEngine.Settings(RegistryConfiguration()),
            firstZxid: 0,
            firstSession: firstSession,
            passwords: SessionPasswords(key: (1, 2))
        )
    }

    /// Milliseconds of 1970, 2025, 2039 and the last of a span that begins anew.
    @Test(arguments: [0, 1_763_000_000_000, 2_199_023_255_551, 3_298_534_883_327])
    func `ids that begin at any time go on one by one, and are not given twice`(_ time: Int64) {
        let first = ServerEngine.firstSession(at: UnixTime(milliseconds: time))
        var engine = engine(firstSession: first)
        let ids = (0..<4).map { _ in engine.newSessionID() }
        #expect(ids == [first, first + 1, first + 2, first + 3])
        #expect(ids.allSatisfy { $0 > 0 && $0 >> 56 == 0 })
    }

    @Test func `the greatest id is followed by 1`() {
        var engine = engine(firstSession: Limits.sessionIDMax)
        #expect(engine.newSessionID() == (1 << 56) - 1)
        #expect(engine.newSessionID() == 1)
    }
}
