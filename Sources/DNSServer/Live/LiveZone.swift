import DNSProtocol
public import ServiceModel
public import ZoneFiles

/// Keeps the answer table equal to the membership view and the zone files.
///
/// Step of the data flow: deltas and the view after them in, edits of the answer table out. It looks
/// only at the instances that the deltas name, in the view before and the view after, so one change costs
/// the same whatever the number of services and instances; where it changes what a service's plain name
/// shows (the first unversioned instance, a longer weight), it costs O(n) in that service.
///
/// Invariants: the edits given out, added up, are the records of `view` under `plan`, and of hosts that
/// left less than a TTL ago; a serial never falls. Owner: the actor that writes the answer table.
public struct LiveZone: Sendable {
    /// What is known of one service between deltas.
    private struct Known {
        var census = Census()
        var selection = Selection()
    }

    private var plan = ZonePlan()
    private var view = MembershipView()
    private var services: [ServiceName: Known] = [:]
    private var heads: [DNSName: ZoneHead] = [:]
    /// Domains that are zones of their own, by the services that need them.
    private var ownZones: [DNSName: Int] = [:]
    private var lingering = LingeringHosts()
    private var nameFaults = NameFaults()
    private var mode = ZoneHead.Mode.notReady
    /// When stale answers end.
    private var staleEnd: Instant?
    /// True when the heads of all zones have to be made again.
    private var concernsAllZones = false

    /// A live zone with no zones and nothing known; `load` gives it both.
    public init() {}

    /// When `expire` has something to do next, unless something else happens first.
    public var nextDeadline: Instant? {
        [lingering.nextDeadline, staleEnd].compactMap(\.self).min()
    }

    /// Registrations that have no records, or not all, because of their names; sorted and bounded.
    ///
    /// - Complexity: O(n log n); look at `faultsRevision` first.
    public var faults: [NameFault] { nameFaults.all }

    /// False when there were more faults than are remembered.
    public var isFaultListComplete: Bool { nameFaults.isComplete }

    /// A number that changes when `faults` does.
    public var faultsRevision: Int { nameFaults.revision }

    /// A number that changes when a zone comes or goes, not when its head changes.
    public private(set) var zonesRevision = 0

    /// The heads of all zones, by origin.
    ///
    /// - Complexity: O(n log n); for the origins alone look at `zonesRevision` first.
    public var zones: [ZoneHead] { heads.values.sorted { $0.origin < $1.origin } }

    /// Takes over a configuration and zone files, at the start and at each reload.
    ///
    /// - Parameters:
    ///   - configuration: All of it.
    ///   - files: All of them; those that are left out now go.
    ///   - now: The moment.
    ///   - time: Calendar time, for serials.
    /// - Returns: What changes in the table.
    /// - Complexity: O(records of the files); O(instances) when zones or names of registrations change.
    public mutating func load(
        _ configuration: ZoneConfiguration,
        files: [ZoneFile],
        now: Instant,
        time: UnixTime
    ) -> [RecordEdit] {
        let old = plan
        plan = ZonePlan(configuration, files: files)
        var batch = EditBatch()
        for origin in Set(old.zones.keys).union(plan.zones.keys) {
            let (before, after) = (old.zones[origin]?.file, plan.zones[origin]?.file)
            if before?.soa != after?.soa || before?.records != after?.records {
                batch.replaceFileRecords(
                    of: origin,
                    old.fileRecords(of: origin),
                    by: plan.fileRecords(of: origin)
                )
            }
        }
        if concernsRegistrations(old) { replaceAll(old, &batch) }
        concernsAllZones = true
        follow(view.freshness, now: now, time: time)
        return finish(&batch, now: now, time: time)
    }

    /// Follows the view.
    ///
    /// - Parameters:
    ///   - deltas: What led from the last view to this one; when numbers are missing, all is compared.
    ///   - view: The view after them.
    ///   - now: The moment.
    ///   - time: Calendar time, for serials and the age of a stale view.
    /// - Returns: What changes in the table.
    /// - Complexity: O(deltas), but see the type.
    public mutating func apply(
        _ deltas: [ViewDelta],
        _ view: MembershipView,
        now: Instant,
        time: UnixTime
    ) -> [RecordEdit] {
        var batch = EditBatch()
        if view.deltaNumber == self.view.deltaNumber &+ UInt64(deltas.count) {
            for (service, ids) in Self.touched(by: deltas) { update(service, ids, view, &batch) }
        } else {
            for service in Set(self.view.services.keys).union(view.services.keys) {
                update(service, nil, view, &batch)
            }
        }
        self.view = view
        follow(view.freshness, now: now, time: time)
        return finish(&batch, now: now, time: time)
    }

    /// Lets time pass: hosts that left long enough ago go, and stale answers end.
    ///
    /// - Parameters:
    ///   - now: The moment; before `nextDeadline` nothing happens.
    ///   - time: Calendar time, for serials.
    /// - Returns: What changes in the table.
    public mutating func expire(now: Instant, time: UnixTime) -> [RecordEdit] {
        var batch = EditBatch()
        for placed in lingering.take(until: now) { batch.end(placed) }
        if let end = staleEnd, end <= now {
            (mode, staleEnd, concernsAllZones) = (.expired, nil, true)
        }
        return finish(&batch, now: now, time: time)
    }
}

// MARK: Following the view

extension LiveZone {
    /// Services and instances that the deltas name, in the order in which they first do; nil for all
    /// instances of a service that vanished, perhaps to come back in the same batch.
    private static func touched(
        by deltas: [ViewDelta]
    ) -> [(ServiceName, Set<InstanceID>?)] {
        var places: [ServiceName: Int] = [:]
        var touched: [(ServiceName, Set<InstanceID>?)] = []
        for delta in deltas {
            let place = places[delta.service] ?? touched.count
            if place == touched.count {
                places[delta.service] = place
                touched.append((delta.service, []))
            }
            switch delta.change {
            case .joined(let instance), .left(let instance, _):
                touched[place].1?.insert(instance.id)
            case .changed(let old, let new): touched[place].1?.formUnion([old.id, new.id])
            case .serviceVanished: touched[place].1 = nil
            case .serviceAppeared, .rejected, .rejectionEnded: break
            }
        }
        return touched
    }

    /// Brings one service from `self.view` to `view`, where `ids` may differ; nil for all.
    private mutating func update(
        _ name: ServiceName,
        _ ids: Set<InstanceID>?,
        _ view: MembershipView,
        _ batch: inout EditBatch
    ) {
        let (old, new) = (self.view.services[name], view.services[name])
        let records = InstanceRecords(plan: plan)
        if (old == nil) != (new == nil) {
            let output = records.records(of: name)
            batch.replace(old == nil ? [] : output.placed, by: new == nil ? [] : output.placed)
            nameFaults.note(name, new == nil ? nil : output.fault)
        }
        var known = services[name] ?? Known()
        let before = known.selection
        let everything = { Set((old?.instances.keys ?? []) + (new?.instances.keys ?? [])) }
        let touched = new == nil ? everything() : ids ?? everything()
        for id in touched {
            if let instance = old?.instances[id] { known.census.count(instance, by: -1) }
            if let instance = new?.instances[id] { known.census.count(instance, by: 1) }
        }
        known.selection = new.map { Selection(known.census, $0) } ?? Selection()
        for id in known.selection == before ? touched : everything() {
            let was = old?.instances[id].map { records.records(of: $0, before) }
            let comes = new?.instances[id].map { records.records(of: $0, known.selection) }
            batch.replace(was?.placed ?? [], by: comes?.placed ?? [])
            nameFaults.note(id, comes?.fault)
        }
        services[name] = new == nil ? nil : known
    }

    private mutating func follow(
        _ freshness: MembershipView.Freshness,
        now: Instant,
        time: UnixTime
    ) {
        let before = mode
        defer { if mode != before { concernsAllZones = true } }
        staleEnd = nil
        switch freshness {
        case .notReady: mode = .notReady
        case .live: mode = .live
        case .stale(let since):
            // A clock that went back makes nothing younger than it was when it went stale.
            let age = Duration.milliseconds(max(0, time.milliseconds - since.milliseconds))
            let rest = plan.configuration.maxStale - age
            mode = rest > .zero ? .stale : .expired
            if mode == .stale { staleEnd = now + rest }
        }
    }
}

// MARK: Reloading

extension LiveZone {
    /// True when a new plan may give registrations other records than the old one did.
    private func concernsRegistrations(_ old: ZonePlan) -> Bool {
        guard old.configuration == plan.configuration, old.zones.keys == plan.zones.keys else {
            return true
        }
        return old.fileNames.symmetricDifference(plan.fileNames).contains { name in
            let domain = String(name.folded.description.dropLast())
            return view.services[ServiceName(.domain, domain)] != nil
                || plan.configuration.origins.contains {
                    name.isWithin($0.origin) && ZonePlan.folder(of: name, in: $0.origin) != nil
                }
        }
    }

    /// Replaces what all registrations have; hosts that left go at once.
    private mutating func replaceAll(_ old: ZonePlan, _ batch: inout EditBatch) {
        for placed in lingering.takeAll() { batch.end(placed) }
        let (before, after) = (InstanceRecords(plan: old), InstanceRecords(plan: plan))
        for name in view.services.keys {
            let output = after.records(of: name)
            batch.replace(before.records(of: name).placed, by: output.placed)
            nameFaults.note(name, output.fault)
            let selection = services[name]?.selection ?? Selection()
            for instance in view.services[name]?.instances.values ?? [] {
                let output = after.records(of: instance, selection)
                batch.replace(before.records(of: instance, selection).placed, by: output.placed)
                nameFaults.note(instance.id, output.fault)
            }
        }
        for placed in batch.takeLingering() { batch.end(placed) }
    }
}

// MARK: Zones

extension LiveZone {
    /// Adds to the collected edits what follows from them: waiting hosts, serials, zones.
    private mutating func finish(
        _ batch: inout EditBatch,
        now: Instant,
        time: UnixTime
    ) -> [RecordEdit] {
        for placed in batch.takeLingering() {
            let ttl = plan.zones[placed.zone]?.times?.ttl ?? 0
            let early = lingering.append(placed, until: now + .seconds(Int(ttl)))
            if let early { batch.end(early) }
        }
        for zone in batch.zonesAdded { ownZones[zone, default: 0] += 1 }
        for zone in batch.zonesRemoved {
            let count = (ownZones[zone] ?? 0) - 1
            ownZones[zone] = count > 0 ? count : nil
        }
        let (set, removed) = zoneEdits(batch, time: time)
        return set + batch.edits + removed
    }

    private mutating func zoneEdits(
        _ batch: EditBatch,
        time: UnixTime
    ) -> (set: [RecordEdit], removed: [RecordEdit]) {
        var (set, removed): ([RecordEdit], [RecordEdit]) = ([], [])
        var concerned = batch.changedZones.union(batch.zonesRemoved)
        if concernsAllZones {
            concerned.formUnion(plan.zones.keys)
            concerned.formUnion(heads.keys)
            concernsAllZones = false
        }
        for origin in concerned {
            guard plan.zones[origin] != nil || ownZones[origin] != nil else {
                if heads.removeValue(forKey: origin) != nil {
                    removed.append(.removeZone(origin))
                    zonesRevision += 1
                }
                continue
            }
            let serial = serial(origin, isChanged: batch.changedZones.contains(origin), time)
            let head = plan.head(origin, serial: serial, mode: mode)
            let old = heads.updateValue(head, forKey: origin)
            if old == nil { zonesRevision += 1 }
            if head != old { set.append(.setZone(head)) }
        }
        return (set, removed)
    }

    /// `max(last + 1, Unix seconds)` on a visible change, else the last one.
    private func serial(_ origin: DNSName, isChanged: Bool, _ time: UnixTime) -> UInt32 {
        let seconds = UInt32(truncatingIfNeeded: time.milliseconds / 1_000)
        guard let last = heads[origin]?.soa.serial else { return seconds }
        return isChanged ? max(last &+ 1, seconds) : last
    }
}
