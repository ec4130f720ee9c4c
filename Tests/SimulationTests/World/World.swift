import ServiceModel
import TestSupport
import ZNodeTree

/// One run: a clock that jumps from one happening to the next, a network, clients and the server.
///
/// Everything is decided by generators that start from the seed, so that a run can be repeated exactly. A
/// simulated disk will stand beside the server as the network stands in front of it.
final class World {
    enum Happening {
        case arrivalAtServer(connection: Int)
        case arrivalAtClient(connection: Int)
        case established(connection: Int)
        case act(client: Int)
        case alarm(client: Int)
        case turn
        case turnLoop(timer: Bool)
        case disk
        case storeWrote(life: Int)
        case writeAgain(life: Int)
        case reserve(life: Int)
        case fold(life: Int)
        case restart
        case calm
        case farewell
        case verdict
    }

    let plan: SimulationPlan
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000_000)
    var random: SeededGenerator
    private(set) var conditions: Conditions
    /// As the seed gave them.
    let initial: Conditions
    private var agenda = Agenda<Happening>()
    private var connections: [Int: SimulatedConnection] = [:]
    private var nextConnection = 1
    private var clients: [any SimulatedClient] = []
    let host: ServerHost
    var trace: Trace
    private(set) var happenings = 0
    private var actsLeft: Int
    private var isOver = false
    /// Set once acts are used up.
    private(set) var isCalm = false

    init(_ plan: SimulationPlan) {
        self.plan = plan
        random = SeededGenerator(seed: plan.seed)
        var conditions = plan.store == nil ? Conditions(&random) : Conditions(onDisk: &random)
        if let clients = plan.clients { conditions.clients = clients }
        self.conditions = conditions
        initial = conditions
        actsLeft = plan.acts
        trace = Trace(isOn: plan.isTraced)
        host = ServerHost(conditions, plan.store, seed: random.next())
        for number in 0..<conditions.clients {
            let generator = SeededGenerator(seed: plan.seed &* 31 &+ UInt64(number) &+ 7)
            if number % 3 == 2 {
                clients.append(EngineClient(number, generator, conditions))
            } else {
                clients.append(RawClient(number, generator, conditions))
            }
        }
    }

    // MARK: Running

    /// Runs to the end.
    ///
    /// - Throws: The first fault.
    func run() throws(Fault) -> RunCounts {
        host.tamper = plan.tamper
        if plan.store != nil { try host.start(self) }
        for number in clients.indices { plan(.act(client: number), in: .zero) }
        while !isOver, let (at, happening) = agenda.next() {
            now = max(now, at)
            happenings += 1
            guard happenings < plan.happeningsMax else {
                throw Fault("\(happenings) happenings, and no end")
            }
            try handle(happening)
            try host.throwFault()
        }
        return RunCounts(
            runs: 1,
            acts: plan.acts,
            happenings: happenings,
            replies: host.checker.replies,
            events: host.checker.events,
            expired: host.expiries,
            crashes: host.keeper?.counts ?? CrashCounts()
        )
    }

    func note(_ text: @autoclosure () -> String) {
        trace.add("\(now.nanoseconds / 1_000 % 10_000_000_000) us: \(text())")
    }

    func plan(_ happening: Happening, in delay: Duration) {
        agenda.add(happening, at: now + delay)
    }

    func plan(_ happening: Happening, at moment: Instant) {
        agenda.add(happening, at: max(now, moment))
    }

    private func handle(_ happening: Happening) throws(Fault) {
        switch happening {
        case .arrivalAtServer(let number): arriveAtServer(number)
        case .arrivalAtClient(let number): try arriveAtClient(number)
        case .established(let number): try establish(number)
        case .act(let number): try act(number)
        case .alarm(let number): try clients[number].alarm(self)
        case .turn: try host.turn(self)
        case .turnLoop(let isTimer): host.wanted(isTimer: isTimer, self)
        case .disk: try host.diskIsDone(self)
        case .storeWrote(let life): host.storeWrote(life, self)
        case .writeAgain(let life): host.writeUnderWay(life, self)
        case .reserve(let life): host.reserve(life, self)
        case .fold(let life): host.fold(life, self)
        case .restart: try host.start(self)
        case .calm: try beCalm()
        case .farewell: try sayFarewell()
        case .verdict:
            try host.verdict(isAtEnd: true)
            isOver = true
        }
    }

    private func act(_ number: Int) throws(Fault) {
        guard !isCalm else { return }
        guard actsLeft > 0 else {
            isCalm = true
            plan(.calm, in: .zero)
            return
        }
        actsLeft -= 1
        if random.chance(conditions.stalls) {
            host.stall(
                until: now + random.milliseconds(random.pick([20...60, 60...900, 900...9_000]))
            )
        }
        try clients[number].act(self)
        if conditions.crashes > 0, random.chance(conditions.crashes) { host.crash(self) }
        let delay = try clients[number].pause(self)
        plan(.act(client: number), in: delay)
    }

    /// Nothing goes wrong any more: everyone gets to know everything.
    private func beCalm() throws(Fault) {
        note("calm")
        conditions.calm()
        host.keeper?.isCalm = true
        for client in clients { try client.beCalm(self) }
        plan(.farewell, in: conditions.tick * 60 + .seconds(30))
    }

    /// Everyone has been told everything: now all sessions end.
    private func sayFarewell() throws(Fault) {
        note("farewell")
        try host.verdict(isAtEnd: false)
        for client in clients { try client.sayFarewell(self) }
        plan(.verdict, in: conditions.tick * 25 + .seconds(15))
    }

    // MARK: The network, as clients see it

    /// A client connects; it may write at once.
    func connect(_ client: Int, isEmbedded: Bool = false) -> Int {
        let number = nextConnection
        nextConnection += 1
        let port = isEmbedded ? nil : UInt16(truncatingIfNeeded: 1_024 + number)
        let window = random.number(conditions.windowBytes)
        let connection = SimulatedConnection(
            number: number,
            client: client,
            port: port,
            windowBytes: window
        )
        connections[number] = connection
        note("client \(client) connects as \(number)")
        let opening = now + random.milliseconds(conditions.latency)
        connection.toServer.opens(at: opening)
        plan(.established(connection: number), at: opening)
        return number
    }

    func write(_ bytes: [UInt8], on number: Int) {
        guard let connection = connections[number], connection.isClientHere else { return }
        for moment in connection.toServer.send(bytes, conditions, now: now, &random) {
            plan(.arrivalAtServer(connection: number), at: moment)
        }
    }

    /// The client lets go of the connection.
    func hangUp(_ number: Int, _ farewell: Farewell) {
        guard let connection = connections[number], connection.isClientHere else { return }
        note("client \(connection.client) leaves \(number), \(farewell)")
        connection.isClientHere = false
        guard farewell != .silent else {
            connection.toServer.fallSilent(&random)
            return
        }
        let end = connection.toServer.end(
            losing: farewell == .abrupt,
            conditions,
            now: now,
            &random
        )
        if let end { plan(.arrivalAtServer(connection: number), at: end) }
    }

    /// The network cuts the connection; both ends are told, perhaps with less than was sent.
    func cut(_ number: Int) {
        guard let connection = connections[number] else { return }
        note("connection \(number) is cut")
        let (up, down) = (
            connection.toServer.end(losing: true, conditions, now: now, &random),
            connection.toClient.end(losing: true, conditions, now: now, &random)
        )
        if let up { plan(.arrivalAtServer(connection: number), at: up) }
        if let down { plan(.arrivalAtClient(connection: number), at: down) }
    }

    /// The client does not read for a while.
    func beDeaf(_ number: Int, for duration: Duration) {
        connections[number]?.deafUntil = now + duration
    }

    private func arriveAtClient(_ number: Int) throws(Fault) {
        guard let connection = connections[number] else { return }
        guard connection.deafUntil <= now else {
            plan(.arrivalAtClient(connection: number), at: connection.deafUntil)
            return
        }
        guard let piece = connection.toClient.arrive() else { return }
        switch piece {
        case .bytes(let bytes):
            host.hasRoom(number, self)
            guard connection.isClientHere else { return }
            try clients[connection.client].received(bytes, on: number, self)
        case .end:
            guard connection.isClientHere else { return }
            note("client \(connection.client): \(number) ended")
            connection.isClientHere = false
            try clients[connection.client].ended(number, self)
        }
    }

    private func establish(_ number: Int) throws(Fault) {
        guard let connection = connections[number] else { return }
        host.accept(connection, self)
        guard connection.isClientHere else { return }
        try clients[connection.client].established(number, self)
    }

    // MARK: The network, as the server sees it

    private func arriveAtServer(_ number: Int) {
        guard let connection = connections[number], let piece = connection.toServer.arrive() else {
            return
        }
        host.arrived(piece, on: number, self)
    }

    /// Bytes that the server may write now.
    func room(_ number: Int) -> Int {
        connections[number].map { max(0, $0.windowBytes - $0.toClient.count) } ?? 0
    }

    func send(_ bytes: [UInt8], toClientOn number: Int) {
        guard let connection = connections[number] else { return }
        for moment in connection.toClient.send(bytes, conditions, now: now, &random) {
            plan(.arrivalAtClient(connection: number), at: moment)
        }
    }

    /// The server has closed the connection.
    func serverHangsUp(_ number: Int, losing: Bool) {
        guard let connection = connections[number] else { return }
        let end = connection.toClient.end(losing: losing, conditions, now: now, &random)
        if let end { plan(.arrivalAtClient(connection: number), at: end) }
    }
}
