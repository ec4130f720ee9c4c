import DNSProtocol
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import DNSServer

@Suite struct ConcurrentReadersTests {
    /// What the readers saw, together.
    private final class Seen: Sendable {
        let answers = Atomic<Int>(0)
        let isStopping = Atomic<Bool>(false)
        private let faults = Mutex<[String]>([])

        func fault(_ text: String) { faults.withLock { if $0.count < 10 { $0.append(text) } } }
        var all: [String] { faults.withLock { $0 } }
    }

    private static let pairs = 300

    /// Asks for the set of pairs again and again.
    ///
    /// Record `n` of A and record `n` of TXT come and go in one commit, and the set always has
    /// between one and all pairs; each answer is whole, has no record twice, and keeps that bound.
    private static func read(_ table: AnswerTable, _ seen: Seen) {
        guard var engine = QueryEngine(table) else { return seen.fault("no reader is free") }
        var buffer = [UInt8](repeating: 0, count: 65_535)
        do {
            let question = Question(EngineFixture.name("pairs"), .a)
            let packet = try Message(id: 1, question: question).encoded()
            while !seen.isStopping.load(ordering: .relaxed) {
                buffer.replaceSubrange(0..<packet.count, with: packet)
                let count = engine.answer(&buffer, count: packet.count, transport: .stream)
                let answer = try Message(Array(buffer[..<count]))
                let distinct = Set(answer.answers.map(\.rdata)).count
                if distinct != answer.answers.count { seen.fault("a record stands twice") }
                if !(1...pairs).contains(distinct) { seen.fault("\(distinct) records") }
                seen.answers.wrappingAdd(1, ordering: .relaxed)
            }
        } catch { seen.fault("\(error)") }
    }

    @Test(arguments: [1, 3])
    func `readers see whole sets while the writer changes them`(readers: Int) async throws {
        let fixture = try EngineFixture()
        var random = Seed.generator(4)
        let seen = Seen()
        let name = EngineFixture.name("pairs")
        fixture.add("pairs", .a, EngineFixture.addresses(1))
        let table = fixture.table
        let threads = (0..<readers).map { index in
            WorkerThread(name: "reader-\(index)") { Self.read(table, seen) }
        }
        var present = Set<UInt32>()
        var (rounds, waiting) = (0, 0)
        while rounds < 20_000 || seen.answers.load(ordering: .relaxed) < 1_000, rounds < 2_000_000 {
            let number = UInt32(1 + random.next() % UInt64(Self.pairs - 1))
            if present.insert(number).inserted {
                fixture.writer.add(name, .a, ttl: 5, rdata: Rdata.a(0x0a00_0001 + number))
            } else {
                present.remove(number)
                fixture.writer.remove(name, .a, rdata: Rdata.a(0x0a00_0001 + number))
            }
            let short = EngineFixture.name("short\(random.next() % 5_000)")
            fixture.writer.declare(short)
            fixture.writer.setZone(EngineFixture.head(mode: .live, serial: UInt32(rounds)))
            fixture.writer.commit()
            fixture.writer.retract(short)
            fixture.writer.commit()
            waiting = max(waiting, fixture.writer.retiredBlockCount)
            rounds += 1
        }
        seen.isStopping.store(true, ordering: .relaxed)
        for thread in threads { thread.join() }
        #expect(seen.all == [])
        #expect(seen.answers.load(ordering: .relaxed) >= 1_000)
        fixture.writer.commit()
        #expect(fixture.writer.retiredBlockCount == 0, "at most \(waiting) waited")
    }

    @Test func `a reader between its marks keeps what it found, and one outside keeps nothing`()
        throws
    {
        let fixture = try EngineFixture()
        fixture.add("n", .a, Rdata.a(1))
        guard let reader = QueryEngine(fixture.table) else { throw DNSError(.truncated) }
        reader.begin()
        fixture.add("n", .a, Rdata.a(2))
        fixture.add("n", .a, Rdata.a(3))
        #expect(fixture.writer.retiredBlockCount > 0)
        reader.end()
        fixture.writer.commit()
        #expect(fixture.writer.retiredBlockCount == 0)
    }

    @Test func `64 readers are enough for everybody`() throws {
        let table = AnswerTable()
        var taken = 0
        func take(_ left: Int) {
            guard left > 0, let engine = QueryEngine(table) else { return }
            taken += 1
            take(left - 1)
            _ = engine.counters
        }
        take(100)
        #expect(taken == Limits.tableReadersMax)
        taken = 0
        take(100)
        #expect(taken == Limits.tableReadersMax, "what was given back is given out again")
    }
}
