import ServiceModel

/// What every answer about the view says of the view itself.
struct ViewHead {
    let value: JSONValue

    init(_ view: MembershipView, _ outage: Outage) {
        var fields: [String: JSONValue] = [
            "delta": .integer(Int64(clamping: view.deltaNumber)),
            "zxid": .string(view.zxid.hexadecimal),
            "services": .integer(Int64(view.services.count)),
            "instances": .integer(Int64(view.instanceCount)),
        ]
        switch view.freshness {
        case .notReady: fields["freshness"] = "not ready"
        case .live: fields["freshness"] = "live"
        case .stale(let since):
            fields["freshness"] = outage.isExpired(view) ? "expired" : "stale"
            fields["staleSince"] = .string(since.text)
            let age = view.age(at: outage.time) ?? .zero
            fields["ageSeconds"] = .integer(age.milliseconds / 1_000)
            fields["staleReason"] = outage.reason.map { .string($0) }
        }
        value = .object(fields)
    }
}

/// `/v1/services`: one row for each service, by name.
struct ServicesBody: Encodable {
    struct Row: Encodable {
        let name: String
        let kind: String
        let instances: Int
        /// Instances that answers list.
        let serving: Int
        let rejections: Int
        let since: String

        init(_ name: ServiceName, _ service: MembershipView.Service) {
            (self.name, kind) = (name.name, name.kind.rawValue)
            instances = service.instances.count
            serving = service.instances.values.count { $0.state.isServing }
            (rejections, since) = (service.rejections.count, service.since.text)
        }
    }

    let view: JSONValue
    /// Rows that there are in all.
    let total: Int
    let services: [Row]

    init(_ view: MembershipView, _ head: ViewHead, _ page: Page) {
        let names = view.services.keys.sorted()
        self.view = head.value
        total = names.count
        services = names.dropFirst(page.offset).prefix(page.limit).compactMap { name in
            view.services[name].map { Row(name, $0) }
        }
    }
}

/// `/v1/services/NAME`: everything about the services of that name, one for each part of the tree.
struct ServiceBody: Encodable {
    struct Detail: Encodable {
        let service: ServicesBody.Row
        let instances: [InstanceBody]
        let rejections: [RejectionBody]
    }

    let view: JSONValue
    let services: [Detail]

    init(_ view: MembershipView, _ head: ViewHead, name: String) {
        self.view = head.value
        services = view.names(matching: name).compactMap { name in
            guard let service = view.services[name] else { return nil }
            return Detail(
                service: ServicesBody.Row(name, service),
                instances: service.sortedInstances.prefix(Limits.rowsMax).map(InstanceBody.init),
                rejections: service.sortedRejections.prefix(Limits.rowsMax)
                    .map { RejectionBody($0, of: name) }
            )
        }
    }
}

/// `/v1/instances`: one row for each instance, by service and endpoint.
struct InstancesBody: Encodable {
    let view: JSONValue
    /// Rows that there are in all.
    let total: Int
    let instances: [InstanceBody]
    /// Registrations that are not understood; left out unless asked for.
    private(set) var rejections: [RejectionBody]?

    /// Sorts only those services' instances that the page touches.
    init(_ view: MembershipView, _ head: ViewHead, _ services: [ServiceName], _ page: Page) {
        var rows: [InstanceBody] = []
        var passed = 0
        for service in services.lazy.compactMap({ view.services[$0] }) {
            let skipped = max(0, min(page.offset - passed, service.instances.count))
            passed += service.instances.count
            guard skipped < service.instances.count, rows.count < page.limit else { continue }
            let room = page.limit - rows.count
            rows += service.sortedInstances.dropFirst(skipped).prefix(room).map(InstanceBody.init)
        }
        (self.view, total, instances) = (head.value, passed, rows)
    }

    /// Adds the rejections of the services, at most a page of them.
    mutating func addRejections(_ view: MembershipView, _ services: [ServiceName]) {
        var rows: [RejectionBody] = []
        for name in services where rows.count < Limits.rowsMax {
            guard let service = view.services[name] else { continue }
            rows += service.sortedRejections.prefix(Limits.rowsMax - rows.count)
                .map { RejectionBody($0, of: name) }
        }
        rejections = rows
    }
}

extension MembershipView {
    /// The known services of a name as people type it: domains in any case, with or without a final dot.
    func names(matching name: String) -> [ServiceName] {
        var domain = name.lowercased()
        if domain.hasSuffix(".") { domain.removeLast() }
        let wanted = [
            ServiceName(.dubbo, name), ServiceName(.application, name),
            ServiceName(.domain, domain),
        ]
        return wanted.filter { services[$0] != nil }
    }
}

extension MembershipView.Service {
    fileprivate var sortedInstances: [Instance] { instances.values.sorted { $0.id < $1.id } }

    fileprivate var sortedRejections: [Rejection] {
        rejections.values.sorted { $0.path < $1.path }
    }
}
