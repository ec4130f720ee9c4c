import DNSProtocol
import ServiceModel
import ZoneFiles

/// Which zone a name belongs to and which names files own: configuration and zone files together.
///
/// Step of the data flow: looked up for every record that the live zone makes. Invariants: a zone
/// stands once, whatever it is made from; the longest origin that covers a name has it. Owner: a value.
struct ZonePlan {
    /// What one zone is made from.
    struct Zone {
        var origin: DNSName
        /// Set when it lists services.
        var live: ZoneConfiguration.Zone?
        /// Set when registered domains may stand in it.
        var domains: ZoneConfiguration.Zone?
        var file: ZoneFile?

        /// The times of its registered names; nil when all names come from the file.
        var times: ZoneConfiguration.Zone? { live ?? domains }
    }

    /// Where a registered domain is answered.
    enum DomainPlace: Equatable {
        /// In a zone that covers it.
        case inside(origin: DNSName, ttl: UInt32)
        /// As a zone of its own.
        case alone(ttl: UInt32)
        /// Nowhere; a clause says why.
        case nowhere(String)
    }

    let configuration: ZoneConfiguration
    private(set) var zones: [DNSName: Zone] = [:]
    /// Names that have records in a file, which registrations cannot change.
    ///
    /// Of an origin SOA and NS do not count, as it has them always.
    private(set) var fileNames: Set<DNSName> = []

    /// No zones.
    init() { configuration = ZoneConfiguration(origins: []) }

    init(_ configuration: ZoneConfiguration, files: [ZoneFile]) {
        self.configuration = configuration
        for zone in configuration.origins { zones[zone.origin, default: Zone(zone)].live = zone }
        for zone in configuration.domainZones {
            zones[zone.origin, default: Zone(zone)].domains = zone
        }
        for file in files {
            zones[file.origin, default: Zone(origin: file.origin)].file = file
            fileNames.formUnion(fileRecords(of: file.origin).map(\.name))
        }
    }

    /// The zone with the longest origin that covers a name, registered domains not counted.
    func zone(covering name: DNSName) -> Zone? {
        var candidate: DNSName? = name
        while let origin = candidate {
            if let zone = zones[origin] { return zone }
            candidate = origin.parent
        }
        return nil
    }

    /// Where a registered domain is answered.
    func place(ofDomain name: DNSName) -> DomainPlace {
        guard let zone = zone(covering: name) else {
            guard configuration.allowsImplicitZones else {
                return .nowhere("no zone of dns.ddnsZones covers it")
            }
            return .alone(ttl: implicitTimes(name).ttl)
        }
        guard let times = zone.domains ?? zone.live else {
            return .nowhere("the zone \(zone.origin) is a file's and not one of dns.ddnsZones")
        }
        if zone.live != nil, let folder = Self.folder(of: name, in: zone.origin) {
            return .nowhere("names below \(folder).\(zone.origin) come from registrations")
        }
        return .inside(origin: zone.origin, ttl: times.ttl)
    }

    /// The times of a domain's own zone: those of the first origin.
    private func implicitTimes(_ name: DNSName) -> ZoneConfiguration.Zone {
        guard var times = configuration.origins.first else { return ZoneConfiguration.Zone(name) }
        times.origin = name
        return times
    }

    /// `dubbo`, `services` or `node` when a name is below that label of an origin, or is it.
    static func folder(of name: DNSName, in origin: DNSName) -> String? {
        let depth = name.labelCount - origin.labelCount
        guard depth > 0 else { return nil }
        let label = String(decoding: name.labels[depth - 1].map(DNSName.fold), as: UTF8.self)
        let folders = ServiceName.Kind.allCases.compactMap(LiveNames.folder)
        return (folders + [LiveNames.nodeFolder]).first { $0 == label }
    }

    /// The records of a zone's file that stand in the table: all but the origin's NS, which the head has.
    func fileRecords(of origin: DNSName) -> [ResourceRecord] {
        let records = zones[origin]?.file?.records ?? []
        return records.filter { !($0.type == .ns && $0.name == origin) }
    }

    /// The parts of a zone's head that its file or the configuration gives.
    ///
    /// - Parameters:
    ///   - origin: A zone of the plan, or a domain that is one by itself.
    ///   - serial: Of a zone with registered names; a zone of a file alone has the file's.
    ///   - mode: How far registered names may be trusted.
    /// - Returns: The head.
    func head(_ origin: DNSName, serial: UInt32, mode: ZoneHead.Mode) -> ZoneHead {
        let zone = zones[origin] ?? Zone(ZoneConfiguration.Zone(origin))
        guard let file = zone.file else { return synthesized(zone, serial: serial, mode: mode) }
        var soa = file.soa
        if let times = zone.times {
            (soa.serial, soa.minimum) = (serial, min(soa.minimum, times.negativeTTL))
        }
        let servers = file.records.filter { $0.type == .ns && $0.name == origin }
        return ZoneHead(
            origin: origin,
            soa: soa,
            soaTTL: file.soaTTL,
            nameServers: servers.compactMap { try? DNSName(wire: $0.rdata) },
            nameServerTTL: servers.first?.ttl ?? file.soaTTL,
            mode: zone.times == nil ? .live : mode,
            staleTTL: configuration.staleTTL
        )
    }

    /// A zone without a file names `ns` and `hostmaster` of the first origin.
    private func synthesized(_ zone: Zone, serial: UInt32, mode: ZoneHead.Mode) -> ZoneHead {
        let home = configuration.origins.first?.origin ?? zone.origin
        let times = zone.times ?? implicitTimes(zone.origin)
        let server = (try? home.prepending("ns")) ?? home
        return ZoneHead(
            origin: zone.origin,
            soa: SOA(
                primary: server,
                contact: (try? home.prepending("hostmaster")) ?? home,
                serial: serial,
                refresh: Limits.soaTimes.refresh,
                retry: Limits.soaTimes.retry,
                expire: Limits.soaTimes.expire,
                minimum: times.negativeTTL
            ),
            soaTTL: times.ttl,
            nameServers: [server],
            nameServerTTL: times.ttl,
            mode: mode,
            staleTTL: configuration.staleTTL
        )
    }
}

extension ZonePlan.Zone {
    fileprivate init(_ zone: ZoneConfiguration.Zone) { self.init(origin: zone.origin) }
}
