import ServiceModel
import ZooKeeperProtocol

@testable import ZNodeTree

/// A tree to try things on, with one client at hand; checks the tree's invariants after each step.
final class TreeBench {
    var tree: ZNodeTree
    var now = Instant(nanoseconds: 0)
    let time = UnixTime(milliseconds: 1_700_000_000_000)
    /// Session and connection 1.
    let client = Caller(connection: ConnectionID(1), session: 1)
    /// Session and connection 2.
    let other = Caller(connection: ConnectionID(2), session: 2)

    init(zxid: Int64 = 0, enforcesQuotas: Bool = false) {
        tree = ZNodeTree(zxid: zxid, enforcesQuotas: enforcesQuotas)
        for session in [client.session, other.session] {
            _ = tree.createSession(session, timeout: .seconds(4), now: now)
        }
    }

    @discardableResult
    func apply(_ request: Request, by caller: Caller? = nil, at time: UnixTime? = nil) -> Outcome {
        let outcome = tree.apply(request, by: caller ?? client, at: time ?? self.time)
        #if DEBUG
        tree.checkInvariants()
        #endif
        return outcome
    }

    @discardableResult
    func create(
        _ path: String,
        _ mode: CreateMode = .persistent,
        data: [UInt8]? = [],
        acl: [ACL] = ACL.openUnsafe,
        by caller: Caller? = nil
    ) -> Outcome {
        apply(.create(CreateRequest(path: path, data: data, acl: acl, mode: mode)), by: caller)
    }

    @discardableResult
    func delete(_ path: String, version: Int32 = -1, by caller: Caller? = nil) -> Outcome {
        apply(.delete(DeleteRequest(path: path, version: version)), by: caller)
    }

    @discardableResult
    func set(
        _ path: String,
        _ data: [UInt8]? = [1],
        version: Int32 = -1,
        by caller: Caller? = nil
    ) -> Outcome {
        apply(.setData(SetDataRequest(path: path, data: data, version: version)), by: caller)
    }

    @discardableResult
    func exists(_ path: String, watch: Bool = false, by caller: Caller? = nil) -> Outcome {
        apply(.exists(ExistsRequest(path: path, watch: watch)), by: caller)
    }

    @discardableResult
    func get(_ path: String, watch: Bool = false, by caller: Caller? = nil) -> Outcome {
        apply(.getData(GetDataRequest(path: path, watch: watch)), by: caller)
    }

    @discardableResult
    func list(_ path: String, watch: Bool = false, by caller: Caller? = nil) -> Outcome {
        apply(.getChildren(GetChildrenRequest(path: path, watch: watch)), by: caller)
    }

    func createSession(_ id: Int64, _ timeout: Duration, at now: Instant) -> Int64? {
        tree.createSession(id, timeout: timeout, now: now)
    }

    func resumeSession(_ id: Int64, _ timeout: Duration, at now: Instant) -> Int64? {
        tree.resumeSession(id, timeout: timeout, now: now)
    }

    func expireNext(at now: Instant) -> (session: Int64, outcome: Outcome)? {
        let expired = tree.expireNext(now: now)
        #if DEBUG
        tree.checkInvariants()
        #endif
        return expired
    }

    func reapNext(at time: UnixTime) -> Outcome? {
        let outcome = tree.reapNext(at: time)
        #if DEBUG
        tree.checkInvariants()
        #endif
        return outcome
    }

    func hasSession(_ id: Int64) -> Bool { tree.hasSession(id) }
    func deadline(of id: Int64) -> Instant? { tree.session(id)?.deadline }
    func ephemerals(of id: Int64) -> [String] { tree.ephemerals(of: id) }

    func children(_ path: String) -> [String]? {
        guard case .names(let names)? = list(path).response else { return nil }
        return names.sorted()
    }

    func stat(_ path: String) -> Stat? {
        guard case .stat(let stat)? = exists(path).response else { return nil }
        return stat
    }
}

extension Outcome {
    /// The path that a create made.
    var path: String? {
        if case .path(let path)? = response { path } else { nil }
    }

    /// The results of a multi.
    var results: [MultiResponse.Result]? {
        if case .multi(let response)? = response { response.results } else { nil }
    }

    /// Every event with one of its receivers, spelled out: `1 nodeCreated /a`.
    var told: [String] {
        hits.flatMap { hit in
            hit.connections.map { "\($0.rawValue) \(hit.event.type) \(hit.event.path)" }
        }
    }
}
