import DNSProtocol
import ServiceModel

extension Explainer {
    /// A name that no file has: a host's, a service's, a domain's, or none.
    func explainRegistered(
        _ zone: ZonePlan.Zone,
        _ view: MembershipView,
        _ result: inout Explanation
    ) {
        let folder = zone.live == nil ? nil : ZonePlan.folder(of: result.name, in: zone.origin)
        switch folder {
        case LiveNames.nodeFolder?: explainHost(zone, view, &result)
        case .some: explainService(zone, view, &result)
        case nil: explainDomain(view, &result)
        }
        result.answer = Set(result.answer).sorted()
        if result.answer.isEmpty, !exists(result.name, zone, view) {
            result.rcode = .nxDomain
            result.notes.append("nothing exists at the name or below it")
        }
        let inside = result.verdicts.filter(\.isIn).count
        if result.verdicts.count > Limits.verdictsMax {
            let all = result.verdicts.count
            result.notes.append("\(all) instances, \(inside) of them in; not all are listed")
        }
        result.verdicts.sort {
            ($0.isIn ? 0 : 1, $0.instance.id) < ($1.isIn ? 0 : 1, $1.instance.id)
        }
        result.verdicts = Array(result.verdicts.prefix(Limits.verdictsMax))
    }

    private func explainHost(
        _ zone: ZonePlan.Zone,
        _ view: MembershipView,
        _ result: inout Explanation
    ) {
        result.rule =
            "addresses of the host, for one TTL longer than any instance is registered on it"
        let labels = result.name.labels
        guard labels.count == zone.origin.labelCount + 2,
            let address = LiveNames.address(nodeLabel: labels[0].map(DNSName.fold))
        else {
            result.notes.append("the name of a host is `10-0-0-1` or 32 hex digits")
            return
        }
        for service in view.services.values {
            for instance in service.instances.values where instance.id.endpoint.address == address {
                add(instance, Selection(service), &result) { _ in "it has no address of this type" }
            }
        }
    }

    private func explainDomain(_ view: MembershipView, _ result: inout Explanation) {
        guard let service = view.services[Self.domain(result.name)] else {
            result.rule =
                plan.zones[result.name] == nil
                ? "neither a zone file nor a registration has the name"
                : "the origin of a zone, which has SOA and NS"
            return
        }
        if case .nowhere(let reason) = plan.place(ofDomain: result.name) {
            result.notes.append("the domain is registered, but \(reason)")
        }
        result.rule = "instances of the registered domain"
        let rejections = service.rejections.values.sorted { $0.path < $1.path }
        for rejection in rejections.prefix(Limits.verdictsMax) {
            result.notes.append("\(rejection.path): \(rejection.reason): \(rejection.offender)")
        }
        let type = result.type
        for instance in service.instances.values {
            add(instance, Selection(service), &result) {
                Self.typeReason($0, type, isProtocol: false)
            }
        }
    }

    private func explainService(
        _ zone: ZonePlan.Zone,
        _ view: MembershipView,
        _ result: inout Explanation
    ) {
        let found = services(of: result.name, zone.origin, view)
        guard let first = found.first, let narrowing = Narrowing(result.name, below: first.base)
        else {
            result.rule =
                "a service's name, with `_<protocol>._tcp`, `<v>._version`, `<g>._group` or "
                + "`<t>._tag` in front"
            if found.isEmpty { result.notes.append("no service of such a name is registered") }
            return
        }
        result.rule = narrowing.rule(found.map(\.name.name).joined(separator: " and "))
        if found.count > 1 {
            result.notes.append("services whose names differ in case only share one DNS name")
        }
        let type = result.type
        for (name, _) in found {
            guard let service = view.services[name] else { continue }
            let selection = Selection(service)
            for instance in service.instances.values {
                add(instance, selection, &result) {
                    narrowing.reason($0, selection)
                        ?? Self.typeReason($0, type, isProtocol: narrowing.scheme != nil)
                }
            }
            noteMixture(service, narrowing, &result)
        }
    }

    private func noteMixture(
        _ service: MembershipView.Service,
        _ narrowing: Narrowing,
        _ result: inout Explanation
    ) {
        guard narrowing.version == nil else { return }
        let family = service.instances.values.filter {
            Selection.isAnswered($0) && narrowing.hasFamily($0.id)
        }
        let versions = Set(family.map(\.id.version))
        guard versions.count > 1 else { return }
        let names = versions.map { $0.isEmpty ? "none" : $0 }.sorted().joined(separator: ", ")
        result.notes.append("a mixture of versions is registered: \(names)")
    }

    /// The services whose name is the longest that the asked one is below; several when only case differs.
    private func services(
        of name: DNSName,
        _ origin: DNSName,
        _ view: MembershipView
    ) -> [(name: ServiceName, base: DNSName)] {
        var found: [(name: ServiceName, base: DNSName)] = []
        for service in view.services.keys where service.kind != .domain {
            guard let base = try? LiveNames.base(of: service, in: origin), name.isWithin(base)
            else {
                continue
            }
            if let longest = found.first?.base.wire.count {
                guard base.wire.count >= longest else { continue }
                if base.wire.count > longest { found = [] }
            }
            found.append((service, base))
        }
        return found.sorted { $0.name < $1.name }
    }

    /// Adds an instance's records to the answer and its verdict to the list.
    private func add(
        _ instance: Instance,
        _ selection: Selection,
        _ result: inout Explanation,
        why: (Instance) -> String?
    ) {
        let output = records.records(of: instance, selection)
        var isIn = false
        for placed in output.placed {
            switch placed.content {
            case .record(let record), .host(let record):
                guard record.name == result.name, matches(record.type, result.type) else {
                    continue
                }
                isIn = true
                result.answer.append(RecordText.line(record, as: result.name))
            case .name, .zone: continue
            }
        }
        let state = instance.state
        let standing = "\(state.standing.rawValue): \(state.why)"
        let reason = isIn ? standing : why(instance) ?? output.fault ?? standing
        result.verdicts.append(.init(instance: instance, isIn: isIn, why: reason))
    }

    /// Why an instance that the name shows has no record of the type; nil when its state is the reason.
    private static func typeReason(
        _ instance: Instance,
        _ type: RRType,
        isProtocol: Bool
    ) -> String? {
        guard Selection.isAnswered(instance) else { return nil }
        if isProtocol, type != .srv { return "the name of a protocol has SRV only" }
        switch type {
        case .a, .aaaa:
            guard instance.state.isServing else {
                return "suspect: \(instance.state.why); SRV only"
            }
            return "it has no IPv\(type == .a ? 4 : 6) address"
        case .srv: return instance.id.endpoint.port == 0 ? "it has no port" : nil
        default: return "instances have A, AAAA, SRV and TXT only"
        }
    }

    /// True when the name or one below it has records, or is declared.
    private func exists(_ name: DNSName, _ zone: ZonePlan.Zone, _ view: MembershipView) -> Bool {
        if name == zone.origin || plan.fileNames.contains(where: { $0.isWithin(name) }) {
            return true
        }
        if plan.zones.keys.contains(where: { $0.isWithin(name) }) { return true }
        for (service, state) in view.services.keys.map({ ($0, view.services[$0]) }) {
            let origin = service.kind == .domain ? DNSName.root : zone.origin
            guard let base = try? LiveNames.base(of: service, in: origin) else { continue }
            if base.isWithin(name), !records.records(of: service).placed.isEmpty { return true }
            let isHost = ZonePlan.folder(of: name, in: zone.origin) == LiveNames.nodeFolder
            guard let state, isHost || name.isWithin(base) else { continue }
            let selection = Selection(state)
            for instance in state.instances.values {
                for placed in records.records(of: instance, selection).placed
                where placed.name?.isWithin(name) == true { return true }
            }
        }
        return false
    }
}

extension Placed {
    /// The name that exists because of it.
    fileprivate var name: DNSName? {
        switch content {
        case .record(let record), .host(let record): record.name
        case .name(let name): name
        case .zone: nil
        }
    }
}
