import Runtime
import ServiceModel
import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// Memory of all connections together, and the lines that say who was in the way.
@Suite struct RoomTests {
    private let bench = ServerBench()

    /// A node of 500 KB, which stands for any long answer.
    private func prepare() {
        let data = [UInt8](repeating: 1, count: 500_000)
        let id = bench.client()
        bench.request(.create(CreateRequest(path: "/b", data: data, mode: .persistent)), on: id)
        bench.hangUp(id)
    }
    private let read = Request.getData(GetDataRequest(path: "/b", watch: false))

    /// Clients that ask for as much as there is room for, and read nothing.
    private func fill() -> [ConnectionID] {
        var deaf: [ConnectionID] = []
        while bench.unsentTotal + 500_000 <= Limits.heldBytesMax {
            let id = bench.client()
            bench.deaf.insert(id)
            bench.request(read, on: id)
            _ = bench.takeBytes(id)
            deaf.append(id)
        }
        return deaf
    }

    @Test func `big answers wait for room, small ones do not, and readers that are stuck go`() {
        prepare()
        let deaf = fill()
        let id = bench.client()
        #expect(bench.request(read, xid: 7, on: id).next == .wait)
        #expect(bench.take(id).isEmpty)
        #expect(bench.unsentTotal <= Limits.heldBytesMax)
        let other = bench.client()
        #expect(bench.ask(.ping, on: other)?.error == .ok)
        #expect(bench.ask(bench.create("/small"), on: other)?.error == .ok)
        // One of them takes something now and then.
        bench.now = bench.now + .milliseconds(900)
        bench.begin(due: nil)
        bench.engine.written(deaf[0], unsent: 400_000)
        bench.now = bench.now + .milliseconds(100)
        bench.wake()
        #expect(bench.ended.count == Limits.reliefsPerTurnMax)
        bench.wakeWhileDue()
        // No more of them than it takes.
        #expect(bench.ended.isSubset(of: deaf.dropFirst()))
        #expect(bench.engine.heldBytes > Limits.heldBytesMax / 2)
        let reasons = bench.ended.map { bench.reasons[$0] }
        #expect(reasons.allSatisfy { $0?.kind == .unread })
        #expect(reasons.allSatisfy { $0?.text.contains("500092 bytes wait") == true })
        #expect(bench.take(id).map(\.xid) == [7])
    }

    @Test func `who reads slowly goes after ten seconds, while others need the room`() {
        prepare()
        let deaf = fill()
        let id = bench.client()
        bench.request(read, on: id)
        for step in 1...10 {
            bench.now = bench.now + .milliseconds(999)
            bench.begin(due: nil)
            for (number, reader) in deaf.enumerated() where number < 2 {
                bench.engine.written(reader, unsent: 500_000 - step * 1_000)
            }
            bench.wake()
            if bench.ended.count > 2 { bench.request(read, on: id) }
        }
        #expect(!bench.ended.contains(deaf[0]))
        #expect(bench.ended.count == deaf.count - 2)
        #expect(bench.take(id).isEmpty == false)
    }

    @Test func `who waits for room is not expired for that, and goes on when others have read`() {
        prepare()
        let deaf = fill()
        let id = bench.client()
        bench.request(read, xid: 7, on: id)
        for reader in deaf { bench.drain(reader) }
        #expect(bench.take(id).map(\.xid) == [7])
        #expect(bench.ended.isEmpty)
        #expect(bench.unsentTotal == 0)
    }

    @Test func `what small answers add is bounded too: who holds most for longest goes first`() {
        prepare()
        let first = fill()
        bench.now = bench.now + .milliseconds(10)
        // Half a request each, of which nothing says how long the answer will be.
        let half = [UInt8](repeating: 0, count: 600_000)
        var ids: [ConnectionID] = []
        while bench.ended.isEmpty, ids.count < 1_000 {
            let id = bench.client()
            bench.send([0, 0x0f, 0, 0] + half, on: id)
            ids.append(id)
        }
        #expect(bench.ended.isSubset(of: first))
        #expect(bench.engine.unsentTotal + bench.engine.inboundTotal <= Limits.heldBytesLimit)
        #expect(
            bench.reasons.values.allSatisfy { $0.text.contains("268435456 for all is the limit") }
        )
    }

    @Test func `halves of requests make room for big answers when no more of them comes`() {
        prepare()
        let half = [UInt8](repeating: 0, count: 900_000)
        var ids: [ConnectionID] = []
        while bench.engine.inboundTotal <= Limits.heldBytesMax {
            let id = bench.client()
            bench.send([0, 0x0f, 0, 0] + half, on: id)
            ids.append(id)
        }
        let id = bench.client()
        bench.request(read, xid: 7, on: id)
        #expect(bench.take(id).isEmpty)
        bench.now = bench.now + .milliseconds(900)
        bench.begin(due: nil)
        // One more byte is a sign of life, for a while.
        bench.send([0], on: ids[0])
        bench.now = bench.now + .milliseconds(100)
        bench.wakeWhileDue()
        #expect(!bench.ended.isEmpty && bench.ended.isSubset(of: ids.dropFirst()))
        let said = bench.ended.first.flatMap { bench.reasons[$0]?.text } ?? "nothing"
        #expect(said == "900004 bytes of a frame came, not the rest, and others need the room")
        #expect(bench.take(id).map(\.xid) == [7])
    }

    @Test func `counts of held bytes come back to nothing`() {
        prepare()
        let deaf = fill()
        let id = bench.client()
        bench.send([0, 0x0f, 0, 0, 1, 2, 3], on: id)
        #expect(bench.engine.inboundTotal == 7)
        bench.hangUp(id)
        for reader in deaf { bench.hangUp(reader) }
        #expect(bench.engine.inboundTotal == 0)
        #expect(bench.unsentTotal == 0)
    }

    @Test func `a last answer that nobody reads is waited for five seconds`() {
        let id = bench.client()
        bench.slowEnds = true
        bench.request(.auth(AuthPacket(type: 0, scheme: "nope", credential: [])), on: id)
        #expect(bench.ended.isEmpty)
        bench.now = bench.now + .milliseconds(4_999)
        bench.wake()
        #expect(bench.ended.isEmpty)
        #expect(bench.nextDeadline != nil)
        bench.now = bench.now + .milliseconds(1)
        bench.wake()
        #expect(bench.ended == [id])
        #expect(bench.reasons[id]?.text == "it did not read its last answer within 5 s")
    }

    @Test func `the log says what the silent did`() {
        let (silent, deaf, half) = (bench.client(), bench.client(), bench.client())
        bench.deaf.insert(deaf)
        bench.request(.ping, on: deaf)
        bench.send([0, 0, 0, 99, 1], on: half)
        bench.now = bench.now + .milliseconds(4_000)
        bench.wake()
        #expect(bench.reasons[silent]?.text == "session 0x100 expired, nothing came")
        #expect(bench.reasons[deaf]?.text == "session 0x101 expired, 20 bytes are not read")
        #expect(bench.reasons[half]?.text == "session 0x102 expired, 5 bytes of a frame came")
    }

    @Test func `lines of each kind are limited by the second, and counted`() {
        var throttle = LogThrottle()
        var now = Instant(nanoseconds: 0)
        let first = (0..<8).map { _ in throttle.admit(.frame, now: now) }
        #expect(first == [0, 0, 0, 0, 0, nil, nil, nil])
        #expect(throttle.admit(.unread, now: now) == 0)
        now = now + .milliseconds(999)
        #expect(throttle.admit(.frame, now: now) == nil)
        now = now + .milliseconds(1)
        #expect(throttle.admit(.frame, now: now) == 4)
        #expect(throttle.admit(.frame, now: now) == 0)
    }

    @Test func `lines that were kept back are summed up when no more come`() {
        var throttle = LogThrottle()
        let now = Instant(nanoseconds: 0)
        for _ in 0..<Limits.logLinesPerSecondMax + 3 { _ = throttle.admit(.refused, now: now) }
        #expect(throttle.takeKeptBack(now: now + .milliseconds(999)).isEmpty)
        let sums = throttle.takeKeptBack(now: now + .seconds(1))
        #expect(sums.map(\.kind) == [.refused] && sums.map(\.count) == [3])
        #expect(throttle.takeKeptBack(now: now + .seconds(2)).isEmpty)
        #expect(throttle.admit(.refused, now: now + .seconds(2)) == 0)
    }
}
