import ServiceModel
import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct SessionTests {
    private let bench = TreeBench()

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func `creating and ending a session each take a zxid`() {
        let before = bench.tree.lastZxid
        #expect(bench.createSession(7, .seconds(4), at: at(0)) == before + 1)
        #expect(bench.createSession(7, .seconds(4), at: at(0)) == nil)
        #expect(bench.createSession(0, .seconds(4), at: at(0)) == nil)
        let caller = Caller(connection: ConnectionID(7), session: 7)
        #expect(bench.apply(.closeSession, by: caller).zxid == before + 2)
        #expect(bench.apply(.closeSession, by: caller).error == .sessionExpired)
    }

    // A1.4
    @Test func `closing deletes all ephemerals in one zxid`() {
        bench.create("/p")
        for number in 0..<100 { bench.create("/p/\(number)", .ephemeral) }
        bench.create("/p/other", .ephemeral, by: bench.other)
        let cversion = bench.stat("/p")?.cversion ?? 0
        let outcome = bench.apply(.closeSession)
        #expect(bench.children("/p") == ["other"])
        #expect(bench.stat("/p")?.pzxid == outcome.zxid)
        #expect(bench.stat("/p")?.cversion == cversion + 100)
        #expect(bench.tree.ephemeralNodeCount == 1)
    }

    // A1.8, A1.9
    @Test func `nobody expires before the deadline, and then at once`() {
        bench.tree.touchSession(1, now: at(1_000))
        #expect(bench.expireNext(at: at(3_999)) == nil)
        let first = bench.expireNext(at: at(4_000))
        #expect(first?.session == 2)
        #expect(bench.expireNext(at: at(4_999)) == nil)
        #expect(bench.tree.nextDeadline == at(5_000))
        #expect(bench.expireNext(at: at(5_000))?.session == 1)
        #expect(bench.tree.nextDeadline == nil)
    }

    @Test func `hearing of a session again and again moves its deadline each time`() {
        for step in 1...1_000 {
            bench.tree.touchSession(1, now: at(Int64(step) * 10))
            bench.tree.touchSession(2, now: at(Int64(step) * 10))
            #expect(bench.expireNext(at: at(Int64(step) * 10)) == nil)
        }
        #expect(bench.deadline(of: 1) == at(14_000))
    }

    @Test func `a session that goes on with a shorter timeout expires after that`() {
        #expect(bench.resumeSession(1, .seconds(1), at: at(500)) == 3)
        #expect(bench.expireNext(at: at(1_499)) == nil)
        #expect(bench.expireNext(at: at(1_500))?.session == 1)
        #expect(bench.resumeSession(1, .seconds(1), at: at(1_500)) == nil)
        #expect(bench.resumeSession(2, .seconds(40), at: at(3_000)) == 5)
        #expect(bench.resumeSession(2, .seconds(40), at: at(3_000)) == 5)
        #expect(bench.expireNext(at: at(42_999)) == nil)
        #expect(bench.expireNext(at: at(43_000))?.session == 2)
    }

    @Test func `an expired session's ephemerals go and its watchers hear of it`() throws {
        bench.create("/e", .ephemeral, by: bench.other)
        bench.exists("/e", watch: true)
        bench.tree.touchSession(1, now: at(1_000))
        let (session, outcome) = try #require(bench.expireNext(at: at(4_000)))
        #expect(session == 2)
        #expect(outcome.told == ["1 nodeDeleted /e"])
        #expect(bench.exists("/e").error == .noNode)
    }

    @Test func `10,000 sessions expire in the order of their deadlines`() {
        var random = Seed.generator(1)
        var tree = ZNodeTree()
        var deadlines: [Int64: Int64] = [:]
        for id in Int64(1)...10_000 {
            let timeout = Int64.random(in: 1...100_000, using: &random)
            _ = tree.createSession(id, timeout: .milliseconds(timeout), now: at(0))
            deadlines[id] = timeout
        }
        for id in Int64(1)...10_000 where id % 3 == 0 {
            let (now, timeout) = (deadlines[id] ?? 0, Int64.random(in: 1...50_000, using: &random))
            _ = tree.resumeSession(id, timeout: .milliseconds(timeout), now: at(now / 2))
            deadlines[id] = now / 2 + timeout
        }
        var (expired, late) = (0, 0)
        for step in stride(from: Int64(0), through: 150_000, by: 7) {
            while let (session, _) = tree.expireNext(now: at(step)) {
                expired += 1
                let deadline = deadlines[session] ?? .max
                if !(deadline...deadline + 6).contains(step) { late += 1 }
            }
        }
        #expect(expired == 10_000)
        #expect(late == 0)
    }

    @Test func `100,000 ephemerals of one session in one list come and go`() {
        var tree = ZNodeTree()
        _ = tree.createSession(1, timeout: .seconds(4), now: at(0))
        let caller = Caller(connection: ConnectionID(1), session: 1)
        func apply(_ request: Request) -> Outcome {
            tree.apply(request, by: caller, at: UnixTime(milliseconds: 0))
        }
        _ = apply(.create(CreateRequest(path: "/p", data: nil, mode: .persistent)))
        for number in 0..<100_000 {
            let request = CreateRequest(path: "/p/\(number)", data: nil, mode: .ephemeral)
            _ = apply(.create(request))
        }
        for number in stride(from: 0, to: 100_000, by: 2) {
            _ = apply(.delete(DeleteRequest(path: "/p/\(number)", version: 0)))
        }
        #expect(tree.ephemeralNodeCount == 50_000)
        #if DEBUG
        tree.checkInvariants()
        #endif
        let before = tree.lastZxid
        let ended = apply(.closeSession)
        #expect(ended.zxid == before + 1)
        #expect(tree.nodeCount == 5)
    }
}
