internal import CLinux
public import ServiceModel
internal import Synchronization

/// One named thread that is an executor: it alternates between actor jobs, sockets and timers.
///
/// Step of the data flow: everything that waits, waits here. An actor on the loop stores it and gives it as
/// its executor: `nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe
/// loop.asUnownedSerialExecutor() }`. Invariants: jobs and posted closures run in the order in which they
/// came; at most `Limits.jobBatchesPerTurnMax` batches of them run before sockets are looked at; handlers
/// are called once per wake-up. Methods marked "loop thread only" trap elsewhere.
///
/// Owner of the mutable state: the loop's own thread; only the inbox is shared, under its lock.
public final class EventLoop: SerialExecutor {
    enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }
    struct Inbox {
        var work: [Work] = []
        var isStopping = false
    }
    // SAFETY: touched by the loop's thread only; each public method that reaches it checks `isCurrent`.
    private final class State: @unchecked Sendable {
        var registry = LoopRegistry()
        var timers = TimerQueue<(group: Int, token: UInt64)>()
        var now = EventLoop.monotonicNow()
        var batch: [Work] = []
        var events = [muster_event](repeating: muster_event(), count: Limits.eventsPerWaitMax)
        var fullWaits = 0
        /// When the timer descriptor becomes ready; nil when it will not.
        var armed: Instant?
        /// How much of `posted` has been taken out of the inbox.
        var taken: UInt = 0
        var awakeUntil = Instant(nanoseconds: 0)
        var isStopping = false
    }
    /// Words of the loop's own descriptors; those of registered ones have their stamp in the upper half.
    private enum OwnWord {
        static let wakeup = UInt64.max
        static let timer = UInt64.max - 1
    }

    /// What the thread is called in `top -H` and in backtraces (cut to 15 bytes there).
    public let name: String
    private let epoll: Int32
    private let wakeup: Int32
    private let timer: Int32
    private let inbox = Mutex(Inbox())
    /// Counted up with each piece of work and with the stop, in the lock.
    ///
    /// A loop that has taken as much need not look into the inbox. The lock alone orders posting before running. The thread sanitizer does not see into a lock that
    /// was waited for, and would call all that work brings along a race; this it sees.
    private let posted = Atomic<UInt>(0)
    private let threadID = Atomic<UInt64>(0)
    private let thread = Mutex<WorkerThread?>(nil)
    private let state = State()

    /// Starts the thread at once; it runs until `stop`.
    ///
    /// - Parameter name: The thread's name.
    public init(name: String) {
        self.name = name
        epoll = muster_epoll_create()
        wakeup = muster_eventfd(1, 0)
        timer = muster_timerfd()
        // Told once for each writing and each firing, so that nobody has to read them.
        let once = UInt32(MUSTER_READABLE | MUSTER_EDGE)
        guard epoll >= 0, wakeup >= 0, timer >= 0,
            muster_epoll_add(epoll, wakeup, once, OwnWord.wakeup) == 0,
            muster_epoll_add(epoll, timer, once, OwnWord.timer) == 0
        else {
            fatalError("loop \(name): epoll \(epoll), eventfd \(wakeup), timerfd \(timer)")
        }
        let started = WorkerThread(name: name) { self.run() }
        thread.withLock { $0 = started }
    }

    deinit {
        _ = muster_close(epoll)
        _ = muster_close(wakeup)
        _ = muster_close(timer)
    }

    // MARK: Time

    /// The kernel's monotonic clock.
    public static func monotonicNow() -> Instant { Instant(nanoseconds: muster_monotonic()) }
    /// The calendar clock.
    public static func unixNow() -> UnixTime { UnixTime(milliseconds: muster_unix_milliseconds()) }

    /// The monotonic time as read after the last wait.
    ///
    /// Loop thread only.
    public var now: Instant {
        requireCurrent()
        return state.now
    }

    /// Looks for work without sleeping until a moment, or until it is called with one that has passed.
    ///
    /// Loop thread only.
    ///
    /// For when an answer is about to come: a core that sleeps takes tens of microseconds to wake. Other
    /// threads that are ready on this core go first.
    public func stayAwake(until moment: Instant) {
        requireCurrent()
        state.awakeUntil = moment
    }

    /// Lets other threads that are ready on this core go first; returns at once where there are none.
    ///
    /// For loops that have had work for long without a wait: a client on the same core could not go on
    /// with its answer before the kernel's time slice ends, a millisecond and more.
    public static func yieldCore() { muster_yield() }

    // MARK: Work

    /// True on the loop's own thread.
    public var isCurrent: Bool { threadID.load(ordering: .relaxed) == muster_thread_self() }

    /// Runs a closure on the loop, after everything that was posted or enqueued before it.
    ///
    /// - Parameter work: Short and never blocking.
    /// - Returns: False, with nothing kept, when the loop has stopped or 1,048,576 pieces of work wait.
    @discardableResult
    public func post(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, isFirst) = inbox.withLock { inbox in
            guard !inbox.isStopping, inbox.work.count < Limits.inboxMax else {
                return (false, false)
            }
            inbox.work.append(.closure(work))
            posted.wrappingAdd(1, ordering: .releasing)
            return (true, inbox.work.count == 1)
        }
        if isFirst { wake() }
        return isTaken
    }

    /// Takes an actor's job, as `SerialExecutor` demands.
    ///
    /// It never refuses: jobs are bounded by live tasks. A job that comes after `stop` is never run, and
    /// its task never ends.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = inbox.withLock { inbox in
            inbox.work.append(.job(job))
            posted.wrappingAdd(1, ordering: .releasing)
            return inbox.work.count == 1
        }
        if isFirst { wake() }
    }

    /// Part of `SerialExecutor`: true exactly on the loop's thread.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Part of `SerialExecutor`: traps off the loop's thread.
    public func checkIsolated() { requireCurrent() }

    /// Runs what is in the inbox, then ends the thread and lets go of all handlers.
    ///
    /// Returns after that.
    ///
    /// Call it when the actors on the loop are drained, and never from the loop's own thread.
    public func stop() {
        guard !isCurrent else {
            fatalError("loop \(name) cannot stop itself: it would wait for itself")
        }
        inbox.withLock { inbox in
            inbox.isStopping = true
            posted.wrappingAdd(1, ordering: .releasing)
        }
        _ = muster_eventfd_add(wakeup)
        let last = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        last?.join()
    }

    /// Runs isolated code of an actor whose executor this loop is, on the loop's thread.
    ///
    /// What `assumeIsolated` does, without its search for the present executor: for `process`, which is
    /// called for every wake-up.
    ///
    /// - Parameters:
    ///   - actor: Lives on this loop.
    ///   - body: Called before this returns.
    /// - Returns: What the body returned.
    public func isolated<Isolated: Actor, Value>(
        _ actor: Isolated,
        _ body: (isolated Isolated) -> Value
    ) -> Value {
        requireCurrent()
        typealias Plain = (Isolated) -> Value
        return withoutActuallyEscaping(body) { body in
            // SAFETY: isolation is no part of a closure's representation, and this is the thread of the
            // actor's executor; `assumeIsolated` of the standard library does the same.
            unsafe unsafeBitCast(body, to: Plain.self)(actor)
        }
    }

    private func wake() {
        guard !isCurrent else { return }
        _ = muster_eventfd_add(wakeup)
    }

    private func requireCurrent(_ function: StaticString = #function) {
        guard isCurrent else {
            fatalError("loop \(name): \(function) called off the loop's thread")
        }
    }

    // MARK: Descriptors

    /// Starts telling a handler about a descriptor.
    ///
    /// Loop thread only.
    ///
    /// - Parameters:
    ///   - fd: Stays open until it is deregistered, and is registered once.
    ///   - interest: May be empty: then only `hangup` is told.
    ///   - handler: Kept alive while registered.
    ///   - token: Comes back in each event.
    /// - Throws: `RuntimeError` `.exhausted` at the limit of watched descriptors, else `.system`.
    public func register(
        _ fd: Int32,
        interest: Interest,
        handler: any LoopHandler,
        token: UInt64
    ) throws(RuntimeError) {
        requireCurrent()
        let word = state.registry.add(fd, handler: handler, token: token)
        let result = muster_epoll_add(epoll, fd, UInt32(interest.rawValue), word)
        guard result < 0 else { return }
        _ = state.registry.remove(fd)
        throw RuntimeError("watch descriptor \(fd)", failure: result)
    }

    /// Changes what a handler is told about a descriptor.
    ///
    /// Loop thread only.
    public func modify(_ fd: Int32, interest: Interest) {
        requireCurrent()
        guard let word = state.registry.word(of: fd) else {
            fatalError("loop \(name): descriptor \(fd) is modified but not registered")
        }
        let result = muster_epoll_modify(epoll, fd, UInt32(interest.rawValue), word)
        guard result == 0 else {
            fatalError("loop \(name): descriptor \(fd) was closed while registered (\(result))")
        }
    }

    /// Stops telling about a descriptor; do it before closing it.
    ///
    /// Loop thread only.
    ///
    /// Does nothing for a descriptor that is not registered.
    public func deregister(_ fd: Int32) {
        requireCurrent()
        guard state.registry.remove(fd) else { return }
        _ = muster_epoll_remove(epoll, fd)
    }

    // MARK: Timers

    /// Tells a handler when a moment has come; never early.
    ///
    /// Loop thread only.
    ///
    /// - Parameters:
    ///   - deadline: A moment in the past fires at the next turn.
    ///   - handler: Kept alive until the timer fires or is cancelled.
    ///   - token: Comes back in the event.
    /// - Returns: The timer, for `cancelTimer`.
    /// - Complexity: O(log n) in the number of timers.
    @discardableResult
    public func setTimer(at deadline: Instant, handler: any LoopHandler, token: UInt64) -> TimerID {
        requireCurrent()
        let group = state.registry.retainGroup(of: handler)
        return state.timers.set(at: deadline, (group, token))
    }

    /// Takes a timer back; nothing happens if it has fired.
    ///
    /// Loop thread only.
    public func cancelTimer(_ id: TimerID) {
        requireCurrent()
        guard let timer = state.timers.cancel(id) else { return }
        state.registry.releaseGroup(timer.group)
    }
}

// MARK: The thread

extension EventLoop {
    private func run() {
        threadID.store(muster_thread_self(), ordering: .relaxed)
        state.now = Self.monotonicNow()
        while true {
            let (isIdle, isStopping) = runInbox()
            if isStopping && isIdle { break }
            wait(blocking: isIdle)
            collectDueTimers()
            deliver()
        }
        // No handler is kept alive by a loop that has stopped; the last one goes outside the access.
        let last = state.registry
        state.registry = LoopRegistry()
        state.timers = TimerQueue()
        _ = consume last
    }

    /// Runs a bounded number of batches; idle when the inbox was found empty.
    private func runInbox() -> (isIdle: Bool, isStopping: Bool) {
        for _ in 0..<Limits.jobBatchesPerTurnMax {
            guard posted.load(ordering: .acquiring) != state.taken else {
                return (true, state.isStopping)
            }
            var batch: [Work] = []
            swap(&batch, &state.batch)
            (state.taken, state.isStopping) = inbox.withLock { inbox in
                swap(&inbox.work, &batch)
                return (posted.load(ordering: .acquiring), inbox.isStopping)
            }
            for work in batch { perform(work) }
            batch.removeAll(keepingCapacity: true)
            swap(&batch, &state.batch)
        }
        return (false, false)
    }

    private func perform(_ work: Work) {
        switch work {
        case .job(let job):
            // SAFETY: the job was enqueued for this executor, and this is the executor's thread.
            unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        case .closure(let closure): closure()
        }
    }

    private func wait(blocking: Bool) {
        let isAwake = state.awakeUntil > state.now
        if blocking && isAwake { Self.yieldCore() }
        let isBlocking: Int32 = blocking && !isAwake && !isTimerDue() ? 1 : 0
        // SAFETY: the shim writes at most `count` events into the array of that length.
        let found = unsafe state.events.withUnsafeMutableBufferPointer { events in
            unsafe muster_epoll_wait(epoll, events.baseAddress, Int32(events.count), isBlocking)
        }
        guard found >= 0 else { fatalError("loop \(name): epoll_wait failed with \(found)") }
        state.now = Self.monotonicNow()
        state.fullWaits = found == Limits.eventsPerWaitMax ? state.fullWaits + 1 : 0
        state.registry.note(state.events[..<Int(found)])
    }

    /// Otherwise the timer descriptor fires when the first one is.
    ///
    /// It is set only when it would fire too late, so a wait costs nothing for timers.
    private func isTimerDue() -> Bool {
        guard let next = state.timers.next else { return false }
        if next <= state.now { return true }
        if let armed = state.armed, armed > state.now, armed <= next { return false }
        let result = muster_timerfd_set(timer, next.nanoseconds)
        guard result == 0 else { fatalError("loop \(name): timerfd_settime failed, \(result)") }
        state.armed = next
        return false
    }

    /// Timers wait while a full list says that there are more sockets to read, for a bounded time.
    private func collectDueTimers() {
        if state.fullWaits > 0 && state.fullWaits < Limits.fullWaitsBeforeTimersMax { return }
        state.fullWaits = 0
        for _ in 0..<Limits.timersPerTurnMax {
            guard let timer = state.timers.popDue(state.now) else { return }
            state.registry.note(.timer(timer.token), for: timer.group)
            state.registry.releaseGroup(timer.group)
        }
    }

    private func deliver() {
        let groups = state.registry.takePending()
        for index in groups {
            let (handler, events) = state.registry.take(index)
            handler?.process(events)
            state.registry.giveBack(events: events, to: index)
        }
        state.registry.giveBack(pending: groups)
    }
}
