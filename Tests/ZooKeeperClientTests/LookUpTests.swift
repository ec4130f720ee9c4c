import ServiceModel
import Testing

@testable import ZooKeeperClient

@Suite struct LookUpTests {
    private func harness(_ names: Int) -> EngineHarness {
        EngineHarness { setup in
            setup.servers = (1...names).map { "zk\($0):2181" }
            setup.looksUpNames = true
        }
    }

    @Test func `each attempt begins with a look-up, and connects to what that found`() {
        var harness = harness(2)
        harness.start()
        #expect(harness.takeCommands() == [.lookUp(server: 0)])
        harness.lookedUp(0)
        #expect(harness.takeCommands() == [.connect(attempt: 1, server: 0)])
        harness.lose()
        #expect(harness.takeCommands() == [.lookUp(server: 1)])
        harness.lookedUp(1, failure: "no such name")
        guard case .pausing(let until) = harness.engine.phase else {
            Issue.record("\(harness.engine.phase)")
            return
        }
        harness.pass(until - harness.now)
        #expect(harness.takeCommands() == [.lookUp(server: 0)])
    }

    @Test func `the next server is tried a second after a look-up began that hangs`() {
        var harness = harness(3)
        harness.start()
        harness.submit(.get("/a"), tag: 1)
        harness.forget()
        harness.pass(.milliseconds(999))
        #expect(harness.takeCommands().isEmpty)
        harness.pass(.milliseconds(1))
        #expect(harness.takeCommands() == [.lookUp(server: 1)])
        #expect(harness.notes.last?.contains("look-up of zk1:2181 has no answer yet") == true)
        harness.lookedUp(1)
        #expect(harness.takeCommands() == [.connect(attempt: 1, server: 1)])
        harness.open()
        harness.accept()
        #expect(harness.takeStates().last == .connected(sessionID: 7, resumed: false))
    }

    @Test(arguments: [(60, true), (61, false)])
    func `a late answer serves the next attempt, if that comes within a minute`(
        age: Int,
        isUsed: Bool
    ) {
        var harness = harness(2)
        harness.start()
        harness.pass(.seconds(1))
        harness.lookedUp(1)
        harness.open()
        harness.accept()
        harness.forget()
        harness.lookedUp(0)
        #expect(harness.takeCommands().isEmpty)
        harness.now = harness.now + .seconds(age)
        harness.lose()
        let attempt = harness.engine.attempt
        let expected: SessionEngine.Command =
            isUsed ? .connect(attempt: attempt, server: 0) : .lookUp(server: 0)
        #expect(harness.takeCommands() == [expected])
        // It serves once.
        if isUsed {
            harness.lose()
            harness.lookedUp(1, failure: "no such name")
            harness.forget()
            harness.pass(.seconds(1))
            #expect(harness.takeCommands() == [.lookUp(server: 0)])
        }
    }

    @Test func `at a round's end slow names have their turn before requests fail`() {
        var harness = harness(3)
        harness.start()
        harness.submit(.get("/a"), tag: 1)
        harness.pass(.seconds(1))
        harness.lookedUp(1, failure: "no such name")
        harness.lookedUp(2)
        harness.lose("refused")
        harness.forget()
        // 3 s are one server's share of the session: so long the first one's name is waited for.
        #expect(harness.engine.deadline == harness.now + .seconds(2))
        harness.pass(.milliseconds(1_999))
        #expect(harness.takeFailures().isEmpty)
        harness.lookedUp(0)
        #expect(
            harness.takeCommands() == [.connect(attempt: harness.engine.attempt, server: 0)]
        )
        harness.lose("refused")
        #expect(harness.takeFailures()[1]?.code == .notSent)
    }

    @Test func `an answer that came during the round is used at its end`() {
        var harness = harness(2)
        harness.start()
        harness.pass(.seconds(1))
        harness.lookedUp(1)
        harness.lookedUp(0)
        harness.forget()
        harness.lose("refused")
        #expect(
            harness.takeCommands() == [.connect(attempt: harness.engine.attempt, server: 0)]
        )
        harness.lose("refused")
        #expect(String("\(harness.engine.phase)".prefix { $0 != "(" }) == "pausing")
    }

    @Test func `names that nobody answers for end the round, and are not asked for twice`() {
        var harness = harness(2)
        harness.start()
        harness.submit(.get("/a"), tag: 1)
        harness.pass(.seconds(1))
        harness.pass(.seconds(1))
        #expect(harness.takeFailures().isEmpty)
        // Each has had its share of 9 s when the second one has.
        harness.pass(.milliseconds(3_499))
        #expect(harness.takeFailures().isEmpty)
        harness.pass(.milliseconds(1))
        let failure = harness.takeFailures()[1]
        #expect(failure?.code == .notSent)
        #expect(failure?.message.contains("look-up of zk1:2181, zk2:2181") == true)
        #expect(harness.takeCommands() == [.lookUp(server: 0), .lookUp(server: 1)])
        harness.submit(.get("/b"), tag: 2)
        harness.pass(.seconds(1))
        #expect(harness.takeFailures()[2]?.code == .notSent)
        #expect(harness.takeCommands().isEmpty)
        #expect(harness.engine.deadline.map { $0 > harness.now } == true)
        harness.lookedUp(1)
        harness.pass(.seconds(1))
        #expect(
            harness.takeCommands() == [.connect(attempt: harness.engine.attempt, server: 1)]
        )
    }

    @Test func `a server that stands alone is waited for as long as one may take`() {
        var harness = harness(1)
        harness.start()
        harness.submit(.get("/a"), tag: 1)
        harness.pass(.seconds(1))
        harness.pass(.milliseconds(7_999))
        #expect(harness.takeFailures().isEmpty)
        harness.lookedUp(0)
        #expect(harness.takeCommands().last == .connect(attempt: 1, server: 0))
    }

    @Test func `so many look-ups are out at most, and the others wait for one to end`() {
        let count = Limits.lookUpsMax + 2
        var harness = harness(count)
        harness.start()
        for _ in 0..<count { harness.pass(.seconds(1)) }
        let asked = (0..<Limits.lookUpsMax).map { SessionEngine.Command.lookUp(server: $0) }
        #expect(harness.takeCommands() == asked)
        harness.lookedUp(3, failure: "no such name")
        for _ in 0..<3 { harness.pass(.seconds(1)) }
        #expect(harness.takeCommands().first == .lookUp(server: 3))
        #expect(harness.engine.lookUps.underWay.count == Limits.lookUpsMax)
    }

    @Test func `a close while a name is looked up is done at once`() {
        var harness = harness(2)
        harness.start()
        harness.forget()
        harness.close()
        #expect(harness.takeStates() == [.closed])
        harness.lookedUp(0)
        harness.lookedUp(1, failure: "no such name")
        #expect(harness.takeCommands().isEmpty)
        #expect(harness.engine.deadline == nil)
    }
}
