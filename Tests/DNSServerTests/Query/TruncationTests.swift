import DNSProtocol
import TestSupport
import Testing

@testable import DNSServer

@Suite struct TruncationTests {
    @Test(
        arguments: [
            (nil, 512), (0, 512), (100, 512), (511, 512), (512, 512), (513, 513), (1_000, 1_000),
            (1_232, 1_232), (4_096, 1_232), (65_535, 1_232),
        ] as [(UInt16?, Int)]
    )
    func `an answer is cut at the size that the asker takes`(size: UInt16?, limit: Int) throws {
        let fixture = try EngineFixture()
        fixture.add("many", .a, EngineFixture.addresses(500))
        let question = Question(EngineFixture.name("many"), .a)
        let query = Message(id: 1, question: question, edns: size.map { EDNS(size: $0) })
        let reply = try #require(fixture.reply(to: try query.encoded()))
        let answer = try Message(reply)
        let room = limit - 12 - (question.name.wire.count + 4) - (size == nil ? 0 : 11)
        #expect(answer.isTruncated && reply.count <= limit)
        #expect(answer.answers.count == room / 16)
        #expect((answer.edns != nil) == (size != nil))
    }

    @Test func `TC is set exactly when records are missing`() throws {
        let fixture = try EngineFixture()
        for count in 1...200 {
            fixture.add("grow", .a, [Rdata.a(UInt32(count))])
            for edns in [nil, EDNS()] {
                let answer = try fixture.ask("grow", .a, edns: edns)
                #expect(answer.isTruncated == (answer.answers.count < count))
            }
            let whole = try fixture.ask("grow", .a, .stream)
            #expect(!whole.isTruncated && whole.answers.count == count)
        }
    }

    @Test func `over TCP a set is cut only at 65,535 bytes`() throws {
        let fixture = try EngineFixture()
        fixture.add("many", .a, EngineFixture.addresses(4_000))
        #expect(try fixture.ask("many", .a, .stream).answers.count == 4_000)
        fixture.add("more", .a, EngineFixture.addresses(5_000))
        let cut = try fixture.ask("more", .a, .stream)
        #expect(cut.isTruncated && cut.answers.count == (65_535 - 12 - 26 - 11) / 16)
    }

    @Test func `additional records never cause TC and come set by set`() throws {
        let fixture = try EngineFixture()
        for index in 0..<20 {
            let host = EngineFixture.name("10-0-0-\(index).node")
            fixture.writer.add(host, .a, ttl: 5, rdata: Rdata.a(UInt32(index)))
            let srv = Rdata.srv(priority: 0, weight: 1, port: UInt16(index), target: host)
            fixture.writer.add(EngineFixture.name("s"), .srv, ttl: 5, rdata: srv)
        }
        fixture.writer.commit()
        let answer = try fixture.ask("s", .srv)
        #expect(!answer.isTruncated && answer.answers.count == 20)
        #expect((1..<20).contains(answer.additionals.count))
        let whole = try fixture.ask("s", .srv, .stream)
        #expect(whole.additionals.count == Limits.additionalHostsMax)
    }

    @Test func `a record that does not fit is passed over for one that does`() throws {
        let fixture = try EngineFixture()
        let large = (0..<5).map { index in
            Rdata.txt((0..<6).map { _ in String(repeating: "\(index)", count: 250) })
        }
        fixture.add("t", .txt, large + [Rdata.txt(["small"])])
        for _ in 0..<10 {
            let answer = try fixture.ask("t", .txt)
            #expect(answer.isTruncated && answer.answers.map(\.rdata) == [Rdata.txt(["small"])])
        }
    }

    @Test(arguments: [2, 3, 5, 64, 65, 71])
    func `a set that fits starts with each record equally often`(count: Int) throws {
        let fixture = try EngineFixture()
        fixture.add("r", .a, EngineFixture.addresses(count))
        fixture.add(
            "r",
            .srv,
            EngineFixture.addresses(count).map {
                Rdata.srv(priority: 0, weight: 1, port: UInt16($0[3]), target: .root)
            }
        )
        var firsts: [[UInt8]: Int] = [:]
        for _ in 0..<count * 20 {
            let answer = try fixture.ask("r", .a)
            #expect(Set(answer.answers.map(\.rdata)).count == count)
            firsts[answer.answers[0].rdata, default: 0] += 1
            _ = try fixture.ask("r", .srv)
        }
        #expect(Set(firsts.values) == [20])
    }

    @Test(arguments: [28, 30, 54, 81, 100, 500])
    func `a set that is cut favours nobody and reaches everybody`(count: Int) throws {
        let fixture = try EngineFixture()
        fixture.add("cut", .a, EngineFixture.addresses(count))
        let name = EngineFixture.name("cut")
        let fits = (512 - 12 - name.wire.count - 4) / 16
        var (firsts, seen): ([[UInt8]: Int], [[UInt8]: Int]) = ([:], [:])
        for _ in 0..<count * 4 {
            let records = try fixture.ask("cut", .a, edns: nil).answers
            #expect(records.count == min(fits, count))
            firsts[records[0].rdata, default: 0] += 1
            for record in records { seen[record.rdata, default: 0] += 1 }
        }
        #expect(firsts.count == count && Set(firsts.values) == [4])
        #expect(Set(seen.values) == [4 * min(fits, count)])
    }
}
