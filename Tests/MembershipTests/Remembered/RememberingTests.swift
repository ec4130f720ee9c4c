import Membership
import ServiceModel
import Testing
import ZooKeeperProtocol

/// An aggregator's engine that starts with what an earlier run knew.
@Suite struct RememberingTests {
    private let one = Paths.provider("10.0.0.1:1")
    private let two = Paths.provider("10.0.0.2:1")
    private let service = ServiceName(.dubbo, "a.B")

    /// What a run knew at its end, when provider one was all there was.
    private func remembered() -> MembershipView {
        var run = Aggregation()
        run.registry.make(one, owner: 7)
        run.connect()
        run.settle()
        let time = UnixTime(milliseconds: 1_000)
        return RememberedView(of: "", liveAt: time, run.view).stale(at: time)
    }

    /// A run that starts with that, beside a registry with what the closure makes.
    private func restarted(_ make: (inout SimulatedRegistry) -> Void) -> Aggregation {
        var run = Aggregation()
        make(&run.registry)
        run.remember(remembered())
        return run
    }

    @Test func `until the registry was read the view is what was remembered`() {
        var run = restarted { $0.make(two, owner: 8) }
        #expect(run.view.freshness == .stale(since: UnixTime(milliseconds: 1_000)))
        #expect(run.view.instanceCount == 1)
        run.connect()
        while !run.registry.inbox.isEmpty {
            #expect(run.view.services[service]?.instances.values.map(\.origin.path) == [one])
            #expect(run.takeStory() == [])
            run.registry.serve()
            run.deliver(.max)
        }
        #expect(run.view.freshness == .live)
        #expect(run.view.services[service]?.instances.values.map(\.origin.path) == [two])
    }

    @Test func `what happened meanwhile comes as deltas, nobody leaves before others join`() {
        var run = restarted { $0.make(two, owner: 8) }
        run.connect()
        run.settle()
        #expect(run.takeStory() == ["joined a.B 10.0.0.2:1", "left a.B 10.0.0.1:1 unknown"])
        #expect(PlainView(run.shadow) == PlainView(run.view))
        #expect(run.shadow.deltaNumber == run.view.deltaNumber)
        run.registry.make(one, owner: 9)
        run.settle()
        #expect(run.takeStory() == ["joined a.B 10.0.0.1:1"])
        #expect(run.shadow.deltaNumber == run.view.deltaNumber)
    }

    @Test func `where nothing changed there is no delta`() {
        var run = restarted { $0.make(one, owner: 7) }
        run.connect()
        run.settle()
        #expect(run.view.freshness == .live)
        #expect(run.takeStory() == [])
    }

    @Test func `an empty registry empties the view once it was read`() {
        var run = restarted { _ in }
        run.connect()
        run.settle()
        #expect(run.takeStory() == ["left a.B 10.0.0.1:1 unknown", "vanished a.B"])
        #expect(run.view.services.isEmpty && run.view.instanceCount == 0)
    }

    @Test func `a connection that breaks during the reading takes nothing away`() {
        var run = restarted { $0.make(two, owner: 8) }
        run.connect()
        run.registry.serve()
        run.deliver(.max)
        run.disconnect()
        #expect(run.view.freshness == .stale(since: UnixTime(milliseconds: 1_000)))
        #expect(run.view.services[service]?.instances.values.map(\.origin.path) == [one])
        run.connect()
        run.settle()
        #expect(run.takeStory() == ["joined a.B 10.0.0.2:1", "left a.B 10.0.0.1:1 unknown"])
    }
}
