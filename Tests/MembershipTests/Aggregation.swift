import Membership
import Registrations
import ServiceModel
import ZooKeeperProtocol

/// An engine and a simulated registry, with the steps by which they talk.
struct Aggregation {
    var registry = SimulatedRegistry()
    var engine: AggregatorEngine
    /// What the deltas alone make; has to equal the engine's view.
    private(set) var shadow = MembershipView()
    private(set) var deltas: [ViewDelta] = []
    private(set) var warnings: [String] = []
    private(set) var retryAt: Instant?
    private var clock: Int64 = 0

    init(_ configuration: MembershipConfiguration = MembershipConfiguration()) {
        engine = AggregatorEngine(configuration)
    }

    var view: MembershipView { engine.view }

    private mutating func moment() -> AggregatorEngine.Moment {
        clock += 1
        return .init(Instant(nanoseconds: clock), UnixTime(milliseconds: clock))
    }

    /// Starts with what an earlier run knew.
    mutating func remember(_ view: MembershipView) {
        shadow = view
        engine.remember(view)
        flush()
    }

    mutating func connect() {
        registry.connect()
        engine.connected(at: moment())
        flush()
    }

    /// The session goes on, and with it its watches.
    mutating func resume() {
        registry.resume()
        engine.connected(at: moment())
        flush()
    }

    mutating func disconnect() {
        registry.disconnect()
        engine.disconnected(at: moment())
        flush()
    }

    /// Gives the engine the next messages as one batch.
    mutating func deliver(_ count: Int = 1) {
        for message in registry.takeMessages(count) {
            switch message {
            case .event(let event): engine.receive(event, at: moment())
            case .fact(let fact): engine.tell(fact)
            case .reply(let tag, let result, let zxid):
                engine.receive(result, tag: tag, zxid: zxid, at: moment())
            }
        }
        flush()
    }

    mutating func retry() {
        engine.retry(at: moment())
        flush()
    }

    mutating func flush() {
        let output = engine.takeOutput()
        registry.submit(output.requests)
        for delta in output.deltas { shadow.apply(delta) }
        deltas += output.deltas
        warnings += output.warnings
        retryAt = output.retryAt
    }

    /// Serves and delivers until nothing is left to do.
    mutating func settle() {
        while !registry.inbox.isEmpty || !registry.outbox.isEmpty {
            registry.serve()
            deliver(.max)
        }
    }

    mutating func takeDeltas() -> [ViewDelta] {
        defer { deltas = [] }
        return deltas
    }

    /// The deltas as short texts, for comparison.
    mutating func takeStory() -> [String] { takeDeltas().map(Self.describe) }

    static func describe(_ delta: ViewDelta) -> String {
        switch delta.change {
        case .serviceAppeared: "appeared \(delta.service)"
        case .serviceVanished: "vanished \(delta.service)"
        case .joined(let instance): "joined \(delta.service) \(instance.id.endpoint)"
        case .left(let instance, let reason):
            "left \(delta.service) \(instance.id.endpoint) \(reason)"
        case .changed(let old, let new):
            "changed \(delta.service) \(new.id.endpoint)"
                + (old.origin.czxid == new.origin.czxid ? "" : " to a newer znode")
        case .rejected(let rejection): "rejected \(rejection.path): \(rejection.reason)"
        case .rejectionEnded(let rejection): "accepted \(rejection.path)"
        }
    }
}

extension Request {
    /// Reads that it asks for at once.
    var parts: Int {
        if case .multiRead(let record) = self { record.operations.count } else { 1 }
    }

    func isListing(of path: String) -> Bool {
        if case .getChildren2(let record) = self { record.path == path } else { false }
    }
}

/// Shorthand for paths.
enum Paths {
    static func provider(
        _ endpoint: String,
        service: String = "a.B",
        query: String = "side=provider"
    ) -> String {
        DubboTree.providersPath(of: service) + "/"
            + PercentCoding.encode("dubbo://\(endpoint)/\(service)?\(query)")
    }

    static func domain(_ name: String, app: String = "app1") -> String { "/DDNS/\(app)/\(name)" }
}

/// A view as plain values: endpoint and znode of each instance, path of each rejection.
struct PlainView: Equatable, CustomStringConvertible {
    var services: [ServiceName: [InstanceID: String]] = [:]
    var rejections: [String] = []

    init() {}

    init(_ view: MembershipView) {
        for name in view.services.keys {
            guard let service = view.services[name] else { continue }
            let instances = service.instances.values.map { ($0.id, Self.origin($0.origin)) }
            services[name] = Dictionary(uniqueKeysWithValues: instances)
            rejections += service.rejections.keys
        }
        rejections.sort()
    }

    static func origin(_ origin: Instance.Origin) -> String {
        "\(origin.path) \(origin.czxid) \(origin.session)"
    }

    /// What the tree says, worked out from scratch.
    init(tree: SimulatedRegistry) {
        for path in tree.nodes["/dubbo"] == nil ? [] : tree.children(of: "/dubbo") {
            addService(path, tree)
        }
        var claimants: [ServiceName: [(czxid: Int64, path: String)]] = [:]
        for app in tree.nodes["/DDNS"] == nil ? [] : tree.children(of: "/DDNS") {
            for path in tree.children(of: app) {
                guard
                    let service = try? DomainService.service(fromChild: ZNodePath.name(of: path))
                else {
                    services[ServiceName(.domain, ZNodePath.name(of: path))] = [:]
                    rejections.append(path)
                    continue
                }
                claimants[service, default: []].append((tree.nodes[path]?.czxid ?? 0, path))
            }
        }
        for (service, all) in claimants {
            let sorted = all.sorted { $0 < $1 }
            services[service] = [:]
            for (index, claimant) in sorted.enumerated() {
                addDomain(service, claimant.path, isWinner: index == 0, tree)
            }
        }
        rejections.sort()
    }

    private mutating func addService(_ path: String, _ tree: SimulatedRegistry) {
        let service: ServiceName
        do {
            guard let found = try DubboTree.service(fromChild: ZNodePath.name(of: path)) else {
                return
            }
            service = found
        } catch {
            services[ServiceName(.dubbo, ZNodePath.name(of: path))] = [:]
            rejections.append(path)
            return
        }
        services[service] = [:]
        var newest: [InstanceID: Instance.Origin] = [:]
        for child in tree.children(of: path + "/providers") {
            guard let node = tree.nodes[child] else { continue }
            let origin = Instance.Origin(
                path: child,
                czxid: node.czxid,
                mzxid: node.mzxid,
                session: node.owner
            )
            let instance = try? ProviderName.parse(
                ZNodePath.name(of: child),
                service: service,
                origin: origin,
                since: UnixTime(milliseconds: 0)
            )
            guard let instance else {
                rejections.append(child)
                continue
            }
            Self.keepNewest(&newest, instance.id, origin)
        }
        services[service] = newest.mapValues(Self.origin)
    }

    private mutating func addDomain(
        _ service: ServiceName,
        _ path: String,
        isWinner: Bool,
        _ tree: SimulatedRegistry
    ) {
        var newest: [InstanceID: Instance.Origin] = [:]
        for list in [path] + tree.children(of: path) {
            guard let node = tree.nodes[list] else { continue }
            let origin = Instance.Origin(
                path: list,
                czxid: node.czxid,
                mzxid: node.mzxid,
                session: node.owner
            )
            var (endpoints, bad) = DDNSList.parse(node.data)
            if list != path, endpoints.isEmpty, bad.isEmpty {
                (endpoints, bad) = DDNSList.parse(ZNodePath.name(of: list).utf8)
            }
            if !bad.isEmpty || list == path && !isWinner { rejections.append(list) }
            for endpoint in endpoints where isWinner {
                let id = InstanceID(service: service, endpoint: endpoint)
                Self.keepNewest(&newest, id, origin)
            }
        }
        if isWinner { services[service] = newest.mapValues(Self.origin) }
    }

    private static func keepNewest(
        _ newest: inout [InstanceID: Instance.Origin],
        _ id: InstanceID,
        _ origin: Instance.Origin
    ) {
        if let known = newest[id], (known.czxid, known.path) > (origin.czxid, origin.path) {
            return
        }
        newest[id] = origin
    }

    var description: String {
        let lines = services.sorted { $0.key < $1.key }.map { name, instances in
            "\(name.kind) \(name): "
                + instances.sorted { $0.key < $1.key }.map { "\($0.key.endpoint) \($0.value)" }
                .joined(separator: ", ")
        }
        return (lines + rejections.map { "rejected \($0)" }).joined(separator: "\n")
    }
}
