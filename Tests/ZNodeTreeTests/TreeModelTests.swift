import ServiceModel
import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

/// Random requests against the tree and against the plainest model that could be right.
@Suite struct TreeModelTests {
    @Test func `the tree and a plain model agree on 5,000 random requests`() {
        var run = ModelRun(random: Seed.generator(2))
        for step in 0..<5_000 {
            run.step()
            if step % 500 == 0 { run.compareAll() }
        }
        run.compareAll()
        #expect(run.tree.lastZxid > 1_000)
    }
}

/// Nodes by path, nothing else; every question is answered by looking at all of them.
private struct Model {
    struct Node: Equatable {
        var data: [UInt8]
        var version: Int32 = 0
        var creations: Int32 = 0
        var deletions: Int32 = 0
        var owner: Int64 = 0
    }
    var nodes: [String: Node] = ["/": Node(data: [])]

    func children(_ path: String) -> [String] {
        nodes.keys.filter { $0 != "/" && ZNodePath.parent(of: $0) == path }.sorted()
    }

    mutating func create(
        _ path: String,
        _ mode: CreateMode,
        _ data: [UInt8],
        _ session: Int64
    )
        -> Result<String, ErrorCode>
    {
        let parent = ZNodePath.parent(of: path) ?? "/"
        guard let above = nodes[parent] else { return .failure(.noNode) }
        let path =
            mode.isSequential ? ZNodePath.sequential(path, number: above.creations) : path
        guard nodes[path] == nil else { return .failure(.nodeExists) }
        guard above.owner == 0 else { return .failure(.noChildrenForEphemerals) }
        nodes[path] = Node(data: data, owner: mode.isEphemeral ? session : 0)
        nodes[parent]?.creations += 1
        return .success(path)
    }

    mutating func delete(_ path: String, _ version: Int32) -> ErrorCode {
        guard let node = nodes[path] else { return .noNode }
        guard version == -1 || version == node.version else { return .badVersion }
        guard children(path).isEmpty else { return .notEmpty }
        remove(path)
        return .ok
    }

    mutating func set(_ path: String, _ data: [UInt8], _ version: Int32) -> ErrorCode {
        guard let node = nodes[path] else { return .noNode }
        guard version == -1 || version == node.version else { return .badVersion }
        nodes[path]?.data = data
        nodes[path]?.version += 1
        return .ok
    }

    mutating func end(_ session: Int64) {
        for (path, node) in nodes where node.owner == session { remove(path) }
    }

    private mutating func remove(_ path: String) {
        nodes[path] = nil
        nodes[ZNodePath.parent(of: path) ?? "/"]?.deletions += 1
    }
}

private struct ModelRun: ~Copyable {
    var tree = ZNodeTree()
    private var model = Model()
    private var random: SeededGenerator
    private let time = UnixTime(milliseconds: 1)
    private var now = Instant(nanoseconds: 0)

    init(random: SeededGenerator) {
        self.random = random
        for session in Int64(1)...4 {
            _ = tree.createSession(session, timeout: .seconds(10), now: now)
        }
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: create()
        case 40..<60: delete()
        case 60..<75: set()
        case 75..<95: multi()
        case 95..<98: touchAll()
        default: endOne()
        }
        #if DEBUG
        if Int.random(in: 0..<20, using: &random) == 0 { tree.checkInvariants() }
        #endif
    }

    func compareAll() {
        for (path, node) in model.nodes where path != "/" {
            guard case .success(.data(let response)) = read(path) else {
                Issue.record("\(path) is missing")
                continue
            }
            #expect(response.data == node.data)
            #expect(response.stat.version == node.version)
            #expect(response.stat.cversion == node.creations + node.deletions)
            #expect(response.stat.ephemeralOwner == node.owner)
            #expect(Int(response.stat.numChildren) == model.children(path).count)
        }
        #expect(tree.nodeCount == model.nodes.count + 3)
    }

    private func read(_ path: String) -> Result<Response, ErrorCode> {
        guard let node = tree.node(path) else { return .failure(.noNode) }
        return .success(.data(GetDataResponse(data: node.data, stat: node.stat)))
    }

    private mutating func path() -> String {
        let depth = Int.random(in: 1...3, using: &random)
        return (0..<depth).map { _ in "/" + String(Int.random(in: 0..<5, using: &random)) }.joined()
    }

    private mutating func version() -> Int32 { Int32.random(in: -1...2, using: &random) }

    private mutating func caller() -> Caller {
        let number = Int64.random(in: 1...4, using: &random)
        return Caller(connection: ConnectionID(UInt64(number)), session: number)
    }

    private mutating func mode() -> CreateMode {
        [.persistent, .persistent, .ephemeral, .persistentSequential, .ephemeralSequential]
            .randomElement(using: &random) ?? .persistent
    }

    private mutating func create() {
        let (path, mode, caller) = (path(), mode(), caller())
        let expected = model.create(path, mode, [1], caller.session)
        let request = CreateRequest(path: path, data: [1], mode: mode)
        let outcome = tree.apply(.create(request), by: caller, at: time)
        #expect(outcome.result == expected.map { .path($0) })
    }

    private mutating func delete() {
        let (path, version, caller) = (path(), version(), caller())
        let expected = model.delete(path, version)
        let request = DeleteRequest(path: path, version: version)
        let outcome = tree.apply(.delete(request), by: caller, at: time)
        #expect(outcome.error == expected)
    }

    private mutating func set() {
        let (path, version, caller) = (path(), version(), caller())
        let data = [UInt8](repeating: 7, count: Int.random(in: 0..<4, using: &random))
        let expected = model.set(path, data, version)
        let request = SetDataRequest(path: path, data: data, version: version)
        let outcome = tree.apply(.setData(request), by: caller, at: time)
        #expect(outcome.error == expected)
    }

    private mutating func multi() {
        var copy = model
        let caller = caller()
        var operations: [MultiRequest.Operation] = []
        var failure: (Int, ErrorCode)?
        for index in 0..<Int.random(in: 1...6, using: &random) {
            let (path, version, mode) = (path(), version(), mode())
            var error = ErrorCode.ok
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                operations.append(.create(CreateRequest(path: path, data: [2], mode: mode)))
                guard failure == nil else { continue }
                if case .failure(let code) = copy.create(path, mode, [2], caller.session) {
                    error = code
                }
            case 1:
                operations.append(.delete(DeleteRequest(path: path, version: version)))
                guard failure == nil else { continue }
                error = copy.delete(path, version)
            default:
                let request = SetDataRequest(path: path, data: [3], version: version)
                operations.append(.setData(request))
                guard failure == nil else { continue }
                error = copy.set(path, [3], version)
            }
            if error != .ok { failure = (index, error) }
        }
        let outcome = tree.apply(.multi(MultiRequest(operations)), by: caller, at: time)
        guard let (index, code) = failure else {
            model = copy
            #expect(outcome.isChange)
            return
        }
        let expected = MultiResponse(failedAt: index, code, count: operations.count)
        #expect(outcome.response == .multi(expected))
    }

    private mutating func touchAll() {
        now = now + .seconds(3)
        for session in Int64(1)...4 { tree.touchSession(session, now: now) }
        let expired = tree.expireNext(now: now)
        #expect(expired == nil)
    }

    private mutating func endOne() {
        let caller = caller()
        model.end(caller.session)
        let outcome = tree.apply(.closeSession, by: caller, at: time)
        #expect(outcome.isChange)
        _ = tree.createSession(caller.session, timeout: .seconds(10), now: now)
    }
}
