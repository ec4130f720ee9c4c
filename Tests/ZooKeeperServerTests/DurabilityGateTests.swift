import ServiceModel
import Testing
import ZNodeTree

@testable import ZooKeeperServer

@Suite struct DurabilityGateTests {
    /// A release as the tests compare it.
    private struct Released: Equatable {
        var connection: ConnectionID
        var bytes: [UInt8]
        var count: Int

        init(_ release: DurabilityGate.Release) {
            (connection, count) = (release.connection, release.asked.count)
            bytes = release.frames.flatMap(\.head)
        }
        init(_ connection: ConnectionID, _ bytes: [UInt8]) {
            (self.connection, self.bytes, count) = (connection, bytes, bytes.count)
        }
    }

    private let asked = Asked(isUpdate: true, since: Instant(nanoseconds: 0))
    private let a = ConnectionID(1)
    private let b = ConnectionID(2)

    @Test func `frames leave in order, and each when its zxid is durable`() {
        var gate = DurabilityGate(durable: 5)
        #expect(gate.isOpen(for: a, needing: 5))
        #expect(!gate.isOpen(for: a, needing: 6))
        gate.hold(Frame(head: [1]), for: a, needing: 6, asked: asked)
        gate.hold(Frame(head: [2]), for: a, needing: 0, asked: asked)
        gate.hold(Frame(head: [3]), for: a, needing: 8, asked: asked)
        gate.hold(Frame(head: [4]), for: b, needing: 7, asked: asked)
        #expect(!gate.isOpen(for: a, needing: 0))
        #expect(gate.heldCount == 4)
        let six = gate.advance(to: 6)
        #expect(six.map(Released.init) == [Released(a, [1, 2])])
        let back = gate.advance(to: 3)
        #expect(back.isEmpty)
        #expect(gate.durable == 6)
        let nine = gate.advance(to: 9)
        #expect(nine.map(Released.init) == [Released(a, [3]), Released(b, [4])])
        #expect(gate.heldCount == 0)
        #expect(gate.isOpen(for: a, needing: 9))
    }

    @Test func `what a connection waited for goes with it`() {
        var gate = DurabilityGate(durable: 0)
        gate.hold(Frame(head: [1]), for: a, needing: 1, asked: asked)
        gate.hold(Frame(head: [2]), for: b, needing: 1, asked: asked)
        gate.forget(a)
        #expect(gate.heldCount == 1)
        let released = gate.advance(to: 1)
        #expect(released.map(\.connection) == [b])
    }
}
