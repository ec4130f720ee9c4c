import Runtime
import ServiceModel
import Storage
import Telemetry

/// Keeps the view's file up to date, on a thread of its own.
///
/// Step of the data flow: behind the aggregator, on whose loop it is told of each change; nobody waits for it.
/// At the end `stop` writes once more.
actor ViewKeeper: LoopHandler {
    private let loop: EventLoop
    private let file: ViewFile
    private let thread = BlockingThread(name: "view-file")
    private var plan: ViewWritePlan
    private var view = MembershipView()
    private var timer: (id: TimerID, at: Instant)?
    private var isTroubleSaid = false
    private let log = Log("view")

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is kept alive by the stored reference.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Creates a keeper that writes once the view is live.
    init(loop: EventLoop, file: ViewFile, plan: ViewWritePlan) {
        (self.loop, self.file, self.plan) = (loop, file, plan)
    }

    /// The view that an earlier run left behind; nil where none is kept.
    ///
    /// - Throws: `MembershipError` for a file that cannot be used, `StorageError` for one that cannot be read.
    func read() async throws -> MembershipView? {
        let file = file
        return try await thread.run { try file.read(at: EventLoop.unixNow()) }
    }

    /// Takes note of the view; called on the loop, in the aggregator's own turn.
    nonisolated func follow(_ view: MembershipView) {
        assumeIsolated { me in
            me.view = view
            me.advance()
        }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            me.timer = nil
            me.advance()
        }
    }

    /// Writes what is known at the end, and ends the thread; nothing may follow.
    func stop() async {
        if let timer { loop.cancelTimer(timer.id) }
        timer = nil
        if plan.isWorthKeeping {
            let (file, view, liveAt) = (file, view, liveAt)
            do {
                try await thread.run { try file.write(view, liveAt: liveAt) }
            } catch {
                log.error("the view is not kept for the next start: \(error)")
            }
        }
        thread.stop()
    }

    /// When the view was live for the last time, as of now.
    private var liveAt: UnixTime {
        if case .stale(let since) = view.freshness { return since }
        return EventLoop.unixNow()
    }

    private func advance() {
        var deadline: Instant?
        switch plan.step(view, now: loop.now) {
        case .rest: break
        case .wait(let until): deadline = until
        case .write: write()
        }
        guard deadline != timer?.at else { return }
        if let timer { loop.cancelTimer(timer.id) }
        timer = deadline.map { (loop.setTimer(at: $0, handler: self, token: 0), $0) }
    }

    private func write() {
        let (file, view, liveAt) = (file, view, liveAt)
        let isTaken = thread.submit { [self] in
            var trouble: String?
            do throws(StorageError) {
                try file.write(view, liveAt: liveAt)
            } catch {
                trouble = "\(error)"
            }
            let outcome = trouble
            _ = loop.post { self.assumeIsolated { $0.finished(outcome) } }
        }
        if !isTaken { plan.finished(isWritten: false, now: loop.now) }
    }

    private func finished(_ trouble: String?) {
        plan.finished(isWritten: trouble == nil, now: loop.now)
        if let trouble, !isTroubleSaid {
            log.error(
                "the view is not kept on disk, so a restart while the registry is out of reach "
                    + "would know nothing: \(trouble)"
            )
        }
        isTroubleSaid = trouble != nil
        advance()
    }
}
