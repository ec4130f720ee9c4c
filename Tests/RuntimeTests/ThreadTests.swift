import Glibc
import Runtime
import ServiceModel
import Synchronization
import Testing

@Suite struct ThreadTests {
    @Test func `work runs in order and its result or error comes back`() async throws {
        let thread = BlockingThread(name: "t-blocking")
        defer { thread.stop() }
        #expect(try await thread.run { 42 } == 42)
        await #expect(throws: CancellationError.self) {
            try await thread.run { throw CancellationError() }
        }
    }

    @Test func `a thread may be stopped by its own work`() async throws {
        let thread = BlockingThread(name: "t-self")
        try await thread.run { thread.stop() }
        thread.stop()
        #expect(!thread.submit {})
    }

    @Test func `a full queue refuses and starts nothing`() async throws {
        let thread = BlockingThread(name: "t-full", queueMax: 2)
        let gate = Mutex(())
        let isHeld = Atomic<Bool>(false)
        let holder = WorkerThread(name: "t-hold") {
            gate.withLock { _ in
                isHeld.store(true, ordering: .releasing)
                while isHeld.load(ordering: .acquiring) { sched_yield() }
            }
        }
        while !isHeld.load(ordering: .acquiring) { await Task.yield() }
        let entered = Atomic<Bool>(false)
        let ran = Atomic<Int>(0)
        #expect(
            thread.submit {
                entered.store(true, ordering: .releasing)
                gate.withLock { _ in }
            }
        )
        while !entered.load(ordering: .acquiring) { await Task.yield() }
        #expect(thread.submit { ran.wrappingAdd(1, ordering: .relaxed) })
        #expect(thread.submit { ran.wrappingAdd(1, ordering: .relaxed) })
        #expect(!thread.submit { ran.wrappingAdd(100, ordering: .relaxed) })
        let error = await #expect(throws: RuntimeError.self) { try await thread.run { 1 } }
        #expect(error?.code == .overloaded)
        isHeld.store(false, ordering: .releasing)
        holder.join()
        thread.stop()
        #expect(ran.load(ordering: .relaxed) == 2)
        let closed = await #expect(throws: RuntimeError.self) { try await thread.run { 1 } }
        #expect(closed?.code == .closed)
    }

    @Test func `names resolve off the caller's thread and addresses need no look-up`() async throws
    {
        let resolver = Resolver()
        defer { resolver.stop() }
        #expect(try await resolver.resolve("127.0.0.1:2181") == [.loopback(2181)])
        #expect(try await resolver.resolve("[::1]:53").map(\.description) == ["[::1]:53"])
        let local = try await resolver.resolve("localhost:2181")
        #expect(local.allSatisfy { $0.ip.isLoopback && $0.port == 2181 })
        for text in ["localhost", ":1", "a:b", "::1:53", "x:70000", "x:-1", ""] {
            let error = await #expect(throws: RuntimeError.self) {
                try await resolver.resolve(text)
            }
            #expect(error?.code == .badArgument, "\(text)")
        }
    }

    @Test func `the limit of descriptors is raised, never lowered, and never above the hard one`() {
        let before = DescriptorLimit.raise(to: 1)
        #expect(before > 1)
        #expect(DescriptorLimit.raise(to: before + 1) >= before)
        #expect(DescriptorCount.current()?.max == DescriptorLimit.raise(to: 1))
        #expect(DescriptorLimit.raise(to: 1 << 30) <= 1 << 30)
    }

    @Test func `a blocked signal becomes an event on the loop`() async throws {
        let loop = EventLoop(name: "t-signals")
        defer { loop.stop() }
        let received = await withCheckedContinuation { done in
            // Blocked and raised on the loop's own thread, so that no other test sees the signal.
            loop.post {
                do {
                    try Signals.block()
                    _ = try Signals.read(on: loop) { done.resume(returning: $0) }
                    raise(SIGUSR1)
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(received == .user1)
    }
}
