import ServiceModel
import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct DurabilityGateTests {
    /// A release as the tests compare it.
    private struct Released: Equatable {
        var connection: ConnectionID
        var bytes: [UInt8]
        /// Answers among the frames.
        var count: Int

        init(_ connection: ConnectionID, _ bytes: [UInt8], count: Int? = nil) {
            (self.connection, self.bytes, self.count) = (connection, bytes, count ?? bytes.count)
        }
    }

    private let asked = Asked(isUpdate: true, since: Instant(nanoseconds: 0))
    private let a = Self.connection(1)
    private let b = Self.connection(2)

    private static func connection(_ id: UInt64) -> Connection {
        Connection(id: ConnectionID(id), peer: nil, now: Instant(nanoseconds: 0))
    }

    private func advance(_ gate: inout DurabilityGate, to zxid: Int64) -> [Released] {
        gate.advance(to: zxid).map { connection, released in
            #expect(released.count == released.frames.reduce(0) { $0 + $1.count })
            return Released(
                connection.id,
                released.frames.flatMap { frame, _ in
                    frame.head + (frame.names?.bytes ?? []) + frame.tail
                },
                count: released.asked.reduce(0) { $0 + $1.count }
            )
        }
    }

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
        #expect(advance(&gate, to: 6) == [Released(a.id, [1, 2])])
        #expect(advance(&gate, to: 3).isEmpty)
        #expect(gate.durable == 6)
        #expect(advance(&gate, to: 9) == [Released(a.id, [3]), Released(b.id, [4])])
        #expect(gate.heldCount == 0)
        #expect(gate.isOpen(for: a, needing: 9))
    }

    @Test func `what a connection waited for goes with it`() {
        var gate = DurabilityGate(durable: 0)
        gate.hold(Frame(head: [1]), for: a, needing: 1, asked: asked)
        gate.hold(Frame(head: [2]), for: b, needing: 1, asked: asked)
        gate.forget(a)
        #expect(gate.heldCount == 1)
        #expect(advance(&gate, to: 1) == [Released(b.id, [2])])
    }

    @Test func `names that others share stay where they are`() {
        var gate = DurabilityGate(durable: 0)
        let names = EncodedNames(["x"])
        gate.hold(Frame(head: [1, 2]), for: a, needing: 1, asked: nil)
        gate.hold(Frame(head: [3], names: names, tail: [4]), for: a, needing: 2, asked: asked)
        gate.hold(Frame(head: [5], names: names, tail: [6]), for: a, needing: 3, asked: asked)
        gate.hold(Frame(head: [7]), for: a, needing: 3, asked: asked)
        #expect(advance(&gate, to: 2) == [Released(a.id, [1, 2, 3] + names.bytes + [4], count: 1)])
        #expect(advance(&gate, to: 3) == [Released(a.id, [5] + names.bytes + [6, 7], count: 2)])
        #expect(a.held.isEmpty)
    }

    @Test(arguments: 0..<20)
    func `whatever is held leaves once and in order`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var gate = DurabilityGate(durable: 0)
        var (held, left): ([UInt8], [UInt8]) = ([], [])
        var zxid = Int64(0)
        for number in 0..<500 {
            zxid += Int64.random(in: 0...1, using: &random)
            let length = Int.random(in: 1...9, using: &random)
            let bytes = [UInt8](repeating: UInt8(number % 251), count: length)
            held += bytes
            gate.hold(Frame(head: bytes), for: a, needing: zxid, asked: asked)
            guard Bool.random(using: &random) else { continue }
            let durable = Int64.random(in: gate.durable...zxid, using: &random)
            left += advance(&gate, to: durable).flatMap(\.bytes)
            #expect(held.starts(with: left))
        }
        left += advance(&gate, to: zxid + 1).flatMap(\.bytes)
        #expect(left == held)
        #expect(gate.heldCount == 0)
    }
}
