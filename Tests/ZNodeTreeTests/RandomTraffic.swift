import ServiceModel
import TestSupport
import ZooKeeperProtocol

@testable import ZNodeTree

/// Random requests of every kind that changes a tree, many of which fail, on few paths, so that they meet.
struct RandomTraffic: ~Copyable {
    var tree: ZNodeTree
    var random: SeededGenerator
    private var milliseconds: Int64 = 1_000
    private var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
    private static let sessions = Int64(1)...4
    private static let paths: [String] = {
        let names = ["a", "b", "c", "ü"]
        let above = names.map { "/" + $0 }
        return above + above.flatMap { top in names.map { top + "/" + $0 } }
    }()
    private static let quotaPaths = ["/zookeeper/quota/a", "/zookeeper/quota/a/c"].flatMap {
        [$0, $0 + "/zookeeper_limits", $0 + "/zookeeper_stats"]
    }

    init(salt: UInt64, isRecording: Bool = true) {
        tree = ZNodeTree(isRecording: isRecording)
        random = Seed.generator(salt)
    }

    mutating func step() {
        milliseconds += Int64.random(in: 0..<50, using: &random)
        let time = UnixTime(milliseconds: milliseconds)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<4: openOne()
        case 4..<6: resumeOne()
        case 6..<8: _ = tree.apply(.closeSession, by: caller(), at: time)
        case 8..<10: while tree.expireNext(now: now) != nil {}
        case 10..<12: while tree.reapNext(at: time) != nil {}
        case 12..<30:
            tree.touchSession(Int64.random(in: Self.sessions, using: &random), now: now)
            let request = SetACLRequest(path: path(), acl: acl(), version: version())
            _ = tree.apply(.setACL(request), by: caller(), at: time)
        case 30..<60:
            let operations = (0..<Int.random(in: 1...6, using: &random)).map { _ in operation() }
            _ = tree.apply(.multi(MultiRequest(operations)), by: caller(), at: time)
        default: _ = tree.apply(request(operation()), by: caller(), at: time)
        }
    }

    private mutating func openOne() {
        let id = Int64.random(in: Self.sessions, using: &random)
        _ = tree.createSession(id, timeout: timeout(), now: now)
    }

    private mutating func resumeOne() {
        let id = Int64.random(in: Self.sessions, using: &random)
        _ = tree.resumeSession(id, timeout: timeout(), now: now)
    }

    private mutating func timeout() -> Duration {
        .milliseconds(500 * Int.random(in: 1...3, using: &random))
    }

    private mutating func path() -> String {
        let isAboutQuotas = Int.random(in: 0..<5, using: &random) == 0
        return (isAboutQuotas ? Self.quotaPaths : Self.paths).randomElement(using: &random) ?? "/"
    }

    private mutating func version() -> Int32 {
        Bool.random(using: &random) ? -1 : Int32.random(in: 0...2, using: &random)
    }

    private mutating func data() -> [UInt8]? {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: nil
        case 1: Array("count=5,bytes=-1".utf8)
        default: [UInt8](repeating: 7, count: Int.random(in: 0..<9, using: &random))
        }
    }

    private mutating func acl() -> [ACL] {
        let lists = [
            ACL.openUnsafe, ACL.openUnsafe, ACL.openUnsafe, ACL.readUnsafe,
            [ACL(.all, scheme: "auth", id: "")],
            [ACL(.all, scheme: "digest", id: "joe:x"), ACL(.read, scheme: "world", id: "anyone")],
        ]
        return lists.randomElement(using: &random) ?? []
    }

    private mutating func caller() -> Caller {
        let session = Int64.random(in: Self.sessions, using: &random)
        let known = [
            [], [Identity(scheme: "digest", id: "joe:x")], [Identity.superUser],
        ]
        return Caller(
            connection: ConnectionID(UInt64(session)),
            session: session,
            identities: known.randomElement(using: &random) ?? []
        )
    }

    private mutating func operation() -> MultiRequest.Operation {
        let path = path()
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
            var mode: CreateMode = CreateMode.allCases.randomElement(using: &random) ?? .persistent
            // Figures without limits are not recorded when these go with a session.
            if mode == .ephemeral, path.hasSuffix("limits") { mode = .persistent }
            let create = CreateRequest(path: path, data: data(), acl: acl(), mode: mode)
            guard mode.hasTTL else {
                return mode == .container ? .createContainer(create) : .create2(create)
            }
            let life = Int64.random(in: 1...400, using: &random)
            return .createTTL(CreateTTLRequest(create: create, ttlMilliseconds: life))
        case 5..<8: return .delete(DeleteRequest(path: path, version: version()))
        default:
            let version = version()
            return .setData(SetDataRequest(path: path, data: data(), version: version))
        }
    }

    private func request(_ operation: MultiRequest.Operation) -> Request {
        switch operation {
        case .create(let request), .create2(let request): .create2(request)
        case .createContainer(let request): .createContainer(request)
        case .createTTL(let request): .createTTL(request)
        case .delete(let request): .delete(request)
        case .setData(let request): .setData(request)
        case .check(let request): .check(request)
        }
    }
}
