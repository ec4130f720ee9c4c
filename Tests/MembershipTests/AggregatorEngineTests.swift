import Membership
import Registrations
import ServiceModel
import Testing
import ZooKeeperProtocol

@Suite struct AggregatorEngineTests {
    private let one = Paths.provider("10.0.0.1:1")
    private let two = Paths.provider("10.0.0.2:1")

    /// A run that has read a tree with service a.B and provider one of session 7.
    private func live(
        _ configuration: MembershipConfiguration = .init(hearsSessionEnds: true)
    )
        -> Aggregation
    {
        var run = Aggregation(configuration)
        run.registry.make(one, owner: 7)
        run.connect()
        run.settle()
        _ = run.takeDeltas()
        return run
    }

    // MARK: First reading

    @Test func `roots are watched before anything is listed, then each is listed once`() {
        var run = Aggregation()
        run.registry.make(one, owner: 7)
        run.connect()
        #expect(
            run.registry.inbox.map(\.request) == [
                .addWatch(AddWatchRequest(path: "/dubbo", mode: .persistentRecursive)),
                .addWatch(AddWatchRequest(path: "/DDNS", mode: .persistentRecursive)),
            ]
        )
        run.settle()
        #expect(run.registry.listings == ["/dubbo": 1, "/DDNS": 1, "/dubbo/a.B/providers": 1])
    }

    @Test func `the view is not ready until the last registration is read`() {
        var run = Aggregation()
        run.registry.make(one, owner: 7)
        run.connect()
        while !run.registry.inbox.isEmpty {
            #expect(run.view.freshness == .notReady)
            run.registry.serve()
            run.deliver(.max)
        }
        #expect(run.view.freshness == .live)
        #expect(run.takeStory() == ["appeared a.B", "joined a.B 10.0.0.1:1"])
        let service = ServiceName(.dubbo, "a.B")
        let instance = run.view.services[service]?.instances.values.first
        #expect(instance?.origin == Instance.Origin(path: one, czxid: 4, mzxid: 4, session: 7))
        #expect(instance?.state.since == UnixTime(milliseconds: 4_000))
        #expect(run.view.zxid == 4)
    }

    @Test func `missing roots are an empty view, and their creation is seen`() {
        var run = Aggregation()
        run.connect()
        run.settle()
        #expect(run.view.freshness == .live)
        #expect(run.takeStory() == [])
        run.registry.make(one, owner: 7)
        run.settle()
        #expect(run.takeStory() == ["appeared a.B", "joined a.B 10.0.0.1:1"])
        #expect(run.registry.listings == ["/dubbo": 1, "/DDNS": 1])
    }

    @Test func `an empty service is known, Dubbo's own directories are none`() {
        var run = Aggregation()
        for path in ["/dubbo/x.Y", "/dubbo/config", "/dubbo/mapping", "/dubbo/metadata"] {
            run.registry.make(path)
        }
        run.connect()
        run.settle()
        #expect(run.takeStory() == ["appeared x.Y"])
        run.registry.change(.delete("/dubbo/x.Y"))
        run.settle()
        #expect(run.takeStory() == ["vanished x.Y"])
    }

    @Test func `requests in flight are bounded`() {
        var run = Aggregation()
        for host in 1...250 { run.registry.make(Paths.provider("10.0.0.\(host):1")) }
        run.connect()
        var most = 0
        while !run.registry.inbox.isEmpty {
            run.registry.serve()
            run.deliver(.max)
            most = max(most, run.registry.inbox.reduce(0) { $0 + $1.request.parts })
        }
        #expect(most == 128)
        #expect(run.registry.reads.values.allSatisfy { $0 == 1 })
        #expect(run.view.instanceCount == 250)
    }

    @Test func `Dubbo's root may be the tree's`() {
        var run = Aggregation(MembershipConfiguration(dubboRoots: ["/"]))
        run.registry.make(
            DubboTree.providersPath(of: "a.B", root: "/") + "/" + ZNodePath.name(of: one)
        )
        run.registry.make("/zookeeper/quota")
        run.registry.make("/DDNS/app1/d.com", data: "10.0.0.9")
        run.connect()
        run.settle()
        #expect(
            run.takeStory() == [
                "appeared a.B", "appeared d.com", "joined d.com 10.0.0.9", "joined a.B 10.0.0.1:1",
            ]
        )
    }

    // MARK: Events

    @Test func `new registrations come from events alone`() {
        var run = live()
        run.registry.make(two, owner: 8)
        run.settle()
        #expect(run.takeStory() == ["joined a.B 10.0.0.2:1"])
        run.registry.make(Paths.provider("10.0.0.3:1", service: "c.D"))
        run.settle()
        #expect(run.takeStory() == ["appeared c.D", "joined c.D 10.0.0.3:1"])
        #expect(run.registry.listings.values.allSatisfy { $0 == 1 })
        #expect(run.registry.listings.count == 3)
    }

    @Test func `a registration deleted while it is read was never there`() {
        var run = live()
        run.registry.make(two, owner: 8)
        run.deliver()
        #expect(run.registry.inbox.count == 1)
        run.registry.change(.delete(two))
        run.settle()
        #expect(run.takeStory() == [])
    }

    @Test func `a reply that is older than a re-creation means nothing`() {
        var run = live()
        run.registry.make(two, owner: 8)
        run.deliver()
        run.registry.serve()
        let late = run.registry.takeMessages(1)
        run.registry.change(.delete(two))
        run.deliver()
        run.registry.change(.create(two, data: "", owner: 9))
        run.deliver()
        guard case .reply(let tag, let result, let zxid) = late[0] else {
            Issue.record("no reply")
            return
        }
        let moment = AggregatorEngine.Moment(Instant(nanoseconds: 0), UnixTime(milliseconds: 0))
        run.engine.receive(result, tag: tag, zxid: zxid, at: moment)
        run.flush()
        #expect(run.takeStory() == [])
        run.settle()
        #expect(run.takeStory() == ["joined a.B 10.0.0.2:1"])
        let instances = run.view.services[ServiceName(.dubbo, "a.B")]?.instances.values ?? []
        #expect(Set(instances.map(\.origin.session)) == [7, 9])
    }

    @Test func `A2.8 data changed while it is read is read again`() {
        var run = live()
        let domain = Paths.domain("d.com")
        run.registry.make(domain, data: "10.0.0.1")
        run.deliver(.max)
        run.registry.serve()
        let old = run.registry.takeMessages(1)
        run.registry.change(.set(domain, data: "10.0.0.2"))
        run.deliver()
        guard case .reply(let tag, let result, let zxid) = old[0] else {
            Issue.record("no reply")
            return
        }
        let moment = AggregatorEngine.Moment(Instant(nanoseconds: 0), UnixTime(milliseconds: 0))
        run.engine.receive(result, tag: tag, zxid: zxid, at: moment)
        run.flush()
        #expect(run.takeStory() == ["appeared d.com", "joined d.com 10.0.0.1"])
        #expect(run.registry.inbox.count == 1)
        run.settle()
        #expect(run.takeStory() == ["joined d.com 10.0.0.2", "left d.com 10.0.0.1 replaced"])
    }

    @Test func `a provider's data means nothing`() {
        var run = live()
        run.registry.change(.set(one, data: "10.0.0.1:1"))
        run.settle()
        #expect(run.takeStory() == [])
        #expect(run.engine.isQuiet)
    }

    // MARK: Departures

    @Test(arguments: [
        (true, SessionFact.Kind?.some(.closed), Departure.closed), (true, .expired, .expired),
        (true, nil, .deleted), (false, nil, .unknown), (true, .connectionLost, .deleted),
    ])
    func `the reason of a departure is told where it is known`(
        hears: Bool,
        fact: SessionFact.Kind?,
        expected: Departure
    ) {
        var run = live(MembershipConfiguration(hearsSessionEnds: hears))
        if let fact {
            run.registry.end(session: 7, fact, tellsFacts: true)
        } else {
            run.registry.change(.delete(one))
        }
        run.settle()
        #expect(run.takeStory() == ["left a.B 10.0.0.1:1 \(expected)"])
    }

    @Test func `a persistent registration can only be deleted`() {
        var run = live(MembershipConfiguration())
        run.registry.make(two, owner: 0)
        run.settle()
        run.registry.change(.delete(two))
        run.settle()
        #expect(run.takeStory().last == "left a.B 10.0.0.2:1 deleted")
    }

    @Test func `the newest znode speaks for an instance, and losing a hidden one is nothing`() {
        var run = live()
        let newer = Paths.provider("10.0.0.1:1", query: "side=provider&timestamp=2")
        run.registry.make(newer, owner: 8)
        run.settle()
        #expect(run.takeStory() == ["changed a.B 10.0.0.1:1 to a newer znode"])
        run.registry.end(session: 7, .expired, tellsFacts: true)
        run.settle()
        #expect(run.takeStory() == [])
        run.registry.make(one, owner: 9)
        run.settle()
        #expect(run.takeStory() == ["changed a.B 10.0.0.1:1 to a newer znode"])
        run.registry.change(.delete(one))
        run.settle()
        #expect(run.takeStory() == ["changed a.B 10.0.0.1:1 to a newer znode"])
        run.registry.change(.delete(newer))
        run.settle()
        #expect(run.takeStory() == ["left a.B 10.0.0.1:1 deleted"])
    }

    @Test func `a registration replaced in one transaction does not leave`() {
        var run = live()
        run.registry.change([.delete(one), .create(one, data: "", owner: 8)])
        run.settle()
        #expect(run.takeStory() == ["changed a.B 10.0.0.1:1 to a newer znode"])
        let other = Paths.provider("10.0.0.1:1", query: "side=provider&weight=5")
        run.registry.change([.delete(one), .create(other, data: "", owner: 8)])
        run.settle()
        #expect(run.takeStory() == ["changed a.B 10.0.0.1:1 to a newer znode"])
        #expect(run.view.instanceCount == 1)
    }

    @Test func `an announced successor that never comes lets the instance leave`() {
        var run = live()
        let other = Paths.provider("10.0.0.1:1", query: "side=provider&weight=5")
        run.registry.change([.delete(one), .create(other, data: "", owner: 8)])
        run.deliver(.max)
        #expect(run.takeStory() == [])
        run.registry.change(.delete(other))
        run.deliver(.max)
        #expect(run.takeStory() == ["left a.B 10.0.0.1:1 deleted"])
        run.settle()
        #expect(run.takeStory() == [])
    }

    // MARK: Rejections

    @Test(arguments: [
        ("dubbo%3A%2F%2F10.0.0.9%3", "escape is cut short at byte 22"),
        ("hello", "not a URL, it has no ://"),
        (PercentCoding.encode("dubbo://10.0.0.9:99999/a.B"), "port is not in 1 to 65535"),
        (
            PercentCoding.encode("dubbo://\(String(repeating: "x", count: 300)):1/a.B"),
            "host is not an IP address"
        ),
    ])
    func `garbage is listed with its reason and is in nobody's way`(name: String, reason: String) {
        var run = live()
        let garbage = "/dubbo/a.B/providers/\(name)"
        run.registry.make(garbage, owner: 8)
        run.registry.make(two, owner: 8)
        run.settle()
        #expect(run.takeStory() == ["rejected \(garbage): \(reason)", "joined a.B 10.0.0.2:1"])
        run.disconnect()
        run.connect()
        run.settle()
        #expect(run.takeStory() == [])
        run.registry.change(.delete(garbage))
        run.settle()
        #expect(run.takeStory() == ["accepted \(garbage)"])
    }

    @Test func `a directory whose name is no interface is a service with a rejection`() {
        var run = live()
        run.registry.make("/dubbo/bad%zz/providers/x")
        run.settle()
        #expect(
            run.takeStory() == [
                "appeared bad%zz",
                "rejected /dubbo/bad%zz: escape is not hexadecimal at byte 3",
            ]
        )
        run.registry.change([
            .delete("/dubbo/bad%zz/providers/x"), .delete("/dubbo/bad%zz/providers"),
            .delete("/dubbo/bad%zz"),
        ])
        run.settle()
        #expect(run.takeStory() == ["accepted /dubbo/bad%zz", "vanished bad%zz"])
    }

    @Test func `a registration that may not be read is a rejection until it may`() {
        var run = live()
        run.registry.make(two, owner: 8)
        run.deliver()
        run.registry.serve(failing: .noAuth)
        run.deliver()
        #expect(run.takeStory() == ["rejected \(two): the registry refuses to show it"])
        run.disconnect()
        run.connect()
        run.settle()
        #expect(run.takeStory() == ["accepted \(two)", "joined a.B 10.0.0.2:1"])
    }

    // MARK: Connections

    @Test func `a lost connection keeps the view and makes it stale`() {
        var run = live()
        run.disconnect()
        guard case .stale = run.view.freshness else {
            Issue.record("freshness is \(run.view.freshness)")
            return
        }
        #expect(run.view.instanceCount == 1)
        #expect(run.takeStory() == [])
        run.connect()
        guard case .stale = run.view.freshness else {
            Issue.record("live before anything was read")
            return
        }
        run.settle()
        #expect(run.view.freshness == .live)
        #expect(run.takeStory() == [])
    }

    @Test func `what changed while the connection was away is found by listing again`() {
        var run = live()
        let three = Paths.provider("10.0.0.3:1")
        run.registry.make(two, owner: 7)
        run.settle()
        _ = run.takeDeltas()
        run.disconnect()
        run.registry.make(three, owner: 9)
        run.registry.change([.delete(one), .create(one, data: "", owner: 9)])
        run.registry.change(.delete(two))
        run.engine.tell(SessionFact(session: 7, kind: .expired, zxid: 0))
        run.connect()
        run.settle()
        #expect(
            Set(run.takeStory()) == [
                "left a.B 10.0.0.2:1 expired", "joined a.B 10.0.0.3:1",
                "changed a.B 10.0.0.1:1 to a newer znode",
            ]
        )
    }

    @Test func `A1.6 a new connection to an unchanged tree asks each directory, and no more`() {
        var run = live()
        run.registry.make(two, owner: 8)
        run.settle()
        run.registry.change(.delete(one))
        run.registry.make(Paths.provider("10.0.0.3:1", service: "c.D"), owner: 8)
        run.settle()
        _ = run.takeDeltas()
        run.disconnect()
        run.resume()
        run.settle()
        #expect(run.registry.listings == ["/DDNS": 1])
        let directories = ["/dubbo", "/dubbo/a.B/providers", "/dubbo/c.D/providers"]
        #expect(run.registry.reads == Dictionary(uniqueKeysWithValues: directories.map { ($0, 1) }))
        #expect(run.takeStory() == [])
        #expect(run.view.freshness == .live)
    }

    @Test func `below a directory that changed meanwhile all is listed and read again`() {
        var run = live()
        let other = Paths.provider("10.0.0.3:1", service: "c.D")
        run.registry.make(other, owner: 8)
        run.settle()
        _ = run.takeDeltas()
        run.disconnect()
        run.registry.change(.delete(one))
        run.registry.change(.create(one, data: "", owner: 9))
        run.resume()
        run.settle()
        #expect(run.registry.listings == ["/DDNS": 1, "/dubbo/a.B/providers": 1])
        #expect(run.registry.reads[one] == 1)
        #expect(run.registry.reads[other] == nil)
        #expect(run.takeStory() == ["changed a.B 10.0.0.1:1 to a newer znode"])
    }

    @Test func `providers that went with their directory while it was to be listed are gone`() {
        var run = live()
        run.disconnect()
        run.registry.change(.delete(one))
        run.connect()
        let directory = "/dubbo/a.B/providers"
        while !run.registry.inbox.contains(where: { $0.request.isListing(of: directory) }) {
            run.registry.serve()
            run.deliver(.max)
        }
        run.registry.change(.delete(directory))
        run.deliver(.max)
        run.settle()
        #expect(run.takeStory() == ["left a.B 10.0.0.1:1 deleted"])
    }

    @Test func `what a lost connection did not get to see is not taken for known`() {
        var run = live()
        run.registry.make(Paths.provider("10.0.0.3:1", service: "c.D"), owner: 8)
        run.settle()
        _ = run.takeDeltas()
        run.disconnect()
        run.registry.make(two, owner: 9)
        run.resume()
        // The watches and the roots: nothing is known below them when the connection goes.
        for _ in 0..<4 {
            run.registry.serve()
            run.deliver(.max)
        }
        run.disconnect()
        run.resume()
        run.settle()
        #expect(run.registry.listings["/dubbo/a.B/providers"] == 1)
        #expect(run.takeStory() == ["joined a.B 10.0.0.2:1"])
    }

    @Test func `a registration whose reading was cut off is read on the next connection`() {
        var run = live()
        run.registry.change([.delete(one), .create(one, data: "", owner: 9)])
        run.deliver(.max)
        #expect(run.registry.inbox.count == 1)
        run.disconnect()
        run.resume()
        run.settle()
        #expect(run.takeStory() == ["changed a.B 10.0.0.1:1 to a newer znode"])
    }

    @Test(arguments: [0, 3])
    func `a registry that was put back to an earlier state is read as it is`(epoch: Int64) {
        var run = live()
        run.registry.make(Paths.domain("one.company1.com"), data: "10.4.0.2")
        run.registry.make(Paths.domain("two.company1.com"), data: "10.4.0.3")
        run.registry.make(Paths.provider("10.0.0.4:1", service: "gone.G"))
        run.settle()
        let earlier = run.registry
        for path in [one, Paths.provider("10.0.0.4:1", service: "gone.G")] {
            run.registry.change(.delete(path))
        }
        run.registry.change(.delete("/dubbo/gone.G/providers"))
        run.registry.change(.delete("/dubbo/gone.G"))
        run.registry.change(.delete(Paths.domain("one.company1.com")))
        run.registry.make(two, owner: 8)
        run.registry.make(Paths.provider("10.0.0.9:1", service: "c.D"))
        run.registry.make(Paths.domain("three.company1.com"), data: "10.4.0.4")
        run.settle()
        run.disconnect()
        run.registry = earlier
        if epoch > 0 { run.registry.begin(epoch: epoch) }
        run.connect()
        run.settle()
        #expect(PlainView(run.view) == PlainView(tree: run.registry))
        run.registry.make(Paths.provider("10.0.0.5:1", service: "gone.G"))
        run.settle()
        #expect(PlainView(run.view) == PlainView(tree: run.registry))
    }

    @Test func `of several reads in one request each has an answer of its own`() {
        var run = live()
        let three = Paths.provider("10.0.0.3:1")
        run.registry.change([
            .create(two, data: "", owner: 8), .create(three, data: "", owner: 8),
        ])
        run.deliver(.max)
        #expect(run.registry.inbox.map(\.request.parts) == [2])
        run.registry.change(.delete(two))
        run.registry.serve()
        run.deliver(.max)
        run.settle()
        #expect(run.takeStory() == ["joined a.B 10.0.0.3:1"])
        run.registry.change([
            .create(two, data: "", owner: 8), .delete(three),
            .create(three, data: "", owner: 8),
        ])
        run.deliver(.max)
        run.registry.serve(failing: .throttledOp)
        run.deliver(.max)
        #expect(run.retryAt != nil)
        run.retry()
        run.settle()
        #expect(
            run.takeStory() == [
                "joined a.B 10.0.0.2:1", "changed a.B 10.0.0.3:1 to a newer znode",
            ]
        )
    }

    @Test func `a root that is gone after a reconnect takes all services with it`() {
        var run = live()
        run.disconnect()
        run.registry.change([
            .delete(one), .delete("/dubbo/a.B/providers"), .delete("/dubbo/a.B"),
            .delete("/dubbo"),
        ])
        run.connect()
        run.settle()
        #expect(run.takeStory() == ["left a.B 10.0.0.1:1 deleted", "vanished a.B"])
    }

    @Test func `before the first reading a lost connection leaves the view not ready`() {
        var run = Aggregation()
        run.connect()
        run.disconnect()
        #expect(run.view.freshness == .notReady)
        #expect(run.engine.isQuiet)
    }

    @Test func `replies and events of a connection that is gone mean nothing`() {
        var run = live()
        run.registry.make(two, owner: 8)
        run.deliver()
        run.registry.serve()
        let late = run.registry.takeMessages(1)
        run.disconnect()
        guard case .reply(let tag, let result, _) = late[0] else {
            Issue.record("no reply")
            return
        }
        let moment = AggregatorEngine.Moment(Instant(nanoseconds: 0), UnixTime(milliseconds: 0))
        run.engine.receive(result, tag: tag, zxid: 1, at: moment)
        run.engine.receive(WatchEvent(.nodeDeleted, path: one), at: moment)
        run.flush()
        #expect(run.takeStory() == [])
        #expect(run.view.instanceCount == 1)
    }

    @Test func `a failure without a lasting reason is tried again after a pause, told once`() {
        var run = Aggregation()
        run.registry.make(one, owner: 7)
        run.connect()
        run.registry.serve(failing: .throttledOp)
        run.registry.serve(failing: .systemError)
        run.deliver(.max)
        #expect(run.registry.inbox.isEmpty)
        #expect(run.retryAt != nil)
        #expect(run.view.freshness == .notReady)
        #expect(run.warnings.count == 1)
        #expect(run.warnings.first?.contains("THROTTLEDOP") == true)
        run.retry()
        #expect(run.retryAt == nil)
        run.settle()
        #expect(run.view.freshness == .live)
        #expect(run.view.instanceCount == 1)
    }

    @Test(arguments: ["/dubbo/a.B/providers", "/DDNS/app1"])
    func `a directory that may not be listed holds nobody up`(path: String) {
        var run = Aggregation()
        run.registry.make(one)
        run.registry.make("/DDNS/app1")
        run.connect()
        while let next = run.registry.inbox.first {
            let isRefused = next.request == .getChildren2(.init(path: path, watch: false))
            run.registry.serve(failing: isRefused ? .noAuth : nil)
            run.deliver(.max)
        }
        #expect(run.view.freshness == .live)
        #expect(run.warnings == ["\(path) cannot be listed: NOAUTH"])
    }

    @Test func `a root that may not be listed keeps the view from being ready`() {
        var run = Aggregation(MembershipConfiguration(ddnsRoot: nil))
        run.connect()
        run.registry.serve()
        run.deliver()
        run.registry.serve(failing: .noAuth)
        run.deliver()
        #expect(run.view.freshness == .notReady)
        #expect(run.retryAt != nil)
    }
}
