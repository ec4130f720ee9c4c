import ServiceModel
import TestSupport
import ZNodeTree
import ZooKeeperProtocol

/// A tree to which random things happen, and the records that they leave.
struct TreeHistory: ~Copyable {
    private(set) var tree: ZNodeTree
    private var random: SeededGenerator
    private var milliseconds: Int64 = 1_000
    /// Ids are used again, as they may be after 2^55 of them.
    private static let sessions = Int64(1)...5
    /// In no order of their bytes; some are equal for `String`, some sort before a slash.
    private static let names = ["a", "a-b", "a b", "\u{e9}", "e\u{301}", "b"]
    private static let quotaPaths = ["/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_stats"]
    private static let lists = [
        ACL.openUnsafe, ACL.openUnsafe, ACL.readUnsafe, [ACL(.all, scheme: "auth", id: "")],
        [ACL(.all, scheme: "digest", id: "a,b:%"), ACL(.read, scheme: "ip", id: "10.0.0.0/8")],
    ]

    init(salt: UInt64) {
        random = Seed.generator(salt)
        tree = ZNodeTree(zxid: 0x1_0000_0000, isRecording: true)
        for id in Self.sessions {
            _ = tree.createSession(id, timeout: .seconds(id), now: Instant(nanoseconds: 0))
        }
        apply(.create(CreateRequest(path: "/a", data: [], mode: .persistent)))
    }

    /// Hands out the records since the last time.
    mutating func takeRecords(_ body: (_ zxid: Int64, _ payload: Span<UInt8>) -> Void) {
        tree.recorded.forEachRecord(body)
        tree.recorded.removeAll()
    }

    mutating func step() {
        milliseconds += 1
        let id = Int64.random(in: Self.sessions, using: &random)
        let now = Instant(nanoseconds: 0)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<4: _ = tree.createSession(id, timeout: .seconds(id), now: now)
        case 4..<7: _ = tree.resumeSession(id, timeout: .milliseconds(milliseconds), now: now)
        case 7..<10: apply(.closeSession)
        case 10..<18:
            let acl = Self.lists.randomElement(using: &random) ?? []
            apply(.setACL(SetACLRequest(path: path(), acl: acl, version: -1)))
        case 18..<40:
            let count = Int.random(in: 1...6, using: &random)
            apply(.multi(MultiRequest((0..<count).map { _ in operation() })))
        default: apply(.multi(MultiRequest([operation()])))
        }
    }

    private mutating func apply(_ request: Request) {
        let caller = Caller(
            connection: ConnectionID(1),
            session: Int64.random(in: Self.sessions, using: &random),
            identities: [Identity(scheme: "digest", id: "joe:x"), .superUser]
        )
        _ = tree.apply(request, by: caller, at: UnixTime(milliseconds: milliseconds))
    }

    private mutating func path() -> String {
        if Int.random(in: 0..<12, using: &random) == 0 {
            return Self.quotaPaths.randomElement(using: &random) ?? "/"
        }
        let depth = Int.random(in: 1...3, using: &random)
        return (0..<depth).map { _ in "/" + (Self.names.randomElement(using: &random) ?? "") }
            .joined()
    }

    private mutating func data() -> [UInt8]? {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: nil
        case 1: Array("count=5,bytes=-1".utf8)
        default: [UInt8](repeating: 0, count: Int.random(in: 0..<9, using: &random))
        }
    }

    private mutating func operation() -> MultiRequest.Operation {
        let path = path()
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
            let mode = CreateMode.allCases.randomElement(using: &random) ?? .persistent
            let acl = Self.lists.randomElement(using: &random) ?? []
            let create = CreateRequest(path: path, data: data(), acl: acl, mode: mode)
            guard mode.hasTTL else {
                return mode == .container ? .createContainer(create) : .create2(create)
            }
            return .createTTL(CreateTTLRequest(create: create, ttlMilliseconds: milliseconds))
        case 5..<8: return .delete(DeleteRequest(path: path, version: -1))
        default: return .setData(SetDataRequest(path: path, data: data(), version: -1))
        }
    }
}

/// All that a tree has, in an order of its own, to be compared with another.
struct TreeContent: Equatable {
    let zxid: Int64
    var nodes: [ZNodeAtRest] = []
    let sessions: [[String]]

    init(_ tree: borrowing ZNodeTree) {
        zxid = tree.lastZxid
        var nodes: [ZNodeAtRest] = []
        tree.forEachNode { nodes.append($0) }
        self.nodes = nodes.sorted { Array($0.path.utf8).lexicographicallyPrecedes($1.path.utf8) }
        var sessions: [[String]] = []
        for session in tree.sessionSummaries {
            let paths = tree.ephemerals(of: session.id).sorted()
            sessions.append(["\(session.id)", "\(session.timeout)"] + paths)
        }
        self.sessions = sessions
    }
}
