import Runtime
import ServiceModel
import TestSupport
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// The engine's shell: what `RegistryServer` does with sockets and a clock, done with the world's.
final class ServerHost {
    final class Link {
        let id: ConnectionID
        let network: Int
        var inbound: [UInt8] = []
        var outbound: [UInt8] = []
        var hasEnded = false
        var isWaiting = false
        var isFinishing = false

        init(_ id: ConnectionID, _ network: Int) { (self.id, self.network) = (id, network) }
    }

    var engine: ServerEngine
    var checker: ServerChecker
    private var links: [ConnectionID: Link] = [:]
    private var linkOf: [Int: ConnectionID] = [:]
    var random: SeededGenerator
    private let isDurableLate: Bool
    let diskDelay: ClosedRange<Int>
    /// What makes changes durable; nil where that is only said.
    let keeper: StoreKeeper?

    // What waits for the next turn.
    private var newcomers: [SimulatedConnection] = []
    private var early: [Int: [ByteStream.Piece]] = [:]
    private var readable: [ConnectionID] = []
    private var writable: [ConnectionID] = []
    private var waiting: [ConnectionID] = []
    var durableNext: Int64?

    private var isTurnPlanned = false
    private var isDiskBusy = false
    var timer: Instant?
    private var stalledUntil = Instant(nanoseconds: .min)
    private var lastTurn = Instant(nanoseconds: .min)
    private(set) var expiries = 0
    var tamper: ((ServerAction) -> [ServerAction])?

    init(_ conditions: Conditions, _ store: StorePlan?, seed: UInt64) {
        random = SeededGenerator(seed: seed)
        (isDurableLate, diskDelay) = (conditions.isDurableLate, conditions.diskDelay)
        let configuration = RegistryConfiguration(tickTime: conditions.tick)
        var settings = ServerEngine.Settings(configuration)
        settings.reaperInterval = random.pick([.milliseconds(30), .seconds(2), .seconds(60)])
        let zxid = random.pick([0, 0, 5 << 32])
        keeper = store.map { plan in
            StoreKeeper(plan, settings, firstZxid: Int64(zxid), seed: seed &+ 1)
        }
        engine = ServerEngine(
            settings: settings,
            durability: conditions.isDurableLate ? .external : .inMemory,
            firstZxid: Int64(zxid),
            firstSession: 0x100,
            passwords: SessionPasswords(key: (random.next(), random.next()))
        )
        checker = ServerChecker(
            ReferenceServer(
                firstZxid: Int64(zxid),
                firstSession: 0x100,
                timeouts: settings.timeouts,
                isDurableAtOnce: !conditions.isDurableLate
            ),
            reaperInterval: settings.reaperInterval
        )
        guard store != nil else { return }
        checker.model.moments = PlainMoments()
        checker.model.remember()
    }

    // MARK: What the kernel would tell

    func accept(_ connection: SimulatedConnection, _ world: World) {
        guard !isDown else {
            world.serverHangsUp(connection.number, losing: false)
            return
        }
        newcomers.append(connection)
        wanted(isTimer: false, world)
    }

    func arrived(_ piece: ByteStream.Piece, on network: Int, _ world: World) {
        guard let id = linkOf[network], let link = links[id] else {
            // It is not accepted yet, or gone.
            if newcomers.contains(where: { $0.number == network }) {
                early[network, default: []].append(piece)
            }
            return
        }
        take(piece, link)
        wanted(isTimer: false, world)
    }

    private func take(_ piece: ByteStream.Piece, _ link: Link) {
        switch piece {
        case .bytes(let bytes): link.inbound += bytes
        case .end: link.hasEnded = true
        }
        if !readable.contains(link.id) { readable.append(link.id) }
    }

    /// The peer has read something.
    func hasRoom(_ network: Int, _ world: World) {
        guard let id = linkOf[network], let link = links[id], !link.outbound.isEmpty else { return }
        if !writable.contains(id) { writable.append(id) }
        wanted(isTimer: false, world)
    }

    func stall(until moment: Instant) { stalledUntil = max(stalledUntil, moment) }

    /// A turn is wanted; it comes as soon as the loop gets to it.
    func wanted(isTimer: Bool, _ world: World) {
        guard !isTurnPlanned, !isDown else { return }
        isTurnPlanned = true
        let soon = world.now + .microseconds(random.number(0...(isTimer ? 20_000 : 300)))
        world.plan(.turn, at: max(soon, stalledUntil))
    }

    // MARK: One turn

    func turn(_ world: World) throws(Fault) {
        guard world.now >= stalledUntil else {
            world.plan(.turn, at: stalledUntil)
            return
        }
        isTurnPlanned = false
        guard !isDown else { return }
        let now = world.now
        let time = UnixTime(milliseconds: 1_700_000_000_000 + now.nanoseconds / 1_000_000)
        let moment = Moment(now: now, time: time)
        if let timer, now - timer >= .milliseconds(50) {
            world.note("the server stood still for \(now - timer)")
            checker.stalled(atLeast: now - timer, atMost: max(now - timer, now - lastTurn))
        }
        lastTurn = now
        engine.begin(turnAt: now, due: timer)
        acceptAll(world, now)
        try readAll(world, moment)
        for id in take(&writable) { if let link = links[id] { try flush(link, world) } }
        if let due = timer, due <= now { try wake(moment, due: due, world) }
        if let zxid = durableNext {
            durableNext = nil
            world.note("durable up to \(zxid)")
            checker.model.durable(upTo: zxid)
            tellDurable(zxid)
        }
        try handOver(world, moment)
        guard !isDown else { return }
        try carryOut(world, moment)
        schedule(world)
        try checker.turnEnds(engine, moment)
        checker.model.moments?.forgetOld()
    }

    private func take(_ list: inout [ConnectionID]) -> [ConnectionID] {
        defer { list = [] }
        return list.shuffled(using: &random)
    }

    private func acceptAll(_ world: World, _ now: Instant) {
        for connection in newcomers {
            let ip = IPAddress.v4(0x0a00_0000 + UInt32(connection.client) % 3)
            let peer = connection.port.map { SocketAddress(ip: ip, port: $0) }
            guard case .success(let id) = engine.opened(from: peer, now: now) else {
                world.serverHangsUp(connection.number, losing: false)
                continue
            }
            let identity = peer.map { Identity(scheme: "ip", id: "\($0.ip)") } ?? .superUser
            checker.opened(id.rawValue, [identity], now: now)
            world.note("server: connection \(connection.number) is \(id.rawValue)")
            let link = Link(id, connection.number)
            (links[id], linkOf[connection.number]) = (link, id)
            for piece in early.removeValue(forKey: connection.number) ?? [] { take(piece, link) }
        }
        newcomers = []
    }

    private func readAll(_ world: World, _ moment: Moment) throws(Fault) {
        for id in take(&waiting) {
            guard let link = links[id] else { continue }
            link.isWaiting = false
            try offer(link, world, moment)
        }
        for id in take(&readable) {
            guard let link = links[id] else { continue }
            try offer(link, world, moment)
            if link.hasEnded { close(link, world) }
        }
    }

    private func offer(_ link: Link, _ world: World, _ moment: Moment) throws(Fault) {
        guard !link.isWaiting, !link.isFinishing, !link.inbound.isEmpty else { return }
        let intake = engine.received(link.inbound.span, on: link.id, at: moment)
        let frames = try checker.received(
            link.inbound,
            intake,
            on: link.id.rawValue,
            at: moment
        )
        world.note("server: \(link.id.rawValue) read \(link.inbound.count) bytes, \(frames) frames")
        link.inbound.removeFirst(min(intake.consumed, link.inbound.count))
        switch intake.next {
        case .moreBytes, .never: break
        case .anotherTurn: waiting.append(link.id)
        case .wait: link.isWaiting = true
        }
    }

    private func wake(_ moment: Moment, due: Instant, _ world: World) throws(Fault) {
        timer = nil
        let (told, before) = (engine.facts.count, engine.tree.lastZxid)
        engine.wake(at: moment, due: due)
        let facts = Array(engine.facts[told...])
        for fact in facts { world.note("server: session \(fact.session) \(fact.kind)") }
        expiries += facts.count { $0.kind == .expired }
        let reaped = engine.tree.lastZxid - before - Int64(facts.count { $0.kind == .expired })
        try checker.reaped(Int(reaped), engine, moment)
        try checker.expired(facts, now: moment.now)
    }

    func carryOut(_ world: World, _ moment: Moment) throws(Fault) {
        while true {
            let actions = engine.takeActions()
            if actions.isEmpty { return }
            for action in actions.flatMap({ tamper?($0) ?? [falsified($0)] }) {
                world.note("server: \(ActionText.text(action))")
                try checker.saw(action, now: moment.now)
                try carryOut(action, world)
            }
        }
    }

    private func carryOut(_ action: ServerAction, _ world: World) throws(Fault) {
        switch action {
        case .report, .warn, .note: break
        case .send(let id, let bytes):
            if let link = links[id] { link.outbound += bytes }
        case .flush(let id):
            if let link = links[id] { try flush(link, world) }
        case .finish(let id, _):
            guard let link = links[id] else { return }
            link.isFinishing = true
            try flush(link, world)
        case .close(let id, _):
            if let link = links[id] { close(link, world) }
        case .resume(let id): waiting.append(id)
        }
    }

    private func flush(_ link: Link, _ world: World) throws(Fault) {
        let count = min(link.outbound.count, world.room(link.network))
        if count > 0 {
            world.send(Array(link.outbound.prefix(count)), toClientOn: link.network)
            link.outbound.removeFirst(count)
            if link.isWaiting { checker.read(link.id.rawValue, now: world.now) }
        }
        engine.written(link.id, unsent: link.outbound.count)
        if link.isFinishing, link.outbound.isEmpty { close(link, world) }
    }

    private func close(_ link: Link, _ world: World) {
        world.note("server: \(link.id.rawValue) is closed")
        links[link.id] = nil
        linkOf[link.network] = nil
        engine.closed(link.id)
        checker.closed(link.id.rawValue)
        world.serverHangsUp(link.network, losing: !link.isFinishing && random.chance(500))
    }

    private func schedule(_ world: World) {
        if !waiting.isEmpty { wanted(isTimer: false, world) }
        if keeper == nil, isDurableLate, !isDiskBusy, engine.tree.lastZxid > checker.model.durable {
            isDiskBusy = true
            world.plan(.disk, in: random.milliseconds(diskDelay))
        }
        guard let due = engine.nextDeadline else { return }
        if let timer, due >= timer { return }
        timer = due
        world.plan(.turnLoop(timer: true), at: due)
    }

    /// Some of what was written is on the disk now; the rest takes another round.
    func diskIsDone(_ world: World) throws(Fault) {
        isDiskBusy = false
        let durable = checker.model.durable
        let ahead = Int(engine.tree.lastZxid - durable)
        guard ahead > 0 else { return }
        durableNext = durable + Int64(random.number(random.chance(300) ? 0...ahead : ahead...ahead))
        wanted(isTimer: false, world)
    }

    /// The process is gone, and its connections with it.
    func loseEverything(_ world: World) {
        for link in links.values.sorted(by: { $0.id.rawValue < $1.id.rawValue }) {
            world.serverHangsUp(link.network, losing: true)
        }
        for connection in newcomers { world.serverHangsUp(connection.number, losing: true) }
        (links, linkOf, newcomers, early) = ([:], [:], [], [:])
        (readable, writable, waiting, durableNext, timer) = ([], [], [], nil, nil)
        checker.crashed()
    }

    // MARK: At the end

    /// Compares everything; at the very end nothing of any session may be left.
    func verdict(isAtEnd: Bool) throws(Fault) {
        guard !isDown else { throw Fault("the server is down when all is calm") }
        try checker.compareTrees(engine)
        guard isAtEnd else { return }
        try checker.nothingIsLeft(engine)
    }
}
