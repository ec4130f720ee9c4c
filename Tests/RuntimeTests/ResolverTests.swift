import ServiceModel
import Synchronization
import TestSupport
import Testing

@testable import Runtime

@Suite struct ResolverTests {
    /// Names whose look-up hangs until the gate opens.
    private final class Gate: Sendable {
        private struct State {
            var isOpen = false
            var asked: [String] = []
        }

        private let state = Mutex(State())

        /// All names asked for so far.
        var asked: [String] { state.withLock { $0.asked } }

        func open() { state.withLock { $0.isOpen = true } }

        func resolver() -> Resolver {
            Resolver { [self] host, port in
                state.withLock { $0.asked.append(host) }
                while host.hasPrefix("slow"), !state.withLock({ $0.isOpen }) {
                    EventLoop.yieldCore()
                }
                return .success([.loopback(port)])
            }
        }
    }

    @Test func `a look-up that hangs does not hold up others`() async throws {
        let gate = Gate()
        let resolver = gate.resolver()
        async let slow = resolver.resolve("slow:1")
        #expect(await eventually { gate.asked == ["slow"] })
        #expect(try await resolver.resolve("quick:2") == [.loopback(2)])
        gate.open()
        #expect(try await slow == [.loopback(1)])
        resolver.stop()
        let error = await #expect(throws: RuntimeError.self) { try await resolver.resolve("a:3") }
        #expect(error?.code == .closed)
    }

    @Test func `only so many look-ups run at once, and the others have their turn later`() async {
        let gate = Gate()
        let resolver = gate.resolver()
        let count = Limits.lookUpThreadsMax + 3
        let ended = Atomic(0)
        for number in 1...count {
            resolver.resolve("slow\(number):1") { _ in ended.add(1, ordering: .relaxed) }
        }
        #expect(await eventually { gate.asked.count == Limits.lookUpThreadsMax })
        #expect(ended.load(ordering: .relaxed) == 0)
        gate.open()
        #expect(await eventually { ended.load(ordering: .relaxed) == count })
        #expect(Set(gate.asked).count == count)
        resolver.stop()
    }

    @Test func `more than can wait are refused at once`() async {
        let gate = Gate()
        let resolver = gate.resolver()
        let refused = Mutex<[RuntimeError.Code]>([])
        let count = Limits.lookUpThreadsMax + Limits.blockingQueueMax + 2
        for _ in 0..<count {
            resolver.resolve("slow:1") { outcome in
                if case .failure(let error) = outcome { refused.withLock { $0.append(error.code) } }
            }
        }
        #expect(refused.withLock { $0 } == [.overloaded, .overloaded])
        gate.open()
        resolver.stop()
        #expect(gate.asked.count == count - 2)
    }
}
