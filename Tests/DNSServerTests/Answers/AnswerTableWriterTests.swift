import DNSProtocol
import TestSupport
import Testing

@testable import DNSServer

@Suite struct AnswerTableWriterTests {
    /// What the table should show: how often each record of each set was added.
    private struct Model {
        var sets: [DNSName: [RRType: [[UInt8]: Int]]] = [:]
        var declared: [DNSName: Int] = [:]

        func records(_ name: DNSName, _ type: RRType) -> Set<[UInt8]> {
            Set(sets[name]?[type]?.keys.map { $0 } ?? [])
        }

        func exists(_ name: DNSName) -> Bool {
            let owners = sets.filter { !$0.value.isEmpty }.map(\.key)
            return (owners + declared.keys).contains { $0.isWithin(name) }
        }
    }

    /// One random change, made to the table and to the model.
    private func change(
        _ fixture: EngineFixture,
        _ model: inout Model,
        _ random: inout SeededGenerator
    ) {
        let labels = ["a", "b", "a.b", "c.a.b", "d.c.a.b", "big", "E.big"]
        let name = EngineFixture.name(labels[Int(random.next() % UInt64(labels.count))])
        let type = [RRType.a, .txt, .init(rawValue: 65_280)][Int(random.next() % 3)]
        // Few values for most names, so that equal rdata comes often; many for the big one.
        let value = UInt32(truncatingIfNeeded: random.next() % (name.labelCount == 3 ? 400 : 6))
        let padding = type == .a ? [] : [UInt8](repeating: 7, count: Int(value % 40))
        let rdata = Rdata.a(value) + padding
        switch random.next() % 10 {
        case 0:
            fixture.writer.declare(name)
            model.declared[name, default: 0] += 1
        case 1:
            fixture.writer.retract(name)
            let left = model.declared[name, default: 1] - 1
            model.declared[name] = left > 0 ? left : nil
        case 2...5:
            let removed = fixture.writer.remove(name, type, rdata: rdata)
            let known = model.sets[name]?[type]?[rdata] ?? 0
            #expect(removed == (known > 0))
            if known == 1 {
                model.sets[name]?[type]?[rdata] = nil
                if model.sets[name]?[type]?.isEmpty == true { model.sets[name]?[type] = nil }
            } else if known > 1 {
                model.sets[name]?[type]?[rdata] = known - 1
            }
        default:
            fixture.writer.add(name, type, ttl: 5, rdata: rdata)
            model.sets[name, default: [:]][type, default: [:]][rdata, default: 0] += 1
        }
    }

    private func check(_ fixture: EngineFixture, _ model: Model, round: Int) throws {
        let labels = ["a", "b", "a.b", "c.a.b", "d.c.a.b", "big", "e.BIG", "none"]
        for label in labels {
            let name = EngineFixture.name(label)
            for type in [RRType.a, .txt, .init(rawValue: 65_280)] {
                let wire = try fixture.ask(label, type, .stream)
                let shown = wire.answers.map(\.rdata)
                #expect(Set(shown) == model.records(name, type), "round \(round): \(name) \(type)")
                #expect(shown.count == Set(shown).count, "round \(round): twice in \(name) \(type)")
                let rcode: RCODE = model.exists(name) ? .noError : .nxDomain
                #expect(wire.rcode == rcode, "round \(round): \(name) \(type)")
            }
        }
    }

    @Test func `random changes show on the wire as in a plain dictionary`() throws {
        var random = Seed.generator(2)
        let fixture = try EngineFixture()
        var model = Model()
        for round in 0..<300 {
            for _ in 0..<random.next() % 40 { change(fixture, &model, &random) }
            fixture.writer.commit()
            try check(fixture, model, round: round)
            #expect(fixture.writer.retiredBlockCount == 0)
        }
    }

    @Test func `equal rdata is counted and shows once`() throws {
        let fixture = try EngineFixture()
        fixture.add("n", .a, Rdata.a(1))
        fixture.add("n", .a, Rdata.a(1))
        fixture.add("n", .a, Rdata.a(2))
        #expect(try fixture.ask("n", .a).answers.count == 2)
        #expect(fixture.remove("n", .a, Rdata.a(1)))
        fixture.writer.commit()
        #expect(try fixture.ask("n", .a).answers.count == 2)
        #expect(fixture.remove("n", .a, Rdata.a(1)))
        #expect(!fixture.remove("n", .a, Rdata.a(1)))
        fixture.writer.commit()
        #expect(try fixture.ask("n", .a).answers.map(\.rdata) == [Rdata.a(2)])
    }

    @Test func `nothing shows before the commit`() throws {
        let fixture = try EngineFixture()
        fixture.writer.add(EngineFixture.name("n"), .a, ttl: 5, rdata: Rdata.a(1))
        #expect(try fixture.ask("n", .a).rcode == .nxDomain)
        fixture.writer.commit()
        #expect(try fixture.ask("n", .a).answers.count == 1)
        #expect(fixture.remove("n", .a, Rdata.a(1)))
        #expect(try fixture.ask("n", .a).answers.count == 1)
    }

    @Test func `the newest TTL holds for the whole set`() throws {
        let fixture = try EngineFixture()
        fixture.add("n", .a, ttl: 5, EngineFixture.addresses(100))
        fixture.add("n", .a, ttl: 9, [Rdata.a(7)])
        #expect(Set(try fixture.ask("n", .a, .stream).answers.map(\.ttl)) == [9])
    }

    @Test func `a file's record makes its name fixed until it is taken back`() throws {
        let fixture = try EngineFixture(mode: .expired)
        let name = EngineFixture.name("n")
        fixture.writer.add(name, .a, ttl: 5, rdata: Rdata.a(1), source: .file)
        fixture.writer.add(name, .a, ttl: 5, rdata: Rdata.a(2))
        fixture.writer.commit()
        #expect(try fixture.ask("n", .a).answers.count == 2)
        fixture.writer.remove(name, .a, rdata: Rdata.a(1), source: .file)
        fixture.writer.commit()
        #expect(try fixture.ask("n", .a).rcode == .servFail)
    }

    @Test func `the table grows and forgets dead names while all others stay`() throws {
        let fixture = try EngineFixture()
        var random = Seed.generator(3)
        var alive: [Int: UInt32] = [:]
        for round in 0..<30 {
            for index in 0..<1_000 {
                let number = round * 1_000 + index
                fixture.writer.add(name(number), .a, ttl: 5, rdata: Rdata.a(UInt32(number)))
                alive[number] = UInt32(number)
            }
            // Short-lived rounds leave many dead names, long-lived ones make the array double.
            let dying = round % 3 == 0 ? 100 : 950
            for number in Array(alive.keys.sorted().suffix(1_000).prefix(dying)) {
                fixture.writer.remove(name(number), .a, rdata: Rdata.a(UInt32(number)))
                alive[number] = nil
            }
            fixture.writer.commit()
            for _ in 0..<200 {
                let number = Int(random.next() % UInt64((round + 1) * 1_000))
                let answer = try fixture.ask("n\(number).s\(number % 7)", .a)
                #expect(answer.answers.count == (alive[number] == nil ? 0 : 1), "\(number)")
                #expect(answer.rcode == (alive[number] == nil ? .nxDomain : .noError), "\(number)")
            }
        }
        #expect(fixture.writer.nameCount >= alive.count)
        #expect(fixture.table.slots.capacity < 8 * 30_000)
    }

    private func name(_ number: Int) -> DNSName {
        EngineFixture.name("n\(number).s\(number % 7)")
    }

    @Test func `a change in a set of 10,000 records copies a chunk and not the set`() throws {
        let fixture = try EngineFixture()
        fixture.add("big", .a, EngineFixture.addresses(10_000))
        let clock = ContinuousClock()
        let name = EngineFixture.name("big")
        let time = clock.measure {
            for value in 0..<1_000 as Range<UInt32> {
                fixture.writer.add(name, .a, ttl: 5, rdata: Rdata.a(0x0b00_0000 + value))
                fixture.writer.commit()
                fixture.writer.remove(name, .a, rdata: Rdata.a(0x0a00_0001 + value))
                fixture.writer.commit()
            }
        }
        // A copy of 160,000 bytes for each of 2,000 changes alone takes far longer without optimisation.
        #expect(time < .seconds(2), "2,000 changes took \(time)")
        let cut = try fixture.ask("big", .a, .stream)
        #expect(cut.isTruncated && Set(cut.answers.map(\.rdata)).count == cut.answers.count)
    }
}
