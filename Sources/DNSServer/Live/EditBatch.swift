import DNSProtocol

/// The edits of one step while they are collected, and the zones that they concern.
///
/// Equal things taken away and added cancel out, so that a change of one parameter touches the records
/// that show it and no others.
struct EditBatch {
    private(set) var edits: [RecordEdit] = []
    /// Zones with a visible change.
    private(set) var changedZones: Set<DNSName> = []
    /// Domains that are zones of their own now, or no longer.
    private(set) var zonesAdded: [DNSName] = []
    private(set) var zonesRemoved: [DNSName] = []
    /// Records of hosts that shall go later.
    private var lingering: [Placed] = []

    /// Takes `old` out of the answers and puts `new` in.
    mutating func replace(_ old: [Placed], by new: [Placed]) {
        guard !old.isEmpty, !new.isEmpty else {
            for placed in old { withdraw(placed) }
            for placed in new { publish(placed) }
            return
        }
        guard old != new else { return }
        var counts: [Placed: Int] = [:]
        for placed in new { counts[placed, default: 0] += 1 }
        for placed in old {
            if let count = counts[placed], count > 0 {
                counts[placed] = count - 1
            } else {
                withdraw(placed)
            }
        }
        for placed in new {
            guard let count = counts[placed], count > 0 else { continue }
            counts[placed] = count - 1
            publish(placed)
        }
    }

    /// The records of hosts that shall go later, which are then the caller's to keep.
    mutating func takeLingering() -> [Placed] {
        defer { lingering = [] }
        return lingering
    }

    /// Takes a host's record out at once.
    mutating func end(_ lingering: Placed) {
        guard case .host(let record) = lingering.content else { return }
        edits.append(.remove(record, .registry))
        changedZones.insert(lingering.zone)
    }

    /// Replaces the records of a zone file.
    mutating func replaceFileRecords(
        of zone: DNSName,
        _ old: [ResourceRecord],
        by new: [ResourceRecord]
    ) {
        let (before, after) = (Set(old), Set(new))
        for record in old where !after.contains(record) { edits.append(.remove(record, .file)) }
        for record in new where !before.contains(record) { edits.append(.add(record, .file)) }
        changedZones.insert(zone)
    }

    private mutating func publish(_ placed: Placed) {
        switch placed.content {
        case .record(let record), .host(let record): edits.append(.add(record, .registry))
        case .name(let name): edits.append(.declare(name))
        case .zone: zonesAdded.append(placed.zone)
        }
        changedZones.insert(placed.zone)
    }

    private mutating func withdraw(_ placed: Placed) {
        switch placed.content {
        case .record(let record): edits.append(.remove(record, .registry))
        case .host: lingering.append(placed)
        case .name(let name): edits.append(.retract(name))
        case .zone: zonesRemoved.append(placed.zone)
        }
        if case .host = placed.content { return }
        changedZones.insert(placed.zone)
    }
}
