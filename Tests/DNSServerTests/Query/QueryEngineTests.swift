import DNSProtocol
import Testing

@testable import DNSServer

@Suite struct QueryEngineTests {
    @Test func `an address is answered with its question echoed byte for byte`() throws {
        let fixture = try EngineFixture()
        fixture.add("five.dubbo", .a, EngineFixture.addresses(1))
        let query = Message(
            id: 7,
            question: Question(try DNSName("FiVe.DuBBo.mUSter.internal."), .a)
        )
        let packet = try query.encoded()
        let reply = try #require(fixture.reply(to: packet))
        #expect(reply[12..<12 + 32] == packet[12..<12 + 32])
        let answer = try Message(reply)
        #expect(answer.id == 7 && answer.isResponse && answer.isAuthoritative)
        #expect(answer.rcode == .noError && !answer.isTruncated && !answer.recursionAvailable)
        #expect(answer.answers.map(\.rdata) == EngineFixture.addresses(1))
        #expect(answer.answers.map(\.ttl) == [5])
        #expect(answer.authorities.isEmpty && answer.additionals.isEmpty)
        #expect(answer.edns == EDNS())
    }

    @Test func `existence comes from the tree and not from the type`() throws {
        let fixture = try EngineFixture()
        fixture.add("a.b.dubbo", .a, EngineFixture.addresses(1))
        fixture.writer.declare(EngineFixture.name("empty.dubbo"))
        fixture.writer.commit()
        for (name, type) in [
            ("a.b.dubbo", RRType.aaaa), ("b.dubbo", .a), ("dubbo", .a), ("dubbo", .any),
            ("empty.dubbo", .a), ("", .a), ("a.b.dubbo", .opt), ("a.b.dubbo", .init(rawValue: 0)),
            ("a.b.dubbo", .init(rawValue: 65_535)), ("a.b.dubbo", .init(rawValue: 250)),
        ] {
            let name = name.isEmpty ? "muster.internal." : name
            let answer = try fixture.ask(name, type)
            #expect(answer.rcode == .noError && answer.isAuthoritative, "\(name) \(type)")
            #expect(answer.answers.isEmpty, "\(name) \(type)")
            #expect(answer.authorities.map(\.type) == [.soa], "\(name) \(type)")
            #expect(answer.authorities.map(\.name) == [EngineFixture.origin])
            #expect(answer.authorities.map(\.ttl) == [1])
        }
    }

    @Test func `an unknown name is NXDOMAIN with the SOA of its zone`() throws {
        let fixture = try EngineFixture()
        for name in ["x", "x.y.z", "five\\.dubbo", "\\000\\255\\032"] {
            let answer = try fixture.ask(name, .a)
            #expect(answer.rcode == .nxDomain && answer.isAuthoritative)
            #expect(answer.authorities.map(\.rdata) == [EngineFixture.soa.rdata])
            #expect(answer.authorities.map(\.name) == [EngineFixture.origin])
            #expect(answer.authorities.map(\.ttl) == [1])
        }
    }

    @Test func `names outside the zones are refused with the extended error 20`() throws {
        let fixture = try EngineFixture()
        for name in [".", "internal.", "example.com.", "xmuster.internal."] {
            let answer = try fixture.ask(name, .a)
            #expect(answer.rcode == .refused && !answer.isAuthoritative)
            #expect(answer.answers.isEmpty && answer.authorities.isEmpty)
            #expect(answer.edns?.extendedErrors == [.notAuthoritative])
        }
    }

    @Test func `SOA and NS stand at the origin with their own TTL`() throws {
        let fixture = try EngineFixture()
        fixture.add("ns1", .a, EngineFixture.addresses(1))
        let soa = try fixture.ask("muster.internal.", .soa)
        #expect(soa.answers.map(\.rdata) == [EngineFixture.soa.rdata])
        #expect(soa.answers.map(\.ttl) == [3_600])
        let hosts = try fixture.ask("muster.internal.", .ns)
        #expect(hosts.answers.map(\.rdata) == [EngineFixture.name("ns1").wire])
        #expect(hosts.additionals.map(\.name) == [EngineFixture.name("ns1")])
        let any = try fixture.ask("muster.internal.", .any)
        #expect(any.answers.map(\.type) == [.soa])
    }

    @Test func `ANY gets one set`() throws {
        let fixture = try EngineFixture()
        fixture.add("five.dubbo", .a, EngineFixture.addresses(2))
        fixture.add("five.dubbo", .txt, Rdata.txt(["id=1"]))
        let answer = try fixture.ask("five.dubbo", .any)
        #expect(Set(answer.answers.map(\.type)).count == 1)
        #expect(try fixture.ask("six.dubbo", .any).rcode == .nxDomain)
    }

    @Test func `SRV brings the addresses of its hosts under their names`() throws {
        let fixture = try EngineFixture()
        let hosts = ["10-0-0-1.node", "10-0-0-2.node"].map(EngineFixture.name)
        for (index, host) in hosts.enumerated() {
            fixture.writer.add(host, .a, ttl: 5, rdata: EngineFixture.addresses(2)[index])
            for port in [20_880, 20_881] as [UInt16] {
                let srv = Rdata.srv(priority: 0, weight: 100, port: port, target: host)
                fixture.writer.add(EngineFixture.name("five.dubbo"), .srv, ttl: 5, rdata: srv)
            }
        }
        fixture.writer.commit()
        let answer = try fixture.ask("five.dubbo", .srv)
        #expect(answer.answers.count == 4)
        let targets = try answer.answers.map { try SRV(rdata: $0.rdata).target }
        #expect(Set(targets) == Set(hosts))
        #expect(Set(answer.additionals.map(\.name)) == Set(hosts))
        #expect(Set(answer.additionals.map(\.rdata)) == Set(EngineFixture.addresses(2)))
        #expect(answer.additionals.count == 2)
    }

    @Test func `an alias is followed inside the zones and no further`() throws {
        let fixture = try EngineFixture()
        fixture.add("five.dubbo", .a, EngineFixture.addresses(1))
        fixture.add("alias", .cname, EngineFixture.name("Five.dubbo").wire)
        fixture.add("second", .cname, EngineFixture.name("alias").wire)
        fixture.add("away", .cname, EngineFixture.name("example.com.").wire)
        fixture.add("lost", .cname, EngineFixture.name("nowhere").wire)
        fixture.add("loop", .cname, EngineFixture.name("loop").wire)
        let answer = try fixture.ask("second", .a)
        #expect(answer.answers.map(\.type) == [.cname, .cname, .a])
        #expect(
            answer.answers.map(\.name) == ["second", "alias", "five.dubbo"].map(EngineFixture.name)
        )
        #expect(try fixture.ask("away", .a).answers.map(\.type) == [.cname])
        let lost = try fixture.ask("lost", .a)
        #expect(lost.rcode == .nxDomain && lost.answers.count == 1)
        #expect(lost.authorities.map(\.name) == [EngineFixture.origin])
        let none = try fixture.ask("second", .txt)
        #expect(none.rcode == .noError && none.answers.count == 2 && none.authorities.count == 1)
        #expect(try fixture.ask("loop", .a).answers.count == 1)
        #expect(try fixture.ask("alias", .cname).answers.count == 1)
    }

    @Test func `a circle of aliases shows each of them once, a long chain ends`() throws {
        let fixture = try EngineFixture()
        for (name, target) in [("in", "one"), ("one", "two"), ("two", "one")] {
            fixture.add(name, .cname, EngineFixture.name(target).wire)
        }
        let circle = try fixture.ask("in", .a)
        #expect(circle.rcode == .noError)
        #expect(circle.answers.map(\.name) == ["in", "one", "two"].map(EngineFixture.name))
        fixture.add("below", .cname, EngineFixture.name("x.below").wire)
        #expect(try fixture.ask("below", .a).rcode == .nxDomain)
        for step in 0...Limits.aliasesMax {
            fixture.add("c\(step)", .cname, EngineFixture.name("c\(step + 1)").wire)
        }
        #expect(try fixture.ask("c0", .a).answers.count == Limits.aliasesMax)
    }

    @Test func `before the first sync registered names fail and file names are answered`() throws {
        let fixture = try EngineFixture(mode: .notReady)
        fixture.writer.add(
            EngineFixture.name("static"),
            .a,
            ttl: 60,
            rdata: Rdata.a(1),
            source: .file
        )
        fixture.writer.commit()
        for name in ["x", "five.dubbo"] {
            let answer = try fixture.ask(name, .a)
            #expect(answer.rcode == .servFail && !answer.isAuthoritative)
            #expect(answer.edns?.extendedErrors == [.notReady])
            #expect(answer.authorities.isEmpty)
        }
        #expect(try fixture.ask("static", .a).answers.map(\.ttl) == [60])
        #expect(try fixture.ask("static", .aaaa).authorities.count == 1)
        #expect(try fixture.ask("muster.internal.", .soa).answers.count == 1)
    }

    @Test func `a stale zone caps TTLs and says so`() throws {
        let fixture = try EngineFixture()
        fixture.add("five.dubbo", .a, ttl: 60, EngineFixture.addresses(3))
        fixture.add(
            "_dubbo._tcp.five.dubbo",
            .srv,
            ttl: 60,
            [
                Rdata.srv(priority: 0, weight: 1, port: 2, target: EngineFixture.name("five.dubbo"))
            ]
        )
        fixture.writer.add(EngineFixture.name("s"), .a, ttl: 60, rdata: Rdata.a(1), source: .file)
        fixture.writer.setZone(EngineFixture.head(mode: .stale))
        fixture.writer.commit()
        let answer = try fixture.ask("five.dubbo", .a)
        #expect(answer.answers.map(\.ttl) == [5, 5, 5])
        #expect(
            answer.answers.map(\.name)
                == Array(repeating: EngineFixture.name("five.dubbo"), count: 3)
        )
        #expect(answer.edns?.extendedErrors == [.staleAnswer])
        let srv = try fixture.ask("_dubbo._tcp.five.dubbo", .srv)
        #expect(srv.additionals.map(\.ttl) == [5, 5, 5])
        #expect(try fixture.ask("five.dubbo", .aaaa).edns?.extendedErrors == [.staleAnswer])
        #expect(try fixture.ask("nobody", .a).edns?.extendedErrors == [.staleNXDOMAIN])
        #expect(try fixture.ask("nobody", .a).rcode == .nxDomain)
        let fixed = try fixture.ask("s", .a)
        #expect(fixed.answers.map(\.ttl) == [60] && fixed.edns?.extendedErrors == [])
        fixture.writer.setZone(EngineFixture.head(mode: .expired))
        fixture.writer.commit()
        let expired = try fixture.ask("five.dubbo", .a)
        #expect(expired.rcode == .servFail && expired.answers.isEmpty)
        #expect(expired.edns?.extendedErrors == [.noReachableAuthority])
        #expect(try fixture.ask("s", .a).answers.count == 1)
    }

    @Test func `a new serial shows in answers that already stood`() throws {
        let fixture = try EngineFixture()
        #expect(try SOA(rdata: fixture.ask("x", .a).authorities[0].rdata).serial == 2_026_112_101)
        fixture.writer.setZone(EngineFixture.head(mode: .live, serial: 5))
        fixture.writer.commit()
        #expect(try SOA(rdata: fixture.ask("x", .a).authorities[0].rdata).serial == 5)
    }

    @Test func `a name removed is NXDOMAIN, and the names above it with it`() throws {
        let fixture = try EngineFixture()
        let name = EngineFixture.name("a.b.c")
        fixture.writer.add(name, .a, ttl: 5, rdata: [1, 2, 3, 4])
        fixture.writer.commit()
        #expect(try fixture.ask("b.c", .a).rcode == .noError)
        #expect(fixture.remove("a.b.c", .a, [1, 2, 3, 4]))
        #expect(!fixture.remove("a.b.c", .a, [1, 2, 3, 4]))
        fixture.writer.commit()
        for text in ["a.b.c", "b.c", "c"] { #expect(try fixture.ask(text, .a).rcode == .nxDomain) }
        #expect(try fixture.ask("muster.internal.", .a).rcode == .noError)
    }

    @Test func `zones below zones answer for themselves and go away again`() throws {
        let fixture = try EngineFixture()
        fixture.add("server.app1.company1.com.", .a, EngineFixture.addresses(1))
        #expect(try fixture.ask("server.app1.company1.com.", .a).rcode == .refused)
        var head = EngineFixture.head(mode: .live)
        head.origin = EngineFixture.name("server.app1.company1.com.")
        fixture.writer.setZone(head)
        fixture.writer.commit()
        #expect(try fixture.ask("server.app1.company1.com.", .a).answers.count == 1)
        #expect(try fixture.ask("x.server.app1.company1.com.", .a).rcode == .nxDomain)
        #expect(try fixture.ask("app1.company1.com.", .a).rcode == .refused)
        head.origin = EngineFixture.name("company1.com.")
        fixture.writer.setZone(head)
        fixture.writer.commit()
        #expect(try fixture.ask("app1.company1.com.", .a).rcode == .noError)
        let inner = try fixture.ask("x.server.app1.company1.com.", .a)
        #expect(inner.authorities.map(\.name.description) == ["server.app1.company1.com."])
        fixture.writer.removeZone(EngineFixture.name("server.app1.company1.com."))
        fixture.writer.commit()
        let outer = try fixture.ask("x.server.app1.company1.com.", .a)
        #expect(outer.authorities.map(\.name.description) == ["company1.com."])
        fixture.writer.removeZone(EngineFixture.name("company1.com."))
        fixture.writer.commit()
        #expect(try fixture.ask("server.app1.company1.com.", .a).rcode == .refused)
    }

    @Test func `counters tell what came and how it was answered`() throws {
        let fixture = try EngineFixture()
        _ = try fixture.ask("x", .a)
        _ = try fixture.ask("example.com.", .a)
        #expect(fixture.reply(to: [1, 2, 3]) == nil)
        #expect(fixture.engine.counters.count(of: .received) == 3)
        #expect(fixture.engine.counters.count(of: .dropped) == 1)
        #expect(fixture.engine.counters.count(of: RCODE.nxDomain) == 1)
        #expect(fixture.engine.counters.count(of: RCODE.refused) == 1)
    }
}
