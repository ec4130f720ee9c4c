import ServiceModel
import TestSupport
import ZNodeTree

@testable import Storage
@testable import ZooKeeperServer

/// The disk of a run, the store on it, and all the crashes that are tried out beside the run.
final class StoreKeeper {
    /// What one of the store's threads does.
    enum Step { case log, segments, tree }

    let plan: StorePlan
    let setup: SimulatedStore.Setup
    var random: SeededGenerator
    private(set) var disk: SimulatedDisk
    /// Nil while the server is down.
    var store: SimulatedStore?
    /// What the engine has recorded, on its way to the log.
    var records = LogBatch()
    /// Lives so far; what was planned in an earlier one does not happen.
    var life = 0
    var isWriting = false
    /// What the log's thread has taken, until it is durable.
    var underWay = LogBatch()
    /// The disk has refused or failed something in the present step.
    var isTroubled = false
    var isReserving = false
    var isFolding = false
    /// Steps of the store that are being done: one may come in the middle of another.
    var steps: [Step] = []
    /// Nothing crashes any more.
    var isCalm = false
    var counts = CrashCounts()
    /// The secret of sessions, once somebody may know it.
    var key: (UInt64, UInt64)?
    /// Found while a step of the store was done.
    var fault: Fault?
    /// Does something in the middle of an operation, as another thread may.
    var interrupt: ((DiskOperation) -> Void)?
    /// Looks at what a crash here would leave.
    var probe: ((DiskState, DiskOperation) -> Void)?

    static let folder = "/data/registry"

    init(_ plan: StorePlan, _ settings: ServerEngine.Settings, firstZxid: Int64, seed: UInt64) {
        self.plan = plan
        random = SeededGenerator(seed: seed)
        let configuration = StoreConfiguration(
            directory: Self.folder,
            segmentBytes: random.pick([6_000, 8_192, 12_000]),
            foldBytes: random.pick([700, 2_000, 5_000, 14_000])
        )
        let planted = plan.fault
        setup = SimulatedStore.Setup(configuration: configuration, firstZxid: firstZxid) { disk in
            switch planted {
            case .checksumIgnored: UncheckedLog(disk)
            case .failedSyncRetried: RetriedSync(disk)
            default: disk
            }
        }
        disk = SimulatedDisk(seed: random.next())
        // The daemon's data directory is there and sure; its own it makes itself.
        do throws(StorageError) {
            try disk.makeDirectory("/data")
            try disk.syncDirectory("/")
        } catch { fault = Fault("\(error)") }
    }

    var recordBytesMax: Int {
        LogWriter.payloadBytesMax(segmentBytes: setup.configuration.segmentBytes)
    }

    /// The next life begins with what is there.
    func begin() {
        disk = SimulatedDisk(left(of: disk.state), seed: random.next())
        disk.judge = { [weak self] disk, operation in self?.judge(operation, disk) ?? .proceed }
        (records, isWriting, isReserving, isFolding) = (LogBatch(), false, false, false)
        underWay = LogBatch()
        life += 1
    }

    /// The process is gone.
    func die() {
        disk.die()
        (store, steps) = (nil, [])
        disk.judge = nil
    }

    /// Starts the store of this life; nil when it crashed, or does not start.
    func open(now: Instant) throws(Fault) -> SimulatedStore.Opened? {
        do throws(StorageError) {
            return try SimulatedStore.open(
                setup,
                on: disk,
                newKey: (random.next(), random.next()),
                now: now,
                seed: random.next()
            )
        } catch {
            guard disk.isDead else { throw Fault("the server does not start", came: "\(error)") }
            return nil
        }
    }

    private func judge(_ operation: DiskOperation, _ disk: SimulatedDisk) -> DiskVerdict {
        guard fault == nil else { return .proceed }
        counts.operations += 1
        if case .create(let path) = operation, path.hasSuffix(".new") { counts.segments += 1 }
        for _ in 0..<plan.probesPerOperation { probe?(disk.state, operation) }
        interrupt?(operation)
        if plan.fault?.swallows(operation, isServing: store != nil) == true { return .pretend }
        guard !isCalm else { return .proceed }
        if random.chance(plan.crashes) { return .crash(random.pick(CrashMoment.allCases)) }
        return store == nil ? .proceed : trouble(operation)
    }

    /// What a server that serves has to live with, or ends from.
    private func trouble(_ operation: DiskOperation) -> DiskVerdict {
        switch operation {
        case .write where random.chance(plan.shortages):
            isTroubled = true
            counts.shortages += 1
            return .refuse
        case .sync where random.chance(plan.failures):
            isTroubled = true
            counts.failures += 1
            return .fail
        default: return .proceed
        }
    }

    // MARK: What is left

    /// What the next process finds: all that was written, or what a power cut leaves of it.
    func left(of state: DiskState) -> DiskState {
        guard !random.chance(250) else { return state }
        return state.afterPowerCut(Loss(random.pick(Loss.Kind.allCases), seed: random.next()))
    }

    /// Starts from a state beside the run, and gives the disk back as it is afterwards.
    ///
    /// What was found goes to `body`, unless the start is cut short by a crash of its own.
    func tryOut(
        _ state: DiskState,
        crashingAfter operations: Int?,
        now: Instant,
        _ body: (borrowing SimulatedStore.Opened) throws(Fault) -> Void
    ) throws(Fault) -> SimulatedDisk {
        let disk = SimulatedDisk(state, seed: random.next())
        let (fault, moment) = (plan.fault, random.pick(CrashMoment.allCases))
        disk.judge = { disk, operation in
            if disk.operations == operations { return .crash(moment) }
            return fault?.swallows(operation, isServing: false) == true ? .pretend : .proceed
        }
        counts.points += 1
        let opened: SimulatedStore.Opened
        do throws(StorageError) {
            opened = try SimulatedStore.open(
                setup,
                on: disk,
                newKey: (random.next(), random.next()),
                now: now,
                seed: random.next()
            )
        } catch {
            guard disk.isDead else { throw Fault("it does not start", came: "\(error)") }
            return disk
        }
        // Nothing that is still open may change what is left.
        disk.die()
        try body(opened)
        return disk
    }
}

extension StoreFault {
    /// True for syncs that the faulty store forgets.
    func swallows(_ operation: DiskOperation, isServing: Bool) -> Bool {
        switch (self, operation) {
        case (.logNotSynced, .sync(let path)): path.hasSuffix(".log") && isServing
        case (.replayNotSynced, .sync(let path)): path.hasSuffix(".log") && !isServing
        case (.folderNotSynced, .syncDirectory(let path)): path == StoreKeeper.folder
        case (.removedTooEarly, .sync(let path)): path.contains("tree.db") && isServing
        default: false
        }
    }
}
