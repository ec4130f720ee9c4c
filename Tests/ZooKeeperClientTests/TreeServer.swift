import Synchronization
import ZooKeeperProtocol

@testable import ZooKeeperClient

/// What a scripted server needs to be a tree whose connections break where a test wants it.
final class TreeServer: Sendable {
    enum Fault: Equatable {
        /// The connection ends before the request is carried out.
        case before
        /// The request is carried out, and its reply lost.
        case after
        /// Another client does something first, then it is as with `before`.
        case beforeOther(Request)
    }

    struct State {
        var tree = ModelTree()
        /// For the next requests of a kind, one each.
        var faults: [OpCode: [Fault]] = [:]
        var requests: [Request] = []
        /// The session that is accepted; others are expired.
        var session: Int64 = 7
    }

    let state = Mutex(State())

    /// The script of a server with this tree.
    var script: FakeServer.Script {
        { [self] input in
            switch input {
            case .connect(let request): state.withLock { connect(request, &$0) }
            case .request(let request, _): state.withLock { answer(request, &$0) }
            }
        }
    }

    private func connect(_ request: ConnectRequest, _ state: inout State) -> [FakeServer.Answer] {
        guard request.sessionID == 0 || request.sessionID == state.session else {
            return [.connect(.refusal(readOnly: false)), .hangUp]
        }
        return [.connect(FakeServer.accepted(request, fresh: state.session))]
    }

    private func answer(_ request: Request, _ state: inout State) -> [FakeServer.Answer] {
        switch request {
        case .ping, .closeSession, .setWatches, .setWatches2: return [.reply(.empty, zxid: 0)]
        case .addWatch(let record):
            state.tree.recursive.insert(record.path)
            return [.reply(.error(.ok), zxid: state.tree.zxid)]
        default: break
        }
        state.requests.append(request)
        if let fault = state.faults[request.opCode]?.first {
            state.faults[request.opCode]?.removeFirst()
            switch fault {
            case .before: break
            case .after: _ = state.tree.answer(request)
            case .beforeOther(let other): _ = state.tree.answer(other)
            }
            return [.hangUp]
        }
        return perform(request, &state.tree)
    }

    /// The events of a write go out before its reply.
    private func perform(_ request: Request, _ tree: inout ModelTree) -> [FakeServer.Answer] {
        let result: Result<Response, ZooKeeperError>
        var events: [WatchEvent] = []
        switch request {
        case .create, .createContainer, .delete, .setData: (result, events) = tree.write(request)
        default: result = tree.answer(request)
        }
        let answers = events.map { FakeServer.Answer.event($0) }
        switch result {
        case .success(.path(let path)) where request.opCode == .createContainer:
            let stat = tree.stat(path) ?? .sample
            let made = Create2Response(path: path, stat: stat)
            return answers + [.reply(.created(made), zxid: tree.zxid)]
        case .success(let response): return answers + [.reply(response, zxid: tree.zxid)]
        case .failure(let error): return answers + [.refuse(error.server, zxid: tree.zxid)]
        }
    }

    /// A change by another client, and the events that it causes here.
    func change(_ body: (inout ModelTree) -> [WatchEvent]) -> [FakeServer.Answer] {
        state.withLock { body(&$0.tree).map { .event($0) } }
    }

    var paths: [String] {
        state.withLock { $0.tree.nodes.keys.filter { $0 != ZNodePath.root }.sorted() }
    }

    func count(_ opCode: OpCode) -> Int {
        state.withLock { state in state.requests.count { $0.opCode == opCode } }
    }

    /// Lets the next requests of a kind break their connection.
    func fault(_ opCode: OpCode, _ faults: Fault...) {
        state.withLock { $0.faults[opCode, default: []] += faults }
    }

    /// Puts znodes into the tree.
    func make(_ paths: String...) {
        state.withLock { state in for path in paths { _ = state.tree.create(path) } }
    }
}
