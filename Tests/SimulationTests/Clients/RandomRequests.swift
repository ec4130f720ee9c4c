import TestSupport
import ZooKeeperProtocol

/// Requests of all kinds about a small tree, so that they meet each other.
struct RandomRequests {
    let depth: Int
    var isShort = false

    static let names = ["a", "b", "c"]
    /// Not paths, or not of everyday use.
    static let oddPaths = [
        "", "/", "a", "/a/", "//a", "/a//b", "/a/.", "/../a", "/a/\u{0}", "/\u{1}", "/\u{7f}",
        "/\u{e000}", "/\u{1f600}", "/caf\u{e9}", "/cafe\u{301}", "/zookeeper", "/zookeeper/quota",
        "/zookeeper/config", "/zookeeper/x", "/a b%", "/a/...", "/ab",
    ]
    /// A few of them make a list that is sent from where it is.
    static let longName = String(repeating: "n", count: 900)
    static let shortName = String(repeating: "n", count: 60)
    static let accessLists: [[ACL]] = [
        ACL.openUnsafe,
        ACL.readUnsafe,
        [],
        [ACL(.all, scheme: "digest", id: PlainCredentials.anna.id)],
        [ACL([.read, .create], scheme: "digest", id: PlainCredentials.bert.id)],
        [
            ACL(.read, scheme: "world", id: "anyone"),
            ACL(.all, scheme: "digest", id: PlainCredentials.anna.id),
            ACL(.read, scheme: "world", id: "anyone"),
        ],
        [ACL([.read, .write, .create, .delete], scheme: "ip", id: "10.0.0.1")],
        [ACL([.read, .admin], scheme: "ip", id: "10.0.0.0/31")],
        [ACL(.all, scheme: "auth", id: "")],
        [ACL(.all, scheme: "world", id: "someone")],
        [ACL(.all, scheme: "digest", id: "no colon")],
        [ACL(.all, scheme: "ip", id: "10.0.0.0/33")],
        [ACL(.all, scheme: "what", id: "")],
    ]

    func path(_ random: inout SeededGenerator) -> String {
        if random.chance(30) { return random.pick(Self.oddPaths) }
        return (0..<random.number(1...depth)).map { _ in "/" + random.pick(Self.names) }.joined()
    }

    private func paths(_ random: inout SeededGenerator) -> [String] {
        (0..<random.number(0...3)).map { _ in path(&random) }
    }

    private func version(_ random: inout SeededGenerator) -> Int32 {
        random.chance(600) ? -1 : Int32(random.number(0...3))
    }

    private func data(_ random: inout SeededGenerator) -> [UInt8]? {
        if random.chance(100) { return nil }
        let count =
            !isShort && random.chance(3) ? random.number(20_000...300_000) : random.number(0...12)
        return [UInt8](repeating: UInt8(random.number(0...255)), count: count)
    }

    private func accessList(_ random: inout SeededGenerator) -> [ACL] {
        random.chance(900) ? ACL.openUnsafe : random.pick(Self.accessLists)
    }

    private func create(_ random: inout SeededGenerator) -> CreateRequest {
        let mode = random.weighted([
            (40, CreateMode.persistent), (30, .ephemeral), (10, .persistentSequential),
            (15, .ephemeralSequential), (2, .container), (2, .persistentTTL),
        ])
        var path = path(&random)
        if mode.isSequential {
            path += random.pick(["", "/", "/s-", "/" + (isShort ? Self.shortName : Self.longName)])
        }
        var request = CreateRequest(path: path, data: data(&random), mode: mode)
        request.acl = accessList(&random)
        if random.chance(10) { request.flags = Int32(random.number(-1...8)) }
        return request
    }

    private func operation(_ random: inout SeededGenerator) -> MultiRequest.Operation {
        switch random.number(0...9) {
        case 0...2: .create(create(&random))
        case 3: .create2(create(&random))
        case 4: .createContainer(container(&random))
        case 5: .createTTL(ttl(&random))
        case 6, 7: .delete(DeleteRequest(path: path(&random), version: version(&random)))
        case 8: .setData(setData(&random))
        default: .check(CheckVersionRequest(path: path(&random), version: version(&random)))
        }
    }

    private func setData(_ random: inout SeededGenerator) -> SetDataRequest {
        SetDataRequest(path: path(&random), data: data(&random), version: version(&random))
    }

    private func container(_ random: inout SeededGenerator) -> CreateRequest {
        CreateRequest(path: path(&random), data: data(&random), mode: .container)
    }

    private func ttl(_ random: inout SeededGenerator) -> CreateTTLRequest {
        let mode: CreateMode = random.chance(700) ? .persistentTTL : .persistentSequentialTTL
        let create = CreateRequest(path: path(&random), data: data(&random), mode: mode)
        let lives: [Int64] = [1, 50, 2_000, 60_000, 0, -1, 1 << 40 - 1, 1 << 40]
        return CreateTTLRequest(create: create, ttlMilliseconds: random.pick(lives))
    }

    func next(_ random: inout SeededGenerator, lastZxid: Int64) -> Request {
        switch random.number(0...99) {
        case 0..<22: return .create(create(&random))
        case 22..<28: return .create2(create(&random))
        case 28..<30: return .createContainer(container(&random))
        case 30..<32: return .createTTL(ttl(&random))
        case 32..<42: return .delete(DeleteRequest(path: path(&random), version: version(&random)))
        case 42..<52: return .setData(setData(&random))
        case 52..<62: return multi(&random)
        case 62..<84: return read(&random)
        case 84..<97: return aboutWatches(&random, lastZxid: lastZxid)
        default: return aboutAccess(&random)
        }
    }

    private func multi(_ random: inout SeededGenerator) -> Request {
        .multi(MultiRequest((0..<random.number(0...5)).map { _ in operation(&random) }))
    }

    private func read(_ random: inout SeededGenerator) -> Request {
        let (path, watch) = (path(&random), random.chance(400))
        switch random.number(0...19) {
        case 0...3: return .exists(ExistsRequest(path: path, watch: watch))
        case 4...7: return .getData(GetDataRequest(path: path, watch: watch))
        case 8...9: return .getChildren(GetChildrenRequest(path: path, watch: watch))
        case 10...12: return .getChildren2(GetChildrenRequest(path: path, watch: watch))
        case 13: return .sync(SyncRequest(path: path))
        case 14: return .getEphemerals(GetEphemeralsRequest(prefix: random.pick([path, "/", ""])))
        case 15: return .getAllChildrenNumber(GetAllChildrenNumberRequest(path: path))
        case 16: return .check(CheckVersionRequest(path: path, version: version(&random)))
        case 17: return .getACL(GetACLRequest(path: path))
        case 18: return multiRead(&random)
        default: return .whoAmI
        }
    }

    private func multiRead(_ random: inout SeededGenerator) -> Request {
        let parts = (0..<random.number(0...4)).map { _ -> MultiReadRequest.Operation in
            let path = path(&random)
            return random.chance(500)
                ? .getData(GetDataRequest(path: path, watch: random.chance(100)))
                : .getChildren(GetChildrenRequest(path: path, watch: random.chance(100)))
        }
        return .multiRead(MultiReadRequest(parts))
    }

    private func aboutWatches(_ random: inout SeededGenerator, lastZxid: Int64) -> Request {
        let path = path(&random)
        let kind = random.pick(WatcherRequest.Kind.allCases)
        switch random.number(0...9) {
        case 0...4:
            let mode: AddWatchRequest.Mode = random.chance(500) ? .persistent : .persistentRecursive
            return .addWatch(AddWatchRequest(path: random.chance(100) ? "/" : path, mode: mode))
        case 5: return .checkWatches(WatcherRequest(path: path, type: kind))
        case 6: return .removeWatches(WatcherRequest(path: path, type: kind))
        case 7: return .setWatches(setWatches(&random, lastZxid))
        default:
            return .setWatches2(
                SetWatches2Request(
                    oneShot: setWatches(&random, lastZxid),
                    persistentWatches: paths(&random),
                    persistentRecursiveWatches: paths(&random)
                )
            )
        }
    }

    private func setWatches(_ random: inout SeededGenerator, _ lastZxid: Int64) -> SetWatchesRequest
    {
        SetWatchesRequest(
            relativeZxid: max(0, lastZxid - Int64(random.number(0...6))),
            dataWatches: paths(&random),
            existWatches: paths(&random),
            childWatches: paths(&random)
        )
    }

    private func aboutAccess(_ random: inout SeededGenerator) -> Request {
        switch random.number(0...3) {
        case 0:
            return .setACL(
                SetACLRequest(
                    path: path(&random),
                    acl: random.pick(Self.accessLists),
                    version: version(&random)
                )
            )
        case 1: return .getACL(GetACLRequest(path: path(&random)))
        default:
            let packet = random.weighted([
                (2, ("ip", "")), (1, ("what", "")), (1, ("world", "anyone")),
                (6, ("digest", PlainCredentials.anna.credential)),
                (6, ("digest", PlainCredentials.bert.credential)),
            ])
            let bytes = Array(packet.1.utf8)
            return .auth(AuthPacket(type: 0, scheme: packet.0, credential: bytes))
        }
    }
}
