import Glibc
import Runtime
import ServiceModel
import Synchronization
import Testing

@Suite struct EventLoopTests {
    @Test func `posted closures run in order on the loop's thread`() async {
        let loop = EventLoop(name: "t-fifo")
        defer { loop.stop() }
        let seen = Mutex<[Int]>([])
        await withCheckedContinuation { done in
            for number in 0..<1_000 {
                loop.post { seen.withLock { $0.append(loop.isCurrent ? number : -1) } }
            }
            loop.post { done.resume() }
        }
        #expect(seen.withLock { $0 } == Array(0..<1_000))
        #expect(!loop.isCurrent)
    }

    @Test func `stop runs what was posted before it and refuses what comes after`() {
        let loop = EventLoop(name: "t-stop")
        let count = Atomic<Int>(0)
        for _ in 0..<100 { loop.post { count.wrappingAdd(1, ordering: .relaxed) } }
        loop.stop()
        #expect(count.load(ordering: .relaxed) == 100)
        #expect(!loop.post { count.wrappingAdd(1, ordering: .relaxed) })
        loop.stop()
    }

    @Test func `timers fire in order of deadline, then of setting, and never early`() async {
        let loop = EventLoop(name: "t-timers")
        defer { loop.stop() }
        let probe = Probe(loop: loop)
        await probe.setTimers(milliseconds: [5, 1, 3, 3, 0], tokens: [50, 10, 30, 31, 1])
        let events = await probe.waitForEvents(5)
        #expect(events.map(\.token) == [1, 10, 30, 31, 50])
        #expect(await probe.earliness <= .zero)
    }

    @Test func `a cancelled timer does not fire and cancelling twice is harmless`() async {
        let loop = EventLoop(name: "t-cancel")
        defer { loop.stop() }
        let probe = Probe(loop: loop)
        await probe.setTimers(milliseconds: [1, 2, 3], tokens: [1, 2, 3])
        await probe.cancelTimer(at: 1)
        await probe.cancelTimer(at: 1)
        #expect(await probe.waitForEvents(2).map(\.token) == [1, 3])
    }

    @Test func `jobs that post themselves for ever do not starve sockets and timers`() async throws
    {
        let loop = EventLoop(name: "t-starve")
        let stop = Atomic<Bool>(false)
        defer {
            stop.store(true, ordering: .relaxed)
            loop.stop()
        }
        @Sendable func again() { if !stop.load(ordering: .relaxed) { loop.post { again() } } }
        loop.post { again() }
        let probe = Probe(loop: loop)
        let (near, far) = try socketPair()
        defer { close(far) }
        try await probe.register(near, token: 7)
        await probe.setTimers(milliseconds: [1], tokens: [8])
        _ = unsafe write(far, [1], 1)
        let events = await probe.waitForEvents(2)
        #expect(events.contains(.readable(7)))
        #expect(events.contains(.timer(8)))
        await probe.deregister(near)
    }

    @Test func `a loop that stays awake does all its work, and ends`() async throws {
        let loop = EventLoop(name: "t-awake")
        let probe = Probe(loop: loop)
        let (near, far) = try socketPair()
        defer { close(far) }
        try await probe.register(near, token: 7)
        loop.post { loop.stayAwake(until: Instant(nanoseconds: .max)) }
        await probe.setTimers(milliseconds: [1], tokens: [8])
        _ = unsafe write(far, [1], 1)
        let events = await probe.waitForEvents(2)
        #expect(events.contains(.readable(7)))
        #expect(events.contains(.timer(8)))
        await probe.deregister(near)
        loop.stop()
    }

    @Test func `one wake-up tells a handler of all its descriptors in one call`() async throws {
        let loop = EventLoop(name: "t-batch")
        defer { loop.stop() }
        let probe = Probe(loop: loop)
        var far: [Int32] = []
        for token in 0..<20 {
            let (near, other) = try socketPair()
            _ = unsafe write(other, [1], 1)
            far.append(other)
            try await probe.register(near, token: UInt64(token), whileBusy: true)
        }
        defer { for fd in far { close(fd) } }
        await probe.registerAllAtOnce()
        let events = await probe.waitForEvents(20)
        #expect(Set(events.prefix(20).map(\.token)) == Set(0..<20))
        #expect(await probe.firstCallSize == 20)
        await probe.closeAll()
    }

    @Test func `after a stall every ready socket is told before a timer that is due`() async throws
    {
        let loop = EventLoop(name: "t-stall")
        defer { loop.stop() }
        let probe = Probe(loop: loop)
        // More than one look at the kernel's list can hold.
        let count = 300
        var far: [Int32] = []
        for token in 0..<count {
            let (near, other) = try socketPair()
            _ = unsafe write(other, [1], 1)
            far.append(other)
            try await probe.register(near, token: UInt64(token), whileBusy: true)
        }
        defer { for fd in far { close(fd) } }
        await probe.registerAllAtOnce(timer: 1_000_000)
        let events = await probe.waitForEvents(count + 1)
        #expect(events.count == count + 1)
        #expect(events.last == .timer(1_000_000))
        await probe.closeAll()
    }

    @Test func `an actor on the loop is isolated by it and a sibling call stays on the thread`()
        async
    {
        let loop = EventLoop(name: "t-actor")
        defer { loop.stop() }
        let first = Counter(loop: loop)
        let second = Counter(loop: loop)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await first.add(through: second) } }
        }
        #expect(await first.value == 100)
        #expect(await second.value == 100)
        #expect(await first.strayed == 0)
    }

    @Test func `a handler lives while it is registered and is let go afterwards`() async throws {
        let loop = EventLoop(name: "t-life")
        defer { loop.stop() }
        weak var weakProbe: Probe?
        let (near, far) = try socketPair()
        defer { close(far) }
        do {
            let probe = Probe(loop: loop)
            weakProbe = probe
            try await probe.register(near, token: 1)
        }
        #expect(weakProbe != nil)
        await weakProbe?.deregister(near)
        await Counter(loop: loop).add(through: Counter(loop: loop))
        #expect(weakProbe == nil)
    }
}

private actor Counter {
    private let loop: EventLoop
    private(set) var value = 0
    private(set) var strayed = 0
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
    init(loop: EventLoop) { self.loop = loop }
    func add(through other: Counter) async {
        value += 1
        await other.add()
        if !loop.isCurrent { strayed += 1 }
    }
    private func add() { value += 1 }
}

/// Records what its loop tells it.
private actor Probe: LoopHandler {
    private let loop: EventLoop
    private var events: [LoopEvent] = []
    private(set) var earliness = Duration.zero
    private(set) var firstCallSize = 0
    private var deadlines: [UInt64: Instant] = [:]
    private var timers: [TimerID] = []
    private var open: [UInt64: Int32] = [:]
    private var waiting: (count: Int, CheckedContinuation<[LoopEvent], Never>)?
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop) { self.loop = loop }

    func setTimers(milliseconds: [Int], tokens: [UInt64]) {
        for (delay, token) in zip(milliseconds, tokens) {
            let deadline = loop.now + .milliseconds(delay)
            deadlines[token] = deadline
            timers.append(loop.setTimer(at: deadline, handler: self, token: token))
        }
    }
    func cancelTimer(at index: Int) { loop.cancelTimer(timers[index]) }
    func register(_ fd: Int32, token: UInt64, whileBusy: Bool = false) throws {
        open[token] = fd
        if !whileBusy { try loop.register(fd, interest: .read, handler: self, token: token) }
    }
    func registerAllAtOnce(timer: UInt64? = nil) {
        if let timer { loop.setTimer(at: loop.now, handler: self, token: timer) }
        for (token, fd) in open {
            try? loop.register(fd, interest: .read, handler: self, token: token)
        }
    }
    func deregister(_ fd: Int32) {
        loop.deregister(fd)
        close(fd)
    }
    func closeAll() {
        for (_, fd) in open { deregister(fd) }
        open = [:]
    }
    func waitForEvents(_ count: Int) async -> [LoopEvent] {
        if events.count >= count { return events }
        return await withCheckedContinuation { waiting = (count, $0) }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            if me.firstCallSize == 0 { me.firstCallSize = events.count }
            for event in events { me.take(event) }
            if let (count, continuation) = me.waiting, me.events.count >= count {
                me.waiting = nil
                continuation.resume(returning: me.events)
            }
        }
    }
    private func take(_ event: LoopEvent) {
        events.append(event)
        switch event {
        case .timer(let token):
            if let deadline = deadlines[token] { earliness = max(earliness, deadline - loop.now) }
        case .readable(let token), .writable(let token), .hangup(let token):
            // Level-triggered: one is enough.
            if let fd = open[token] { loop.deregister(fd) }
        }
    }
}
