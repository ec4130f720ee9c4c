import Membership
import Registrations
import ServiceModel
import TestSupport
import Testing
import ZooKeeperProtocol

/// The engine against a simulated registry: whatever happens in whatever order, the view ends as the tree.
@Suite struct AggregatorEngineRandomTests {
    @Test(arguments: 0..<120)
    func `A5.6 the view equals the tree whenever nothing is under way`(round: Int) {
        var random = Seed.generator(UInt64(round))
        var run = Aggregation(MembershipConfiguration(hearsSessionEnds: round % 2 == 0))
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            step(&run, &random, mayConnect: false)
        }
        run.connect()
        for _ in 0..<4 {
            for _ in 0..<200 { step(&run, &random, mayConnect: round % 3 == 0) }
            quiesce(&run)
            let (view, tree) = (PlainView(run.view), PlainView(tree: run.registry))
            #expect(view == tree, "round \(round), seed \(Seed.current)")
            #expect(run.view.freshness == .live)
            #expect(PlainView(run.shadow) == view)
            #expect(run.shadow.instanceCount == run.view.instanceCount)
            #expect(run.shadow.deltaNumber == run.view.deltaNumber)
        }
    }

    @Test(arguments: 0..<30)
    func `no child list is read twice on one connection`(round: Int) {
        var random = Seed.generator(1_000 + UInt64(round))
        var run = Aggregation()
        for _ in 0..<100 { step(&run, &random, mayConnect: false) }
        run.connect()
        for _ in 0..<500 { step(&run, &random, mayConnect: false) }
        quiesce(&run)
        #expect(run.registry.listings.values.allSatisfy { $0 == 1 })
        #expect(run.registry.listings["/dubbo"] == 1)
    }

    @Test(arguments: 0..<50)
    func `a service that keeps a provider never loses its last instance`(round: Int) {
        var random = Seed.generator(2_000 + UInt64(round))
        var run = Aggregation()
        run.registry.make(Paths.provider("10.9.9.9:1", service: "always.There"))
        run.connect()
        run.settle()
        for _ in 0..<400 {
            step(&run, &random, mayConnect: true)
            let service = run.view.services[ServiceName(.dubbo, "always.There")]
            #expect(service?.instances.count == 1, "round \(round), seed \(Seed.current)")
        }
    }

    @Test(arguments: 0..<50)
    func `one domain alone is watched with its claims`(round: Int) {
        var random = Seed.generator(3_000 + UInt64(round))
        let domain = ServiceName(.domain, "d1.company1.com")
        let service = ServiceName(.dubbo, "com.foo.S1")
        for only in [domain, service] {
            var run = Aggregation(MembershipConfiguration(scope: .service(only)))
            run.connect()
            for _ in 0..<400 { step(&run, &random, mayConnect: true) }
            quiesce(&run)
            let tree = PlainView(tree: run.registry)
            let seen = PlainView(run.view)
            #expect(seen.services[only] == tree.services[only])
            #expect(seen.services.keys.allSatisfy { $0 == only })
        }
    }

    private func quiesce(_ run: inout Aggregation) {
        if !run.registry.isConnected { run.connect() }
        run.settle()
        while run.retryAt != nil {
            run.retry()
            run.settle()
        }
        #expect(run.engine.isQuiet)
    }

    /// One thing happens, somewhere.
    private func step(
        _ run: inout Aggregation,
        _ random: inout SeededGenerator,
        mayConnect: Bool
    ) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: change(&run.registry, &random)
        case 40..<65: run.registry.serve()
        case 65: run.registry.serve(failing: .throttledOp)
        case 66 where run.retryAt != nil: run.retry()
        case 67 where mayConnect && run.registry.isConnected: run.disconnect()
        case 68 where mayConnect:
            if Bool.random(using: &random) { run.connect() } else { run.resume() }
        case 69..<71:
            let session = Int64.random(in: 1...6, using: &random)
            let kind: SessionFact.Kind = Bool.random(using: &random) ? .closed : .expired
            run.registry.end(session: session, kind, tellsFacts: true)
        default: run.deliver(Int.random(in: 1...6, using: &random))
        }
    }

    private func change(_ registry: inout SimulatedRegistry, _ random: inout SeededGenerator) {
        let path = Self.paths.randomElement(using: &random) ?? ""
        let owner = Int64.random(in: 0...6, using: &random)
        let data = Self.lists.randomElement(using: &random) ?? ""
        let isLeaf = path.contains("%3A") || path.contains("/e") || path.contains("garbage")
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: registry.make(path, data: data, owner: isLeaf ? owner : 0)
        case 5..<7: registry.change(.delete(path))
        case 7: registry.change(.set(path, data: data))
        case 8:
            let other = Self.paths.randomElement(using: &random) ?? ""
            registry.change([.delete(path), .create(other, data: data, owner: 0)])
        default:
            registry.change([.delete(path), .create(path, data: data, owner: isLeaf ? owner : 0)])
        }
    }

    private static let lists = [
        "", "10.1.0.1:80", "10.1.0.1:80,10.1.0.2:80", "10.1.0.2:80 10.1.0.3 bad", "nonsense",
        "10.1.0.3\n10.1.0.4:99999\n",
    ]

    private static let paths: [String] = {
        var paths = [
            "/dubbo", "/DDNS", "/dubbo/config", "/dubbo/bad%zz", "/dubbo/mapping/x", "/other",
        ]
        for service in ["com.foo.S0", "com.foo.S1", "com.foo.Outer$Inner"] {
            let providers = DubboTree.providersPath(of: service)
            paths += [ZNodePath.parent(of: providers) ?? "", providers]
            paths += [providers.replacing("/providers", with: "/consumers")]
            for host in 1...3 {
                for start in 1...3 {
                    let query = "side=provider&timestamp=17000000000\(start)"
                    let endpoint = "10.0.0.\(host):20880"
                    paths.append(Paths.provider(endpoint, service: service, query: query))
                }
            }
            paths += [providers + "/garbage", providers + "/dubbo%3A%2"]
        }
        for app in ["app1", "app2", "app3"] {
            paths.append("/DDNS/\(app)")
            paths.append("/DDNS/\(app)/not a domain")
            for domain in ["d1.company1.com", "D2.company1.com"] {
                paths.append("/DDNS/\(app)/\(domain)")
                paths += (1...3).map { "/DDNS/\(app)/\(domain)/e\($0)" }
                paths.append("/DDNS/\(app)/\(domain)/10.1.0.1:80")
            }
        }
        return paths
    }()
}
