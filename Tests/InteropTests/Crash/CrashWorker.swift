import Foundation
import TestSupport
import ZooKeeperProtocol

/// One session of the workload at a time, and the folder that they all keep.
///
/// Owner: one thread at a time. What was answered is in `model`; what was sent and not answered stands in
/// `open`, in order: of that a server may have carried out any number of the first ones.
final class CrashWorker {
    private enum Sent {
        case own(CrashOperation)
        /// Appends to the queue of all.
        case append(String)
        /// Sets or reads the register of all.
        case register(Request)

        var own: CrashOperation? { if case .own(let operation) = self { operation } else { nil } }
    }

    static let queue = "/crash/queue"
    static let register = "/crash/register"
    /// The longest that ticks of two seconds allow.
    private static let timeoutMilliseconds: Int32 = 40_000
    private static let childrenMax = 40

    private let number: Int
    private let board: CrashBoard
    private let port: UInt16
    private var model: CrashModel
    private var generator: SeededGenerator
    private var client: BlockingClient?
    private var open: [Sent] = []
    private var serial = 0
    /// The session; nil between two.
    private var identity: ConnectResponse?
    /// Closed sessions; the last few.
    private var closed: [ConnectResponse] = []
    /// The session that the folder's ephemerals have to belong to.
    private var owner: Int64 { identity?.sessionID ?? 0 }

    init(number: Int, port: UInt16, board: CrashBoard, seed: SeededGenerator) {
        (self.number, self.port, self.board, generator) = (number, port, board, seed)
        model = CrashModel(folder: "/crash/w\(number)")
    }

    var folder: String { model.folder }

    // MARK: Working

    /// Works until the connection ends.
    func work() throws {
        while client != nil {
            let count = Int.random(in: 1...12, using: &generator)
            var ahead = model
            try send((0..<count).map { _ in next(&ahead) })
            if client != nil, Int.random(in: 0..<80, using: &generator) == 0 { try renew() }
        }
    }

    private func send(_ batch: [Sent]) throws {
        guard let client else { return }
        open = batch
        client.send(batch.map(request))
        while let oldest = open.first {
            guard let reply = try client.receive() else {
                self.client = nil
                return
            }
            open.removeFirst()
            board.saw(reply.zxid)
            take(reply, of: oldest)
        }
        board.with { $0.acknowledged += batch.count }
    }

    private func request(_ sent: Sent) -> Request {
        switch sent {
        case .own(let operation): operation.request(in: folder)
        case .register(let request): request
        case .append(let data):
            .create(
                CreateRequest(
                    path: Self.queue + "/q-",
                    data: Array(data.utf8),
                    mode: .persistentSequential
                )
            )
        }
    }

    private func take(_ reply: BlockingClient.Reply, of sent: Sent) {
        switch (sent, reply.outcome) {
        case (.own(let operation), _):
            let expected = model.apply(operation, zxid: reply.changeZxid)
            let answer = CrashModel.Answer(reply)
            guard answer != expected else { return }
            board.fault("\(folder): \(operation) was answered \(answer), not \(expected)")
        case (.append(let data), .success(.path(let path))):
            board.with { $0.entries[ZNodePath.name(of: path)] = data }
        case (.register, .success(.stat(let stat))): sawRegister(stat.version)
        case (.register, .success(.data(let record))): sawRegister(record.stat.version)
        default: board.fault("\(sent) was answered \(reply.outcome)")
        }
    }

    private func sawRegister(_ version: Int32) {
        board.with { $0.registerVersion = max($0.registerVersion, version) }
    }

    /// Closes the session and opens another one.
    private func renew() throws {
        try send([.own(.close)])
        guard client != nil, let identity else { return }
        retire(identity)
        _ = try openSession()
    }

    private func retire(_ session: ConnectResponse) {
        closed = closed.suffix(2) + [session]
        (client, identity) = (nil, nil)
    }

    /// Opens a session; false when the connection ended before it was there.
    private func openSession() throws -> Bool {
        let request = ConnectRequest(timeoutMilliseconds: Self.timeoutMilliseconds)
        guard let client = BlockingClient(port: port),
            let made = try client.handshake(request)
        else { return false }
        if made.isRefusal { board.fault("\(folder): a new session was refused") }
        (self.client, identity) = (client, made)
        return true
    }

    // MARK: Choosing

    /// The next operation; `ahead` is the folder with all chosen before it carried out.
    private func next(_ ahead: inout CrashModel) -> Sent {
        serial += 1
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<8: return .append("\(number).\(serial)")
        case 8..<11:
            let data = Array("\(number)".utf8)
            let request = SetDataRequest(path: Self.register, data: data, version: -1)
            return .register(.setData(request))
        case 11..<14:
            return .register(.getData(GetDataRequest(path: Self.register, watch: false)))
        case 14..<24:
            let parts = (0..<Int.random(in: 1...4, using: &generator)).map { _ in change(ahead) }
            return own(.multi(parts), &ahead)
        case 24..<34: return own(.read(name(ahead)), &ahead)
        default: return own(change(ahead), &ahead)
        }
    }

    private func own(_ operation: CrashOperation, _ ahead: inout CrashModel) -> Sent {
        _ = ahead.apply(operation, zxid: nil)
        return .own(operation)
    }

    private func change(_ model: CrashModel) -> CrashOperation {
        serial += 1
        // Large ones, so that the log is folded while rounds go on.
        let count = serial % 10 == 0 ? 20_000 : serial % 300
        let data = Array("\(serial)".utf8) + Array(repeating: 0x2e, count: count)
        let isEphemeral = Int.random(in: 0..<3, using: &generator) == 0
        let isFull = model.nodes.count >= Self.childrenMax
        switch Int.random(in: 0..<(isFull ? 60 : 100), using: &generator) {
        case 0..<30:
            let name = name(model)
            return .set(name, data, version: version(of: name, model))
        case 30..<60:
            let name = name(model)
            return .delete(name, version: version(of: name, model))
        case 60..<80: return .sequential("s-", data, isEphemeral: isEphemeral)
        default: return .create("n\(serial)", data, isEphemeral: isEphemeral)
        }
    }

    /// A child most of the time, else a name that never was.
    private func name(_ model: CrashModel) -> String {
        guard Int.random(in: 0..<20, using: &generator) > 0 else { return "never" }
        return model.nodes.keys.sorted().randomElement(using: &generator) ?? "never"
    }

    /// Any version, the right one, or seldom a wrong one.
    private func version(of name: String, _ model: CrashModel) -> Int32 {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: 1_000_000
        case 1..<10: -1
        default: model.nodes[name]?.version ?? -1
        }
    }

    // MARK: After a crash

    /// Takes the session over on a server that was started again, and compares the folder with all that
    /// was answered; then there is a session, the old or a new one.
    ///
    /// - Parameter seen: The folder as it is now.
    /// - Throws: `Silence` of a server that takes connections and does not answer.
    func compare(with seen: CrashModel.Seen) throws {
        for old in closed where try takeOver(old, zxid: 0)?.isRefusal == false {
            board.fault("\(folder): the closed session \(old.sessionID) is alive again")
        }
        let mayHaveClosed = open.contains { if case .close? = $0.own { true } else { false } }
        var hasEnded = false
        if let old = identity {
            let answer = try takeOver(old, zxid: board.highestZxid)
            hasEnded = answer?.isRefusal ?? false
            if answer == nil { board.fault("\(folder): its session was shown the door") }
            if hasEnded, !mayHaveClosed {
                board.fault("\(folder): session \(old.sessionID) did not outlive the crash")
            }
            if let answer, !hasEnded, answer.sessionID != old.sessionID {
                board.fault("\(folder): session \(old.sessionID) came back as \(answer.sessionID)")
            }
        }
        settle(seen, hasEnded: hasEnded, mayHaveClosed: mayHaveClosed)
        if hasEnded, let identity { retire(identity) }
        if identity == nil, try !openSession() { board.fault("\(folder): no new session") }
    }

    private func takeOver(_ old: ConnectResponse, zxid: Int64) throws -> ConnectResponse? {
        let request = ConnectRequest(
            lastZxidSeen: zxid,
            timeoutMilliseconds: Self.timeoutMilliseconds,
            sessionID: old.sessionID,
            password: old.password
        )
        let client = BlockingClient(port: port)
        let answer = try client?.handshake(request)
        if old.sessionID == identity?.sessionID { self.client = client }
        return answer
    }

    /// Finds how many of the unanswered operations were carried out.
    private func settle(_ seen: CrashModel.Seen, hasEnded: Bool, mayHaveClosed: Bool) {
        for case .append(let data) in open { board.with { _ = $0.doubtful.insert(data) } }
        for (name, node) in seen.nodes where node.isEphemeral && seen.owners[name] != owner {
            board.fault("\(folder)/\(name) belongs to session \(seen.owners[name] ?? 0)")
        }
        var candidate = model
        var reasons: [String] = []
        for operation in [nil] + open.compactMap(\.own).map(Optional.some) {
            if let operation { _ = candidate.apply(operation, zxid: nil) }
            if mayHaveClosed, hasEnded != (operation != nil) { continue }
            var adopted = candidate
            guard let reason = adopted.adopt(seen) else {
                (model, open) = (adopted, [])
                return
            }
            reasons.append(reason)
        }
        board.fault("\(folder), \(open.count) unanswered: \(reasons.joined(separator: "; or "))")
        open = []
    }
}
