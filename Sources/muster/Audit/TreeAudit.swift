import Registrations
import ServiceModel
import ZooKeeperProtocol

/// Finds what is wrong in a tree: facts of its znodes in, findings out.
///
/// Step of the data flow: between a walk over a tree and what `muster audit` prints. Pure. What could not
/// be asked for is counted and never taken for good. Memory: a record for each provider, entry and
/// service, and the longest lists.
struct TreeAudit {
    /// A registration that has an owner, or none.
    struct Holder: Equatable, Sendable {
        let path: String
        let service: ServiceName
        let endpoint: Endpoint
        /// The session, 0 for a persistent znode.
        let owner: Int64
        let czxid: Int64
        let ctime: UnixTime
    }
    /// A znode that a session owns.
    struct Ephemeral: Equatable, Sendable {
        let path: String
        let owner: Int64
        let czxid: Int64
        let ctime: UnixTime
    }
    /// How long a list of children is.
    struct List: Codable, Equatable, Sendable {
        let path: String
        let children: Int
        /// What a client is sent for it.
        let bytes: Int
        /// Creations and removals so far, in the 32 bits of a Stat.
        let cversion: Int32

        /// Thousandths of what clients take.
        var permille: Int { bytes * 1_000 / Limits.listBytesMax }
    }
    /// What was seen, for the first line.
    struct Tally: Encodable, Equatable, Sendable {
        var znodes = 0
        var ephemerals = 0
        var providers = 0
        var consumers = 0
        var domains = 0
        /// Subtrees that the server keeps from this user.
        var unreadable = 0
    }
    /// What came of a connection to an address.
    enum Knock: Equatable, Sendable {
        case open
        case refused
        case silent
        /// Neither: no route, for example.
        case failed(String)
    }
    private struct Need {
        var consumers: [String] = []
        var consumerCount = 0
        var providers = 0
        var path = ""
    }

    let layout: AuditLayout
    private(set) var tally = Tally()
    private(set) var holders: [Holder] = []
    private(set) var lists: [List] = []
    /// The first of the paths that could not be listed.
    private(set) var unreadablePaths: [String] = []
    private var needs: [ServiceName: Need] = [:]
    private(set) var direct: [AuditFinding] = []
    /// All ephemerals, whatever they are for.
    private(set) var ephemerals: [Ephemeral] = []

    init(layout: AuditLayout) { self.layout = layout }

    // MARK: Facts

    /// True for a znode whose data matters.
    func wantsData(of path: String) -> Bool {
        if case .domain = layout.place(of: path) { true } else { false }
    }

    /// A znode was read.
    ///
    /// - Parameters:
    ///   - path: Its path.
    ///   - stat: Its Stat.
    ///   - data: What it holds, where that was asked for.
    mutating func saw(_ path: String, _ stat: Stat, data: [UInt8]? = nil) {
        tally.znodes += 1
        let isEphemeral = PortableZNode.Kind(ephemeralOwner: stat.ephemeralOwner) == nil
        let session = isEphemeral ? stat.ephemeralOwner : 0
        if isEphemeral {
            tally.ephemerals += 1
            let created = UnixTime(milliseconds: stat.ctime)
            let ephemeral = Ephemeral(
                path: path,
                owner: session,
                czxid: stat.czxid,
                ctime: created
            )
            ephemerals.append(ephemeral)
        }
        switch layout.place(of: path) {
        case .provider(let service): sawProvider(path, service, stat, session)
        case .consumer(let service):
            tally.consumers += 1
            needs[service, default: Need()].consumerCount += 1
            guard needs[service, default: Need()].consumers.count < Limits.consumersShownMax else {
                return
            }
            needs[service, default: Need()].consumers.append(Self.host(ofConsumer: path))
            needs[service, default: Need()].path = ZNodePath.parent(of: path) ?? path
        case .domain(let service): sawDomain(path, service, stat, session, data ?? [])
        case .unusable(let error):
            direct.append(.init(kind: .notUnderstood, path: path, message: error.description))
        case .other: break
        }
    }

    /// The children of a znode were listed.
    mutating func saw(childrenOf path: String, _ names: [String], _ stat: Stat) {
        // Length, header of 16 bytes, count, then a length with each name, and the Stat (zookeeper.jute).
        let bytes = names.reduce(4 + 16 + 4 + 68) { $0 + 4 + $1.utf8.count }
        let list = List(
            path: path,
            children: names.count,
            bytes: bytes,
            cversion: stat.cversion
        )
        guard list.permille >= Limits.listPermilleKept else { return }
        lists.append(list)
        guard lists.count >= 2 * Limits.listsKeptMax else { return }
        lists = longest
    }

    /// A znode could not be read or listed.
    mutating func sawRefusal(_ path: String) {
        tally.unreadable += 1
        if unreadablePaths.count < Limits.unreadableShownMax { unreadablePaths.append(path) }
    }

    private mutating func sawProvider(
        _ path: String,
        _ service: ServiceName,
        _ stat: Stat,
        _ session: Int64
    ) {
        let origin = Instance.Origin(path: path, czxid: stat.czxid, session: session)
        let since = UnixTime(milliseconds: stat.ctime)
        do throws(RegistrationError) {
            let name = ZNodePath.name(of: path)
            let instance = try ProviderName.parse(
                name,
                service: service,
                origin: origin,
                since: since
            )
            tally.providers += 1
            needs[service, default: Need()].providers += 1
            let holder = Holder(
                path: path,
                service: service,
                endpoint: instance.id.endpoint,
                owner: session,
                czxid: stat.czxid,
                ctime: since
            )
            holders.append(holder)
        } catch {
            direct.append(
                .init(
                    kind: .notUnderstood,
                    path: path,
                    service: service.name,
                    session: session == 0 ? nil : Self.hex(session),
                    message: error.description
                )
            )
        }
    }

    private mutating func sawDomain(
        _ path: String,
        _ service: ServiceName,
        _ stat: Stat,
        _ session: Int64,
        _ data: [UInt8]
    ) {
        let isDomain = ZNodePath.parent(of: path).flatMap(ZNodePath.parent) == layout.ddnsRoot
        if isDomain { tally.domains += 1 }
        let (endpoints, bad) = DDNSList.parse(data)
        for endpoint in endpoints {
            let holder = Holder(
                path: path,
                service: service,
                endpoint: endpoint,
                owner: session,
                czxid: stat.czxid,
                ctime: UnixTime(milliseconds: stat.ctime)
            )
            holders.append(holder)
        }
        for error in bad {
            direct.append(
                .init(
                    kind: .notUnderstood,
                    path: path,
                    service: service.name,
                    message: error.description
                )
            )
        }
    }

    private static func host(ofConsumer path: String) -> String {
        do throws(RegistrationError) {
            return try DubboURL(childName: ZNodePath.name(of: path)).host
        } catch {
            return "?"
        }
    }

    /// `0x100000a2b3c0001`, as the servers write sessions.
    static func hex(_ session: Int64) -> String {
        "0x" + String(UInt64(bitPattern: session), radix: 16)
    }

    // MARK: Questions

    /// The ephemerals whose session is not among those that live.
    func orphans(living sessions: Set<Int64>) -> [Ephemeral] {
        ephemerals.filter { !sessions.contains($0.owner) }
    }

    /// Who asks for which service, and how many provide it.
    var demands:
        [(service: ServiceName, path: String, consumers: Int, hosts: [String], providers: Int)]
    {
        needs.map { ($0, $1.path, $1.consumerCount, $1.consumers, $1.providers) }
    }

    /// Addresses with a port that belong to no session, each once, in order.
    var staticEndpoints: [Endpoint] {
        Set(holders.filter { $0.owner == 0 && $0.endpoint.port != 0 }.map(\.endpoint)).sorted()
    }

    /// The longest lists, longest first.
    var longest: [List] {
        let sorted = lists.sorted { ($0.bytes, $1.path) > ($1.bytes, $0.path) }
        return Array(sorted.prefix(Limits.listsKeptMax))
    }
}
