import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct WritableSearchTests {
    /// A session that went on at the first of three servers, which only reads.
    private func harness() -> EngineHarness {
        var harness = EngineHarness { setup in
            setup.servers = ["zk1:2181", "zk2:2181", "zk3:2181"]
            setup.allowsReadOnly = true
            setup.identity = SessionIdentity(sessionID: 7, password: [9])
        }
        harness.start()
        harness.open()
        harness.accept(id: 7, readOnly: true)
        harness.forget()
        return harness
    }

    /// Lets the time pass until something is due, with a server that is never silent.
    @discardableResult private func passToNextStep(_ harness: inout EngineHarness) -> Duration {
        guard let deadline = harness.engine.search.deadline else { return .zero }
        let duration = deadline - harness.now
        harness.now = deadline
        harness.receive([])
        harness.pass(.zero)
        return duration
    }

    private func untilNextStep(_ harness: EngineHarness) -> Duration? {
        harness.engine.search.deadline.map { $0 - harness.now }
    }

    @Test func `the other servers are asked after pauses that double up to a minute`() {
        var harness = harness()
        var pauses: [Duration] = []
        for round in 0..<12 {
            pauses.append(passToNextStep(&harness))
            let probe = UInt64(2 * round + 1)
            #expect(harness.takeCommands() == [.probe(probe, server: 1)])
            harness.probeEnded(probe, isWritable: false)
            #expect(harness.takeCommands() == [.probe(probe + 1, server: 2)])
            harness.probeEnded(probe + 1, isWritable: false)
            #expect(harness.takeCommands().isEmpty)
        }
        for (round, pause) in pauses.enumerated() {
            let full = min(100 << round, 60_000)
            #expect((full / 2...full).contains(Int(pause.milliseconds)), "\(round): \(pause)")
        }
        #expect(harness.takeStates().isEmpty)
    }

    @Test func `the session moves to a server that writes, and writes there`() throws {
        var harness = harness()
        passToNextStep(&harness)
        harness.probeEnded(1, isWritable: false)
        harness.forget()
        harness.probeEnded(2, isWritable: true)
        let attempt = harness.engine.attempt
        #expect(
            harness.takeCommands() == [.disconnect, .connect(attempt: attempt, server: 2)]
        )
        #expect(harness.takeStates() == [.suspended])
        #expect(harness.notes.last == "zk1:2181 only reads; the session moves to zk3:2181")
        harness.open()
        #expect(try harness.takeConnectRequest().sessionID == 7)
        harness.accept(id: 7)
        #expect(harness.takeStates() == [.connected(sessionID: 7, resumed: true)])
        #expect(harness.engine.search.deadline == nil)
    }

    @Test func `pauses begin small again only after a server took writes`() {
        var harness = harness()
        for _ in 0..<4 {
            passToNextStep(&harness)
            for case .probe(let first, _) in harness.takeCommands() {
                harness.probeEnded(first, isWritable: false)
                harness.probeEnded(first + 1, isWritable: false)
            }
        }
        harness.now = harness.now + .seconds(2)
        harness.lose()
        harness.open()
        harness.accept(id: 7, readOnly: true)
        // The sixth pause is of 3.2 s, less what chance takes away.
        #expect(untilNextStep(harness).map { $0 >= .milliseconds(1_600) } == true)
        harness.now = harness.now + .seconds(2)
        harness.lose()
        harness.open()
        harness.accept(id: 7)
        harness.now = harness.now + .seconds(2)
        harness.lose()
        harness.open()
        harness.accept(id: 7, readOnly: true)
        #expect(untilNextStep(harness).map { $0 <= .milliseconds(100) } == true)
    }

    @Test func `a move waits for answers on their way, but not for ever`() {
        for isAnswered in [true, false] {
            var harness = harness()
            harness.submit(.get("/a"), tag: 4)
            passToNextStep(&harness)
            harness.forget()
            harness.probeEnded(1, isWritable: true)
            #expect(harness.takeCommands().isEmpty)
            if isAnswered {
                harness.reply(.data(GetDataResponse(data: [], stat: .sample)), xid: 1)
                #expect(harness.takeFailures().isEmpty)
            } else {
                harness.pass(.seconds(1))
                let failure = harness.takeFailures()[4]
                #expect(failure?.code == .outcomeUnknown)
                #expect(failure?.message.hasSuffix("the session moves to zk2:2181") == true)
            }
            let attempt = harness.engine.attempt
            #expect(
                harness.takeCommands() == [.disconnect, .connect(attempt: attempt, server: 1)]
            )
        }
    }

    @Test func `a server that does not say is left for the next`() {
        var harness = harness()
        passToNextStep(&harness)
        harness.forget()
        #expect(passToNextStep(&harness) == .seconds(1))
        #expect(harness.takeCommands() == [.endProbe, .probe(2, server: 2)])
        // Too late.
        harness.probeEnded(1, isWritable: true)
        #expect(harness.takeStates().isEmpty)
    }

    @Test func `a probe ends with the connection`() {
        for ending in ["lost", "closed"] {
            var harness = harness()
            passToNextStep(&harness)
            harness.forget()
            if ending == "lost" { harness.lose() } else { harness.close() }
            #expect(harness.takeCommands().first == .endProbe, "\(ending)")
            harness.probeEnded(1, isWritable: true)
            #expect(!harness.takeCommands().contains(.disconnect))
        }
    }

    @Test func `names are looked up for probes too, and one that hangs is passed over`() {
        var harness = EngineHarness { setup in
            setup.servers = ["zk1:2181", "zk2:2181", "zk3:2181"]
            (setup.allowsReadOnly, setup.looksUpNames) = (true, true)
        }
        harness.start()
        harness.lookedUp(0)
        harness.open()
        harness.accept(id: 5, readOnly: true)
        harness.forget()
        passToNextStep(&harness)
        #expect(harness.takeCommands() == [.lookUp(server: 1)])
        #expect(passToNextStep(&harness) == .seconds(1))
        #expect(harness.takeCommands() == [.lookUp(server: 2)])
        harness.lookedUp(2)
        #expect(harness.takeCommands() == [.probe(1, server: 2)])
        harness.probeEnded(1, isWritable: false)
        passToNextStep(&harness)
        // The second one's name is still out.
        #expect(harness.takeCommands() == [.lookUp(server: 2)])
        harness.lookedUp(2, failure: "no such name")
        harness.lookedUp(1)
        passToNextStep(&harness)
        #expect(harness.takeCommands() == [.probe(2, server: 1)])
    }

    @Test func `a session alone on its server, or on one that writes, searches nothing`() {
        var alone = EngineHarness { $0.allowsReadOnly = true }
        alone.start()
        alone.open()
        alone.accept(readOnly: true)
        #expect(alone.engine.search.deadline == nil)
        var writing = EngineHarness { $0.servers = ["zk1:2181", "zk2:2181"] }
        writing.connect()
        #expect(writing.engine.search.deadline == nil)
    }

    @Test func `a server that only reads and grants no session is left, and the log says why`() {
        var harness = EngineHarness { setup in
            setup.servers = ["zk1:2181", "zk2:2181"]
            setup.allowsReadOnly = true
        }
        harness.start()
        harness.open()
        harness.forget()
        harness.reply(.notReadOnly, xid: 0, zxid: 9)
        #expect(harness.takeCommands() == [.disconnect, .connect(attempt: 2, server: 1)])
        #expect(harness.notes.last?.contains("zk1:2181: session refused with NOTREADONLY") == true)
        #expect(harness.notes.last?.contains("localSessionsEnabled=true") == true)
    }

    @Test func `a refused write names the server that only reads`() {
        var harness = harness()
        let create = CreateRequest(path: "/a", data: [], acl: ACL.openUnsafe, mode: .persistent)
        harness.submit(.create(create), tag: 1)
        harness.reply(.notReadOnly, xid: 1)
        let failure = harness.takeFailures()[1]
        #expect(failure?.server == .notReadOnly)
        #expect(
            failure?.message
                == "create /a: NOTREADONLY, as zk1:2181 is cut off from its ensemble and only reads;"
                + " try again when the session is connected for writes"
        )
    }
}
