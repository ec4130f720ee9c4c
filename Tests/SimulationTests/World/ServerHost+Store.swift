import ServiceModel
import TestSupport
import ZNodeTree

@testable import Storage
@testable import ZooKeeperServer

/// The server with a store: its changes become durable on the simulated disk, and it survives crashes.
extension ServerHost {
    var isDown: Bool { keeper.map { $0.store == nil } ?? false }

    // MARK: Starting

    /// A process starts from what is on the disk; it may crash before it serves.
    func start(_ world: World) throws(Fault) {
        guard let keeper, keeper.store == nil else { return }
        keeper.begin()
        keeper.probe = { [unowned self, unowned world] in self.probe($0, $1, world) }
        keeper.interrupt = { [unowned self, unowned world] in self.interrupt($0, world) }
        guard let opened = try keeper.open(now: world.now) else {
            try throwFault()
            die(world)
            return
        }
        try check(opened)
        let moment = try checker.recovered(opened.tree)
        serve(opened, moment, world)
        try throwFault()
    }

    private func serve(
        _ opened: consuming SimulatedStore.Opened,
        _ moment: PlainMoments.Moment?,
        _ world: World
    ) {
        guard let keeper else { return }
        let time = UnixTime(milliseconds: 1_700_000_000_000 + world.now.nanoseconds / 1_000_000)
        let first = max(ServerEngine.firstSession(at: time), opened.highestSession + 1)
        var settings = engine.settings
        settings.recordBytesMax = keeper.recordBytesMax
        keeper.store = opened.store
        keeper.key = opened.passwordKey
        let passwords = SessionPasswords(key: opened.passwordKey)
        let tree = opened.tree
        engine = ServerEngine(
            settings: settings,
            durability: .external,
            tree: tree,
            firstSession: first,
            passwords: passwords
        )
        engine.serve(from: world.now)
        checker.trustsHeaders = keeper.plan.fault == .headerAhead
        checker.goOn(from: engine.tree, moment, nextSession: engine.nextSession, now: world.now)
        world.note("server: serves from zxid \(engine.tree.lastZxid)")
        tellDurable(engine.tree.lastZxid)
        wanted(isTimer: false, world)
    }

    /// What is found besides the tree.
    private func check(_ opened: borrowing SimulatedStore.Opened) throws(Fault) {
        guard let key = keeper?.key else { return }
        guard opened.passwordKey == key else {
            throw Fault("the secret of the sessions is another one after a start")
        }
    }

    // MARK: The store's steps

    /// The turn's changes go to the log, and the log's thread takes what it can.
    func handOver(_ world: World, _ moment: Moment) throws(Fault) {
        guard let keeper else { return }
        engine.takeRecords(into: &keeper.records)
        if keeper.plan.fault == .replyBeforeSync {
            checker.model.durable(upTo: engine.tree.lastZxid)
            tellDurable(engine.tree.lastZxid)
            try carryOut(world, moment)
        }
        write(world)
        if let store = keeper.store {
            if store.wantsSegment, !keeper.isReserving {
                keeper.isReserving = true
                let delay = keeper.random.milliseconds(0...4)
                world.plan(.reserve(life: keeper.life), in: delay)
            }
            if store.isFoldDue, !keeper.isFolding {
                keeper.isFolding = true
                let delay = keeper.random.milliseconds(0...20)
                world.plan(.fold(life: keeper.life), in: delay)
            }
        }
        try throwFault()
    }

    private func write(_ world: World) {
        guard let keeper, let store = keeper.store, !keeper.isWriting, !keeper.records.isEmpty
        else { return }
        if keeper.records.byteCount > store.room { reserve(keeper.life, world) }
        guard keeper.store != nil, keeper.records.byteCount <= store.room else { return }
        keeper.isWriting = true
        swap(&keeper.underWay, &keeper.records)
        writeUnderWay(keeper.life, world)
    }

    /// Writes the batch, or tries it once more a while later.
    func writeUnderWay(_ life: Int, _ world: World) {
        guard let keeper, keeper.life == life, let store = keeper.store else { return }
        let isDone = step(.log, world) { () throws(StorageError) in
            try store.write(&keeper.underWay)
        }
        guard keeper.store != nil else { return }
        let delay = keeper.random.milliseconds(diskDelay)
        world.plan(isDone ? .storeWrote(life: life) : .writeAgain(life: life), in: delay)
    }

    /// The log's thread tells that its batch is durable.
    func storeWrote(_ life: Int, _ world: World) {
        guard let keeper, keeper.life == life, let store = keeper.store else { return }
        keeper.isWriting = false
        durableNext = store.zxid
        wanted(isTimer: false, world)
    }

    /// The engine's own bounds are for segments of megabytes, so it is told of more room than there is.
    func tellDurable(_ zxid: Int64) {
        guard let store = keeper?.store else {
            engine.durable(upTo: zxid)
            return
        }
        engine.logged(upTo: zxid, written: store.written, limit: store.written + 1 << 20)
    }

    func reserve(_ life: Int, _ world: World) {
        guard let keeper, keeper.life == life, let store = keeper.store else { return }
        keeper.isReserving = false
        guard store.wantsSegment else { return }
        step(.segments, world) { () throws(StorageError) in try store.reserve() }
    }

    func fold(_ life: Int, _ world: World) {
        guard let keeper, keeper.life == life, let store = keeper.store, keeper.isFolding else {
            return
        }
        keeper.counts.folds += 1
        step(.tree, world) { () throws(StorageError) in try store.fold() }
        keeper.isFolding = false
        // There may be room for the next segment by now.
        wanted(isTimer: false, world)
    }

    /// Another thread comes in between.
    private func interrupt(_ operation: DiskOperation, _ world: World) {
        guard let keeper, keeper.random.chance(100), keeper.isFolding else { return }
        switch keeper.steps {
        case [.log]: fold(keeper.life, world)
        case [.tree]: write(world)
        default: break
        }
    }

    /// The fault of a server whose headers say what is not durable yet.
    func falsified(_ action: ServerAction) -> ServerAction {
        guard keeper?.plan.fault == .headerAhead, case .send(let id, var bytes) = action,
            let expected = checker.model.connections[id.rawValue]?.expected
        else { return action }
        var start = 0
        for frame in expected {
            // Several events are one expectation.
            let count = if case .events(let events) = frame.body { events.count } else { 1 }
            for _ in 0..<count {
                guard start + 20 <= bytes.count else { break }
                if case .reply = frame.body, frame.header == nil { promise(&bytes, at: start) }
                start += 4 + bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            }
        }
        return .send(id, bytes)
    }

    /// The zxid of a header stands behind the length and the xid.
    private func promise(_ bytes: inout [UInt8], at start: Int) {
        for index in 0..<8 {
            let shift = Int64(56 - 8 * index)
            bytes[start + 8 + index] = UInt8(truncatingIfNeeded: engine.tree.lastZxid >> shift)
        }
    }

    /// - Returns: False when there was no room, or the process is gone.
    @discardableResult
    private func step(
        _ step: StoreKeeper.Step,
        _ world: World,
        _ deed: () throws(StorageError) -> Void
    ) -> Bool {
        guard let keeper else { return false }
        keeper.steps.append(step)
        keeper.isTroubled = false
        var isDone = true
        do throws(StorageError) {
            try deed()
        } catch {
            isDone = false
            if !keeper.disk.isDead { take(error, keeper) }
        }
        keeper.steps.removeLast()
        if keeper.disk.isDead, keeper.steps.isEmpty { die(world) }
        return isDone
    }

    /// A shortage passes; a disk that fails ends the registry, and somebody starts it again.
    private func take(_ error: StorageError, _ keeper: StoreKeeper) {
        switch error.code {
        case _ where !keeper.isTroubled:
            let fault = Fault("the store fails on a sound disk", came: "\(error)")
            keeper.fault = keeper.fault ?? fault
        case .noSpace, .busy: break
        default: keeper.disk.die()
        }
    }

    func throwFault() throws(Fault) {
        if let fault = keeper?.fault { throw fault }
    }

    // MARK: Crashing

    /// The process is killed between two steps, or the power fails, or it is stopped in order.
    func crash(_ world: World) {
        guard let keeper, let store = keeper.store, !keeper.isCalm else { return }
        if keeper.random.chance(300), !keeper.isWriting {
            step(.log, world) { () throws(StorageError) in try store.end() }
        }
        keeper.disk.die()
        if keeper.store != nil { die(world) }
    }

    private func die(_ world: World) {
        guard let keeper else { return }
        world.note("server: its process is gone")
        keeper.counts.crashes += 1
        keeper.die()
        loseEverything(world)
        world.plan(.restart, in: keeper.random.milliseconds(1...20))
    }

    /// Tries out what a crash at this operation would leave.
    private func probe(_ state: DiskState, _ operation: DiskOperation, _ world: World) {
        guard let keeper, keeper.fault == nil else { return }
        do throws(Fault) {
            try probe(keeper, keeper.left(of: state), now: world.now)
        } catch {
            let life = "life \(keeper.life), operation \(keeper.disk.operations)"
            keeper.fault = Fault(
                "a crash at \(life), before \(operation): \(error.about)",
                expected: error.expected,
                came: error.came
            )
        }
    }

    private func probe(_ keeper: StoreKeeper, _ state: DiskState, now: Instant) throws(Fault) {
        var found: Int64?
        let again = keeper.random.number(0...9)
        let operations = again < 2 ? keeper.random.number(1...12) : nil
        let disk = try keeper.tryOut(state, crashingAfter: operations, now: now) {
            opened throws(Fault) in
            try check(opened)
            _ = try checker.recovered(opened.tree)
            found = opened.tree.lastZxid
        }
        // Either that start was cut short, or it served everyone before the power went.
        guard again < 4 || keeper.plan.fault == .replayNotSynced else { return }
        keeper.counts.nested += 1
        let loss = Loss(keeper.random.pick(Loss.Kind.allCases), seed: keeper.random.next())
        let left = disk.state.afterPowerCut(loss)
        _ = try keeper.tryOut(left, crashingAfter: nil, now: now) { opened throws(Fault) in
            try check(opened)
            _ = try checker.recovered(opened.tree)
            guard let found, opened.tree.lastZxid != found else { return }
            throw Fault(
                "what was served after a start is gone after the next",
                expected: "zxid \(found)",
                came: "zxid \(opened.tree.lastZxid)"
            )
        }
    }
}
