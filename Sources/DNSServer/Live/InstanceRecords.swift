import DNSProtocol
import ServiceModel

/// One thing that a service or an instance puts into the answers.
struct Placed: Hashable {
    /// What it is.
    enum Content: Hashable {
        case record(ResourceRecord)
        /// A record of a host's name, which goes on for a TTL after the instance left.
        case host(ResourceRecord)
        /// The name exists, with records or without.
        case name(DNSName)
        /// The zone of a domain that no other zone covers.
        case zone
    }

    /// The zone concerned.
    var zone: DNSName
    var content: Content
}

/// What registrations put into the answers, under one plan: pure, and the only place that decides it.
///
/// Step of the data flow: an instance in, its records out; the live zone takes the difference of before
/// and after, the explanation shows where they come from. Names that files own are left out.
struct InstanceRecords {
    /// What came out, and what could not be a name.
    struct Output {
        var placed: [Placed] = []
        /// Why something is missing, a clause.
        var fault: String?
    }

    let plan: ZonePlan

    /// What a service has by existing, whatever its instances.
    func records(of service: ServiceName) -> Output {
        var output = Output()
        if service.kind == .domain {
            attempt(&output) { output throws(LiveNames.Impossible) in
                let name = try LiveNames.base(of: service, in: .root)
                switch plan.place(ofDomain: name) {
                case .inside(let origin, _): place(.name(name), named: name, in: origin, &output)
                case .alone:
                    output.placed.append(Placed(zone: name, content: .zone))
                    place(.name(name), named: name, in: name, &output)
                case .nowhere(let reason): output.fault = reason
                }
            }
            return output
        }
        for zone in plan.configuration.origins {
            attempt(&output) { output throws(LiveNames.Impossible) in
                let name = try LiveNames.base(of: service, in: zone.origin)
                place(.name(name), named: name, in: zone.origin, &output)
            }
        }
        return output
    }

    /// What an instance has, given what its service's names show.
    func records(of instance: Instance, _ selection: Selection) -> Output {
        var output = Output()
        if instance.id.service.kind == .domain {
            attempt(&output) { output throws(LiveNames.Impossible) in
                try addDomain(instance, selection, &output)
            }
        } else {
            for zone in plan.configuration.origins {
                attempt(&output) { output throws(LiveNames.Impossible) in
                    try addService(instance, selection, zone, &output)
                }
            }
        }
        for zone in plan.configuration.origins {
            attempt(&output) { output throws(LiveNames.Impossible) in
                try addHost(instance, zone, &output)
            }
        }
        return output
    }

    private func addDomain(
        _ instance: Instance,
        _ selection: Selection,
        _ output: inout Output
    ) throws(LiveNames.Impossible) {
        if let claimant = selection.claimant, claimant != instance.application {
            output.fault = "\(claimant) registered the domain first"
            return
        }
        let name = try LiveNames.base(of: instance.id.service, in: .root)
        let (origin, ttl): (DNSName, UInt32)
        switch plan.place(ofDomain: name) {
        case .inside(let zone, let seconds): (origin, ttl) = (zone, seconds)
        case .alone(let seconds): (origin, ttl) = (name, seconds)
        case .nowhere(let reason):
            output.fault = reason
            return
        }
        let bodies = try bodies(instance, selection, plan.configuration.origins.first?.origin)
        for (type, rdata) in bodies {
            let record = ResourceRecord(name, type, ttl: ttl, rdata: rdata)
            place(.record(record), named: name, in: origin, &output)
        }
    }

    private func addService(
        _ instance: Instance,
        _ selection: Selection,
        _ zone: ZoneConfiguration.Zone,
        _ output: inout Output
    ) throws(LiveNames.Impossible) {
        let id = instance.id
        let base = try LiveNames.base(of: id.service, in: zone.origin)
        var family: [LiveNames.Qualifier] = []
        if !id.group.isEmpty { family.append(LiveNames.qualifier("_group", id.group)) }
        if !id.tag.isEmpty { family.append(LiveNames.qualifier("_tag", id.tag)) }
        var names: [(name: DNSName, isShown: Bool)] = []
        for name in try LiveNames.qualified(base, by: family) {
            names.append((name, selection.showsWithoutVersion(id)))
        }
        if !id.version.isEmpty {
            let version = LiveNames.qualifier("_version", id.version)
            for name in try LiveNames.qualified(base, by: family + [version]) {
                names.append((name, true))
            }
        }
        let bodies = try bodies(instance, selection, zone.origin)
        for (name, isShown) in names {
            add(isShown ? bodies : [], at: name, zone, &output)
            guard !id.scheme.isEmpty else { continue }
            let named = try LiveNames.perProtocol(id.scheme, name)
            add(isShown ? bodies.filter { $0.0 == .srv } : [], at: named, zone, &output)
        }
    }

    /// A name without records exists all the same: existence comes from the tree.
    private func add(
        _ bodies: [(RRType, [UInt8])],
        at name: DNSName,
        _ zone: ZoneConfiguration.Zone,
        _ output: inout Output
    ) {
        if bodies.isEmpty { place(.name(name), named: name, in: zone.origin, &output) }
        for (type, rdata) in bodies {
            let record = ResourceRecord(name, type, ttl: zone.ttl, rdata: rdata)
            place(.record(record), named: name, in: zone.origin, &output)
        }
    }

    private func addHost(
        _ instance: Instance,
        _ zone: ZoneConfiguration.Zone,
        _ output: inout Output
    ) throws(LiveNames.Impossible) {
        let name = try LiveNames.node(instance.id.endpoint.address, in: zone.origin)
        for (type, rdata) in addresses(instance) {
            let record = ResourceRecord(name, type, ttl: zone.ttl, rdata: rdata)
            place(.host(record), named: name, in: zone.origin, &output)
        }
    }

    /// Type and rdata of what the instance answers under its service's names, empty when it is out.
    ///
    /// `host` is the origin of the host's name; without one there is no SRV.
    private func bodies(
        _ instance: Instance,
        _ selection: Selection,
        _ host: DNSName?
    ) throws(LiveNames.Impossible) -> [(RRType, [UInt8])] {
        guard Selection.isAnswered(instance) else { return [] }
        var bodies = instance.state.isServing ? addresses(instance) : []
        if instance.id.endpoint.port > 0, let host {
            let srv = Rdata.srv(
                priority: instance.state.isServing ? Limits.upPriority : Limits.suspectPriority,
                weight: selection.weight(instance),
                port: instance.id.endpoint.port,
                target: try LiveNames.node(instance.id.endpoint.address, in: host)
            )
            bodies.append((.srv, srv))
        }
        bodies.append((.txt, Rdata.txt(Self.attributes(instance))))
        return bodies
    }

    private func addresses(_ instance: Instance) -> [(RRType, [UInt8])] {
        [instance.id.endpoint.address, instance.alternateAddress].compactMap { address in
            switch address {
            case .v4(let bits)?: (.a, Rdata.a(bits))
            case .v6(let high, let low)?: (.aaaa, Rdata.aaaa(high: high, low: low))
            case nil: nil
            }
        }
    }

    /// The strings of an instance's TXT record (RFC 6763 section 6); what is empty is left out.
    static func attributes(_ instance: Instance) -> [String] {
        let id = instance.id
        let pairs = [
            ("id", id.endpoint.description), ("v", id.version), ("group", id.group),
            ("tag", id.tag), ("proto", id.scheme), ("weight", "\(instance.weight)"),
            ("state", instance.state.standing.rawValue),
        ]
        return pairs.compactMap { $0.1.isEmpty ? nil : "\($0.0)=\($0.1)" }
    }

    private func place(
        _ content: Placed.Content,
        named name: DNSName,
        in zone: DNSName,
        _ output: inout Output
    ) {
        guard !plan.fileNames.contains(name) else {
            output.fault = "\(name) has records in a zone file"
            return
        }
        output.placed.append(Placed(zone: zone, content: content))
    }

    private func attempt(
        _ output: inout Output,
        _ body: (inout Output) throws(LiveNames.Impossible) -> Void
    ) {
        do { try body(&output) } catch { output.fault = error.reason }
    }
}
