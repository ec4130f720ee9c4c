import ServiceModel
import TestSupport
import Wire
import ZooKeeperProtocol

@testable import ZooKeeperClient

/// A client on the real `SessionEngine`: what a program sees that uses our library.
///
/// It is judged by what the library promises: each request is answered once, what the server says is never taken for
/// nonsense, and when all is calm, whatever was watched is as it was read or its event has come.
final class EngineClient: SimulatedClient {
    /// What a read with a watch saw: the zxid that would be another one had it changed, nil for no node.
    private struct Sight: Hashable {
        let path: PlainPath
        let isOfChildren: Bool
    }
    private let number: Int
    private var random: SeededGenerator
    private let conditions: Conditions
    private let requests: RandomRequests
    private var engine: SessionEngine
    private var hasStarted = false
    private let isEmbedded: Bool
    private var connection: Int?
    private var attempts: [Int: UInt64] = [:]
    private var asked: [UInt64: Request] = [:]
    private var nextTag: UInt64 = 1
    private var seen: [Sight: Int64?] = [:]
    private var silence: Duration?
    private var alarmAt: Instant?
    private var isConnected = false
    private var isClosing = false

    init(_ number: Int, _ random: SeededGenerator, _ conditions: Conditions) {
        (self.number, self.random, self.conditions) = (number, random, conditions)
        requests = RandomRequests(depth: conditions.depth, isShort: conditions.isShort)
        var setup = SessionEngine.Setup()
        let ticks = self.random.number(2...20)
        setup.sessionTimeout = conditions.tick * ticks
        isEmbedded = self.random.chance(300)
        engine = SessionEngine(setup, seed: self.random.next())
    }

    // MARK: What it does

    func act(_ world: World) throws(Fault) {
        if !hasStarted {
            hasStarted = true
            engine.start(now: world.now)
        } else if let connection, random.chance(conditions.trouble) {
            switch random.number(0...3) {
            case 0, 1: world.cut(connection)
            case 2: world.beDeaf(connection, for: random.milliseconds(1...3_000))
            default: silence = conditions.tick * random.number(1...30)
            }
        } else {
            for _ in 0..<random.weighted([(3, 1), (1, random.number(2...5))]) {
                let request = next()
                asked[nextTag] = request
                engine.submit(request, .sink(tag: nextTag), now: world.now)
                nextTag += 1
            }
        }
        try carryOut(world)
    }

    /// Auth packets and setWatches are the session's own business.
    private func next() -> Request {
        while true {
            let request = requests.next(&random, lastZxid: engine.lastZxid)
            switch request {
            case .auth, .setWatches, .setWatches2: continue
            default: return request
            }
        }
    }

    func pause(_ world: World) throws(Fault) -> Duration {
        if let silence {
            self.silence = nil
            return silence
        }
        return random.milliseconds(conditions.pause)
    }

    func alarm(_ world: World) throws(Fault) {
        if let alarmAt, alarmAt <= world.now { self.alarmAt = nil }
        if let deadline = engine.deadline, deadline <= world.now {
            engine.timerFired(now: world.now)
        }
        try carryOut(world)
    }

    // MARK: What its shell does

    func established(_ number: Int, _ world: World) throws(Fault) {
        guard let attempt = attempts[number] else { return }
        connection = number
        engine.connectionOpened(attempt: attempt, now: world.now)
        try carryOut(world)
    }

    func received(_ bytes: [UInt8], on number: Int, _ world: World) throws(Fault) {
        guard let attempt = attempts[number] else { return }
        engine.received(bytes.span, attempt: attempt, now: world.now)
        try carryOut(world)
    }

    func ended(_ number: Int, _ world: World) throws(Fault) {
        guard let attempt = attempts.removeValue(forKey: number) else { return }
        if connection == number { connection = nil }
        engine.connectionLost(attempt: attempt, reason: "ended", now: world.now)
        try carryOut(world)
    }

    private func carryOut(_ world: World) throws(Fault) {
        while true {
            let output = engine.takeOutput()
            if output.isEmpty { break }
            for command in output.commands { carryOut(command, world) }
            if !output.bytes.isEmpty, let connection { world.write(output.bytes, on: connection) }
            for note in output.notes { try judge(note, world) }
            for event in output.events { try take(event, world) }
        }
        guard let deadline = engine.deadline, deadline < alarmAt ?? .init(nanoseconds: .max) else {
            return
        }
        alarmAt = deadline
        world.plan(.alarm(client: number), at: deadline)
    }

    private func carryOut(_ command: SessionEngine.Command, _ world: World) {
        switch command {
        case .connect(let attempt, _):
            leave(world)
            attempts[world.connect(number, isEmbedded: isEmbedded)] = attempt
        case .disconnect: leave(world)
        case .lookUp, .probe, .endProbe: fatalError("\(command) of a client with one server")
        }
    }

    private func leave(_ world: World) {
        for number in attempts.keys.sorted() {
            attempts[number] = nil
            let farewell = world.isCalm ? .orderly : random.pick(Farewell.allCases)
            world.hangUp(number, farewell)
        }
        connection = nil
    }

    // MARK: What it is told

    private func judge(_ note: String, _ world: World) throws(Fault) {
        world.note("client \(number): \(note)")
        for words in ["make no sense", "reply to xid", "set again", "refused"]
        where note.contains(words) {
            throw Fault("client \(number) does not understand the server", came: note)
        }
    }

    private func take(_ event: SessionEngine.Event, _ world: World) throws(Fault) {
        switch event {
        case .state(let state):
            world.note("client \(number): \(state)")
            isConnected = false
            if case .connected(_, let isResumed) = state {
                isConnected = true
                if !isResumed { seen = [:] }
            }
            if state == .expired { seen = [:] }
        case .watch(let event):
            let path = PlainPath(event.path)
            if event.type != .nodeChildrenChanged {
                seen[Sight(path: path, isOfChildren: false)] = nil
            }
            if event.type == .nodeChildrenChanged || event.type == .nodeDeleted {
                seen[Sight(path: path, isOfChildren: true)] = nil
            }
        case .reply(.sink(let tag), let result, _):
            guard let request = asked.removeValue(forKey: tag) else {
                throw Fault("client \(number) is answered twice: request \(tag)")
            }
            note(request, result)
        case .reply: break
        }
    }

    /// What a read saw is kept while it is watched.
    private func note(_ request: Request, _ result: Result<Response, ZooKeeperError>) {
        var (path, isWatching, isOfChildren) = ("", false, false)
        switch request {
        case .exists(let request): (path, isWatching) = (request.path, request.watch)
        case .getData(let request): (path, isWatching) = (request.path, request.watch)
        case .getChildren2(let request):
            (path, isWatching, isOfChildren) = (request.path, request.watch, true)
        case .removeWatches(let request): return forget(request.path)
        default: return
        }
        let sight = Sight(path: PlainPath(path), isOfChildren: isOfChildren)
        guard isWatching else { return }
        switch result {
        case .success(.stat(let stat)): seen[sight] = .some(stat.mzxid)
        case .success(.data(let data)): seen[sight] = .some(data.stat.mzxid)
        case .success(.children(let children)): seen[sight] = .some(children.stat.pzxid)
        case .failure(let error):
            guard case .exists = request, error.server == .noNode else { return }
            seen[sight] = .some(nil)
        default: break
        }
    }

    private func forget(_ path: String) {
        seen[Sight(path: PlainPath(path), isOfChildren: false)] = nil
        seen[Sight(path: PlainPath(path), isOfChildren: true)] = nil
    }

    // MARK: The end

    func beCalm(_ world: World) throws(Fault) {}

    func sayFarewell(_ world: World) throws(Fault) {
        guard hasStarted else { return }
        guard isConnected, asked.isEmpty else {
            let about = "client \(number) is \(engine.phase) with \(asked.count) requests open"
            throw Fault("\(about) when all is calm")
        }
        let model = world.host.checker.model
        for (sight, zxid) in seen.sorted(by: { $0.key.path < $1.key.path })
        where !model.withheld.contains(sight.path) {
            let node = model.tree.nodes[sight.path]
            let now = sight.isOfChildren ? node?.pzxid : node?.mzxid
            guard now == zxid else {
                throw Fault(
                    "client \(number) missed an event of \(sight.path)",
                    expected: "as it was read: \(zxid.map { "\($0)" } ?? "not there")",
                    came: now.map { "\($0)" } ?? "not there"
                )
            }
        }
        engine.close(now: world.now)
        try carryOut(world)
    }
}
