import ServiceModel
import Testing
import ZNodeTree

@testable import ZooKeeperServer

@Suite struct DurabilityGateTests {
    private let asked = Asked(isUpdate: true, since: Instant(nanoseconds: 0))
    private let a = ConnectionID(1)
    private let b = ConnectionID(2)

    @Test func `frames leave in order, and each when its zxid is durable`() {
        var gate = DurabilityGate(durable: 5)
        #expect(gate.isOpen(for: a, needing: 5))
        #expect(!gate.isOpen(for: a, needing: 6))
        gate.hold([1], for: a, needing: 6, asked: asked)
        gate.hold([2], for: a, needing: 0, asked: asked)
        gate.hold([3], for: a, needing: 8, asked: asked)
        gate.hold([4], for: b, needing: 7, asked: asked)
        #expect(!gate.isOpen(for: a, needing: 0))
        #expect(gate.heldCount == 4)
        let six = gate.advance(to: 6)
        #expect(
            six == [
                DurabilityGate.Release(
                    connection: a,
                    bytes: [1, 2],
                    frames: 2,
                    asked: [asked, asked]
                )
            ]
        )
        let back = gate.advance(to: 3)
        #expect(back.isEmpty)
        #expect(gate.durable == 6)
        let nine = gate.advance(to: 9)
        #expect(
            nine == [
                DurabilityGate.Release(
                    connection: a,
                    bytes: [3],
                    frames: 1,
                    asked: [asked]
                ),
                DurabilityGate.Release(
                    connection: b,
                    bytes: [4],
                    frames: 1,
                    asked: [asked]
                ),
            ]
        )
        #expect(gate.heldCount == 0)
        #expect(gate.isOpen(for: a, needing: 9))
    }

    @Test func `what a connection waited for goes with it`() {
        var gate = DurabilityGate(durable: 0)
        gate.hold([1], for: a, needing: 1, asked: asked)
        gate.hold([2], for: b, needing: 1, asked: asked)
        gate.forget(a)
        #expect(gate.heldCount == 1)
        let released = gate.advance(to: 1)
        #expect(released.map(\.connection) == [b])
    }
}
