public import DNSProtocol
public import ServiceModel
public import ZoneFiles

/// Explains answers under one configuration: pure, with the same rules that make the records.
///
/// Owner: whoever asks; it is made again at each reload.
public struct Explainer: Sendable {
    let plan: ZonePlan
    let records: InstanceRecords

    /// Takes over what `LiveZone.load` was given.
    public init(_ configuration: ZoneConfiguration, files: [ZoneFile]) {
        plan = ZonePlan(configuration, files: files)
        records = InstanceRecords(plan: plan)
    }

    /// Says why a question has the answer it has.
    ///
    /// - Parameters:
    ///   - name: What is asked for.
    ///   - type: Which records of it.
    ///   - view: The registrations.
    ///   - time: Calendar time, for the age of a stale view.
    /// - Returns: The explanation, with at most `Limits.verdictsMax` instances.
    /// - Complexity: O(n) in all services, and for host names in all instances.
    public func explain(
        _ name: DNSName,
        _ type: RRType,
        view: MembershipView,
        time: UnixTime
    ) -> Explanation {
        var result = Explanation(name, type)
        guard let zone = plan.zone(covering: name) ?? ownZone(covering: name, view) else {
            result.rcode = .refused
            result.rule = "no zone of this server covers the name"
            noteRefusedDomain(view, &result)
            return result
        }
        result.zone = zone.origin
        if type == .soa || type == .ns, name == zone.origin {
            explainApex(zone, &result)
        } else if plan.fileNames.contains(name) {
            explainFile(zone, view, &result)
        } else {
            explainRegistered(zone, view, &result)
            noteFreshness(zone, view, time, &result)
        }
        return result
    }

    /// The zone that a domain makes for itself.
    private func ownZone(covering name: DNSName, _ view: MembershipView) -> ZonePlan.Zone? {
        var candidate: DNSName? = name
        while let origin = candidate {
            let service = Self.domain(origin)
            if view.services[service] != nil, case .alone = plan.place(ofDomain: origin) {
                return ZonePlan.Zone(origin: origin)
            }
            candidate = origin.parent
        }
        return nil
    }

    /// The service that a registered domain of this name is.
    static func domain(_ name: DNSName) -> ServiceName {
        ServiceName(.domain, String(name.folded.description.dropLast()))
    }

    private func noteRefusedDomain(_ view: MembershipView, _ result: inout Explanation) {
        guard view.services[Self.domain(result.name)] != nil,
            case .nowhere(let reason) = plan.place(ofDomain: result.name)
        else { return }
        result.notes.append("the domain is registered, but \(reason)")
    }

    private func explainApex(_ zone: ZonePlan.Zone, _ result: inout Explanation) {
        let head = plan.head(zone.origin, serial: 0, mode: .live)
        result.rule = "the zone's own records, from \(zone.file?.file ?? "its configuration")"
        if result.type == .ns {
            result.answer = head.nameServers.map {
                "\(zone.origin) \(head.nameServerTTL) IN NS \($0)"
            }
            return
        }
        let serial = zone.times == nil ? "\(head.soa.serial)" : "<serial>"
        let times = [head.soa.refresh, head.soa.retry, head.soa.expire, head.soa.minimum]
        let rest = times.map { "\($0)" }.joined(separator: " ")
        let names = "\(head.soa.primary) \(head.soa.contact)"
        result.answer = ["\(zone.origin) \(head.soaTTL) IN SOA \(names) \(serial) \(rest)"]
        if zone.times != nil {
            result.notes.append("the serial is at least the Unix time of the last visible change")
        }
    }

    private func explainFile(
        _ zone: ZonePlan.Zone,
        _ view: MembershipView,
        _ result: inout Explanation
    ) {
        let entries = zone.file?.entries.filter { $0.record.name == result.name } ?? []
        let shown = entries.filter {
            matches($0.record.type, result.type) || $0.record.type == .cname
        }
        let file = zone.file?.file ?? "a zone file"
        let places = shown.isEmpty ? entries : shown
        let lines = places.map { "\($0.line)" }.joined(separator: ", ")
        result.rule = "records of \(file), line \(lines); a file goes before registrations"
        result.answer = shown.map { RecordText.line($0.record, as: result.name) }
        if view.services[Self.domain(result.name)] != nil {
            result.notes.append("a registered domain of this name is hidden by the file")
        }
    }

    private func noteFreshness(
        _ zone: ZonePlan.Zone,
        _ view: MembershipView,
        _ time: UnixTime,
        _ result: inout Explanation
    ) {
        guard zone.times != nil || zone.file == nil else { return }
        switch view.freshness {
        case .live: break
        case .notReady:
            (result.rcode, result.answer) = (.servFail, [])
            result.notes.append("the registry was not read yet (EDE 14)")
        case .stale:
            let age = view.age(at: time) ?? .zero
            let seconds = age.milliseconds / 1_000
            guard age < plan.configuration.maxStale else {
                (result.rcode, result.answer) = (.servFail, [])
                result.notes.append("the registry is out of reach for \(seconds) s (EDE 22)")
                return
            }
            let ttl = plan.configuration.staleTTL
            let state = "the registry is out of reach for \(seconds) s (EDE 3)"
            result.notes.append("\(state): last known answers, TTL at most \(ttl) s")
        }
    }

    /// True when records of a type answer a question for another.
    func matches(_ type: RRType, _ asked: RRType) -> Bool { type == asked || asked == .any }
}
