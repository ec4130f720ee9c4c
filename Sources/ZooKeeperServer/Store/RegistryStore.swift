import Runtime
import Storage
import Synchronization

/// The threads behind a durable registry: one for the log, one that reserves its segments, one for `tree.db`.
///
/// Step of the data flow: beside the engine; changes go in as batches, and come back as the zxid up to which
/// they survive a crash. The loop never waits for any of it. `tree.db` is brought forward from the log alone,
/// so that it costs the loop nothing. Owner: `RegistryServer`.
final class RegistryStore: Sendable {
    private struct State {
        /// Where the log ends, and what was written to it since the start.
        var log: (position: LogPosition, written: Int)
        /// What was written to the log until where `tree.db` stands.
        var folded: Int
        var isFolding = false
        /// The number of the segment that is being reserved, or that there was no room for.
        var reserving: UInt32?
        /// The last one that was handed to the log, which may not have looked at it yet.
        var reserved: UInt32 = 0
        var hasNoRoom = false
        /// The log holds a batch back that there was no room for.
        var isHeld = false
        var isOver = false
    }

    private let configuration: StoreConfiguration
    private let files: any FileSystem
    private let tell: @Sendable (StoreNews) -> Void
    private let state: Mutex<State>
    private let database: Mutex<TreeDatabase>
    private let reserver = BlockingThread(name: "reserve")
    private let folder = BlockingThread(name: "tree.db")
    private let log = Mutex<LogThread?>(nil)

    /// Takes over an opened store and starts its threads.
    ///
    /// - Parameters:
    ///   - opened: As it was found.
    ///   - configuration: Where that is, and how much is written when.
    ///   - files: How the log is reached.
    ///   - tell: Called on any of the threads.
    init(
        _ opened: consuming sending OpenedStore.Parts,
        configuration: StoreConfiguration,
        files: any FileSystem,
        tell: @escaping @Sendable (StoreNews) -> Void
    ) {
        (self.configuration, self.files, self.tell) = (configuration, files, tell)
        let behind = opened.behind
        state = Mutex(
            State(
                log: (opened.log.position, 0),
                folded: -behind
            )
        )
        database = Mutex(opened.database)
        let thread = LogThread(opened.log) { [weak self] in self?.heard($0) }
        log.withLock { $0 = thread }
        // What this leads to finds the thread in its place.
        thread.report()
    }

    /// Queues changes for the log.
    func append(_ records: inout LogBatch) {
        guard !records.isEmpty else { return }
        log.withLock { $0?.append(&records) }
    }

    /// Looks for room once more, if there was none for what the log holds back or for its next segment.
    func tryAgain() {
        let (number, isHeld) = state.withLock { ($0.hasNoRoom ? $0.reserving : nil, $0.isHeld) }
        if let number { reserve(number) }
        if isHeld { log.withLock { $0?.report() } }
    }

    /// Writes a consistent copy of all that is durable now.
    ///
    /// - Parameter path: A new file, or an earlier copy.
    /// - Returns: Its bytes.
    /// - Throws: `StorageError`.
    func backUp(to path: String) async throws -> Int {
        try await folder.run { [self] in
            if let error = bringForward() { throw error }
            let database = configuration.directory + "/" + OpenedStore.databaseName
            return try TreeDatabase.copy(database, to: path, in: files)
        }
    }

    /// Makes all that was appended durable, and ends the threads.
    func stop() {
        state.withLock { $0.isOver = true }
        log.withLock { log in
            log?.stop()
            log = nil
        }
        reserver.stop()
        folder.stop()
    }

    // MARK: On the log's thread

    private func heard(_ news: Result<LogThread.Progress, StorageError>) {
        switch news {
        case .failure(let error): tell(.failed(error))
        case .success(let progress):
            let (wanted, isFoldDue, isFree) = state.withLock { state in
                let wasHeld = state.isHeld
                state.isHeld = progress.obstacle != nil
                state.log = (progress.position, progress.written)
                let isNew = state.reserving == nil && progress.wanted ?? 0 > state.reserved
                let wanted = isNew && !state.isOver ? progress.wanted : nil
                state.reserving = wanted ?? state.reserving
                let behind = progress.written - state.folded
                let isDue = behind >= configuration.foldBytes && !state.isFolding && !state.isOver
                state.isFolding = state.isFolding || isDue
                return (wanted, isDue, wasHeld && !state.isHeld && !state.hasNoRoom)
            }
            if let wanted { reserve(wanted) }
            if isFoldDue { startFold() }
            tell(.progress(progress))
            if let obstacle = progress.obstacle { tell(.noRoom(obstacle)) }
            if isFree { tell(.roomAgain) }
        }
    }

    // MARK: Segments

    private func reserve(_ number: UInt32) {
        _ = reserver.submit { [self] in
            // Asked for twice, it may be there by now, and in use.
            guard state.withLock({ $0.reserving == number }) else { return }
            do throws(StorageError) {
                let segment = try Segment.reserve(
                    number: number,
                    size: configuration.segmentBytes,
                    in: configuration.directory,
                    on: files
                )
                let hadNoRoom = state.withLock { state in
                    defer {
                        (state.reserving, state.reserved) = (nil, number)
                        state.hasNoRoom = false
                    }
                    return state.hasNoRoom && !state.isHeld
                }
                log.withLock { log in
                    guard let log else { return segment.close(on: files) }
                    log.add(segment)
                }
                if hadNoRoom { tell(.roomAgain) }
            } catch {
                guard error.code == .noSpace else {
                    tell(.failed(error))
                    return
                }
                // Bringing `tree.db` forward lets go of segments.
                let isFirst = state.withLock { state in
                    defer { state.hasNoRoom = true }
                    guard !state.hasNoRoom, !state.isFolding else { return false }
                    state.isFolding = true
                    return true
                }
                if isFirst { startFold() }
                tell(.noRoom(error))
            }
        }
    }

    // MARK: The tree at rest

    private func startFold() {
        let isTaken = folder.submit { [self] in
            _ = bringForward()
            state.withLock { $0.isFolding = false }
        }
        if !isTaken { state.withLock { $0.isFolding = false } }
    }

    /// Folds, and tells what came of it where it matters to the registry.
    private func bringForward() -> StorageError? {
        do throws(StorageError) {
            try fold()
            return nil
        } catch {
            let isPassing = error.code == .noSpace || error.code == .busy
            tell(isPassing ? .notFolded(error) : .failed(error))
            // The next try comes when the log has grown as much again.
            state.withLock { $0.folded = $0.log.written }
            return error
        }
    }

    /// Brings `tree.db` to where the log was durable when it began.
    private func fold() throws(StorageError) {
        let (end, written) = state.withLock { ($0.log.position, $0.log.written) }
        try database.withLock { database throws(StorageError) in
            try database.advance(to: end, in: configuration.directory, on: files)
        }
        state.withLock { $0.folded = written }
        tryAgain()
    }
}
