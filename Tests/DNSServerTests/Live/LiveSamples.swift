import DNSProtocol
import ServiceModel
import Testing
import ZoneFiles

@testable import DNSServer

/// Builders shared by the live zone's tests.
enum Sample {
    static let service = ServiceName(.dubbo, "com.foo.Bar")
    static let base = "com.foo.Bar.dubbo.muster.internal."
    static let time = UnixTime(milliseconds: 1_700_000_000_000)
    static let start = Instant(nanoseconds: 0)

    static func configuration(_ implicit: Bool = true) throws -> ZoneConfiguration {
        ZoneConfiguration(
            origins: [.init(try DNSName("muster.internal"))],
            domainZones: [.init(try DNSName("company1.com"), ttl: 7)],
            allowsImplicitZones: implicit
        )
    }

    static func instance(
        _ endpoint: String,
        _ service: ServiceName = Sample.service,
        scheme: String = "dubbo",
        group: String = "",
        version: String = "",
        tag: String = "",
        weight: Int = 100,
        standing: State.Standing = .up,
        ipv6: String? = nil,
        application: String = "",
        czxid: Int64 = 1
    ) throws -> Instance {
        Instance(
            id: InstanceID(
                service: service,
                scheme: service.kind == .domain ? "" : scheme,
                endpoint: try #require(Endpoint(endpoint)),
                group: group,
                version: version,
                tag: tag
            ),
            alternateAddress: try ipv6.map { try #require(IPAddress($0)) },
            weight: weight,
            application: application,
            state: State(standing, since: time, why: "registered"),
            origin: Instance.Origin(path: "/x/\(endpoint)", czxid: czxid)
        )
    }

    static func domain(_ name: String) -> ServiceName { ServiceName(.domain, name) }

    static func file(_ origin: String, _ lines: String) throws -> ZoneFile {
        let head = "$TTL 60\n@ SOA ns hostmaster 7 2 3 4 300\n@ NS ns\n"
        return try ZoneFile(
            text: Array((head + lines).utf8),
            origin: DNSName(origin),
            file: "\(origin).zone"
        )
    }
}

/// A live zone with the view that it follows and the table that its edits make.
struct Follower {
    var zone = LiveZone()
    var view = MembershipView()
    var table = ModelTable()
    var now = Sample.start
    /// Edits of the last step.
    var edits: [RecordEdit] = []

    init(_ configuration: ZoneConfiguration, files: [ZoneFile] = []) {
        load(configuration, files: files)
    }

    /// A follower with the sample configuration and a view that was read.
    init(files: [ZoneFile] = []) throws {
        self.init(try Sample.configuration(), files: files)
        apply([])
    }

    var time: UnixTime {
        UnixTime(milliseconds: Sample.time.milliseconds + now.nanoseconds / 1_000_000)
    }

    mutating func load(_ configuration: ZoneConfiguration, files: [ZoneFile] = []) {
        take(zone.load(configuration, files: files, now: now, time: time))
    }

    /// One batch of changes, after which the registry's view is live.
    mutating func apply(
        _ changes: [(ServiceName, ViewDelta.Change)],
        _ freshness: MembershipView.Freshness = .live
    ) {
        var deltas: [ViewDelta] = []
        for (service, change) in changes {
            let number = view.deltaNumber + 1
            let delta = ViewDelta(number: number, at: time, service: service, change: change)
            view.apply(delta)
            deltas.append(delta)
        }
        view.freshness = freshness
        take(zone.apply(deltas, view, now: now, time: time))
    }

    mutating func join(_ instances: Instance...) {
        apply(instances.map { ($0.id.service, .joined($0)) })
    }

    mutating func leave(_ instances: Instance...) {
        apply(instances.map { ($0.id.service, .left($0, .closed)) })
    }

    mutating func change(_ old: Instance, to new: Instance) {
        apply([(old.id.service, .changed(from: old, to: new))])
    }

    mutating func wait(_ duration: Duration) {
        now = now + duration
        take(zone.expire(now: now, time: time))
    }

    mutating func take(_ new: [RecordEdit]) {
        edits = new
        for edit in new { table.apply(edit) }
    }

    /// Records of a name as text, in order.
    func records(_ name: String, _ type: RRType) throws -> [String] {
        try table.records(DNSName(name), type)
    }

    /// Some names of the table, those above them, and some that are not there.
    func someNames() throws -> [DNSName] {
        var names: Set<DNSName> = [
            try DNSName("no.muster.internal"), try DNSName("no.company1.com"),
            try DNSName("no.com.foo.bar.dubbo.muster.internal"),
        ]
        for entry in table.records.keys {
            var name: DNSName? = entry.record.name
            while let next = name, table.zones.keys.contains(where: { next.isWithin($0) }) {
                names.insert(next)
                name = next.parent
            }
        }
        return names.sorted().enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
    }

    func head(_ origin: String) throws -> ZoneHead? { table.zones[try DNSName(origin)] }
}

/// The answer table as its contract has it: counted records, counted names.
struct ModelTable: Equatable {
    struct Entry: Hashable {
        var record: ResourceRecord
        var isFile: Bool
    }

    private(set) var records: [Entry: Int] = [:]
    private(set) var names: [DNSName: Int] = [:]
    private(set) var zones: [DNSName: ZoneHead] = [:]
    /// Records or names that were taken away without being there.
    private(set) var faults: [String] = []

    mutating func apply(_ edit: RecordEdit) {
        switch edit {
        case .add(let record, let source):
            records[Entry(record: record, isFile: source == .file), default: 0] += 1
        case .remove(let record, let source):
            let entry = Entry(record: record, isFile: source == .file)
            if !Self.takeOne(&records, entry) { faults.append("not there: \(entry)") }
        case .declare(let name): names[name, default: 0] += 1
        case .retract(let name):
            if !Self.takeOne(&names, name) { faults.append("not there: \(name)") }
        case .setZone(let head):
            if zones[head.origin] == head { faults.append("nothing new: \(head)") }
            zones[head.origin] = head
        case .removeZone(let origin):
            if zones.removeValue(forKey: origin) == nil { faults.append("no zone \(origin)") }
        }
    }

    private static func takeOne<Key>(_ counts: inout [Key: Int], _ key: Key) -> Bool {
        guard let count = counts[key] else { return false }
        counts[key] = count > 1 ? count - 1 : nil
        return true
    }

    func exists(_ name: DNSName) -> Bool {
        (records.keys.map(\.record.name) + names.keys + zones.keys).contains { $0.isWithin(name) }
    }

    func records(_ name: DNSName, _ type: RRType) -> [String] {
        records.keys.filter { $0.record.name == name && $0.record.type == type }
            .map { RecordText.rdata($0.record) }.sorted()
    }
}
