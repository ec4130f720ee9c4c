import Runtime
import ServiceModel
import Storage
import Telemetry
import ZNodeTree

/// The durable registry: how it comes back from its store, and what becomes of it when the disk has troubles.
extension RegistryServer {
    /// Loads what is there, and starts the threads that keep it.
    func openStore(_ wanted: StoreConfiguration) throws(RegistryError) {
        var configuration = wanted
        let recordBytes = self.configuration.requestBytesMax * Limits.recordFactor
        configuration.segmentBytes = max(
            wanted.segmentBytes,
            recordBytes * Limits.recordsPerSegment
        )
        let files = Disk()
        let start = EventLoop.monotonicNow()
        var shown = start
        let opened: OpenedStore
        var random = SystemRandomNumberGenerator()
        do throws(StorageError) {
            opened = try OpenedStore(
                configuration,
                files: files,
                firstZxid: RegistryConfiguration.firstZxid(at: EventLoop.unixNow()),
                newKey: (random.next(), random.next()),
                now: start
            ) { progress in
                let now = EventLoop.monotonicNow()
                guard now - shown >= Limits.progressPause else { return }
                shown = now
                log.notice("\(progress)")
            }
        } catch {
            throw RegistryError(storage: error, configuration.directory)
        }
        begin(with: opened, configuration, files, since: start)
    }

    private func begin(
        with opened: consuming OpenedStore,
        _ configuration: StoreConfiguration,
        _ files: any FileSystem,
        since start: Instant
    ) {
        let (tear, loaded) = (opened.tear, opened.summary)
        let time = ServerEngine.firstSession(at: EventLoop.unixNow())
        let firstSession = max(time, opened.highestSession + 1)
        let passwords = SessionPasswords(key: opened.passwordKey)
        let tree = opened.tree
        store = RegistryStore(opened.parts, configuration: configuration, files: files) {
            [weak self] news in
            self?.tell(news)
        }
        let (process, descriptors) = (engine.settings.process, engine.settings.descriptors)
        engine = ServerEngine(
            settings: ServerEngine.Settings(self.configuration),
            durability: .external,
            tree: tree,
            firstSession: firstSession,
            passwords: passwords
        )
        (engine.settings.process, engine.settings.descriptors) = (process, descriptors)
        let segmentBytes = configuration.segmentBytes
        let recordBytesMax = LogWriter.payloadBytesMax(segmentBytes: segmentBytes)
        engine.settings.recordBytesMax = recordBytesMax
        engine.tree.recordBytesMax = recordBytesMax
        engine.serve(from: EventLoop.monotonicNow())
        if let tear { log.warning("the last shutdown was no orderly one; cut off at \(tear)") }
        let took = (EventLoop.monotonicNow() - start).milliseconds
        log.notice("\(loaded) from \(configuration.directory) in \(took) ms")
    }

    /// Writes a consistent copy of the tree, as of now or later, to a file that `musterd --restore` takes.
    ///
    /// - Parameter path: A new file, or an earlier copy.
    /// - Returns: Its bytes.
    /// - Throws: `RegistryError` `.storage`, and `.stopped` after a failure of the disk.
    public func backUp(to path: String) async throws(RegistryError) -> Int {
        guard !hasFailed else {
            let text = "registry: it has stopped, since its disk has failed; start musterd again"
            throw RegistryError(.stopped, text)
        }
        guard let store else {
            throw RegistryError(.storage, "registry: it keeps nothing on disk")
        }
        do {
            return try await store.backUp(to: path)
        } catch {
            throw RegistryError(.storage, "registry: no backup was made: \(error)", cause: error)
        }
    }

    // MARK: News from the disk

    /// Called on the store's threads.
    private nonisolated func tell(_ news: StoreNews) {
        _ = loop.post { [weak self] in
            guard let self else { return }
            loop.isolated(self) { me in me.hear(news) }
        }
    }

    private func hear(_ news: StoreNews) {
        guard !hasFailed else { return }
        switch news {
        case .progress(let progress):
            if let took = progress.took { noteSync(took, progress) }
            engine.begin(turnAt: loop.now)
            engine.logged(upTo: progress.zxid, written: progress.written, limit: progress.limit)
            carryOut()
            // Who was answered may have the next request ready.
            loop.stayAwake(until: EventLoop.monotonicNow() + Limits.awakeAfterSync)
        case .noRoom(let error):
            engine.roomChanged(hasNone: true)
            carryOut()
            if trouble.snapshot() == nil { log.error("\(Self.noRoom(error))") }
            trouble.publish(Self.noRoom(error))
            lookForRoom()
        case .roomAgain:
            engine.roomChanged(hasNone: false)
            carryOut()
            trouble.publish(nil)
            log.notice("there is room for the log again, changes are accepted")
        case .notFolded(let error):
            log.warning("tree.db stays behind, the log is kept meanwhile: \(error)")
        case .failed(let error): fail(error)
        }
    }

    /// One timer for all that there is no room for.
    private func lookForRoom() {
        guard roomTimer == nil else { return }
        let next = loop.now + Limits.roomPause
        roomTimer = loop.setTimer(at: next, handler: self, token: Token.room)
    }

    private func noteSync(_ took: Duration, _ progress: LogThread.Progress) {
        metrics.synced(after: took, written: progress.written)
        guard took >= Limits.slowSync, loop.now >= slowSyncSaid + Limits.slowSyncPause else {
            return
        }
        slowSyncSaid = loop.now
        log.warning(
            "a write to the log took \(took.milliseconds) ms, clients waited for it; is the disk busy or failing?"
        )
    }

    private static func noRoom(_ error: StorageError) -> String {
        "no room for the log, changes are refused (NOTREADONLY) and reads go on; free some, nothing needs "
            + "a restart: \(error)"
    }

    /// The disk failed: what became of the last changes is not known, so nothing is shown of them any more.
    private func fail(_ error: StorageError) {
        hasFailed = true
        let text =
            "the registry has stopped, its disk failed; DNS goes on with the last view; see to the disk, "
            + "then restart musterd: \(error)"
        trouble.publish(text)
        log.error("\(text)")
        endServing()
        showMetrics()
    }
}

extension RegistryError {
    /// The store cannot be opened; says what to do.
    init(storage error: StorageError, _ directory: String) {
        let advice =
            switch error.code {
            case .damaged:
                "nothing was changed; restore a backup with musterd --restore FILE, or move the folder away "
                    + "to start with an empty tree"
            case .unknownFormat: "nothing was changed; start the version of musterd that wrote it"
            case .noSpace: "free some room and start again"
            case .busy: "end the program that holds it"
            default: "nothing was changed; see to the disk or the folder's rights and start again"
            }
        self.init(.storage, "registry: \(error); \(advice)", cause: error)
    }
}
