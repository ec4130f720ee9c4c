import DNSProtocol
import ServiceModel
import Testing

@testable import DNSServer

@Suite struct LiveZoneDomainTests {
    @Test func `A5.1 a domain in a configured zone has its endpoints`() throws {
        var follower = try Follower()
        let domain = Sample.domain("server.app1.company1.com")
        follower.join(
            try Sample.instance("10.0.0.1:80", domain, application: "app1"),
            try Sample.instance("10.0.0.2", domain, application: "app1")
        )
        let name = "server.app1.company1.com"
        #expect(try follower.records(name, .a) == ["10.0.0.1", "10.0.0.2"])
        let srv = "0 100 80 10-0-0-1.node.muster.internal."
        #expect(try follower.records(name, .srv) == [srv])
        #expect(
            try follower.records(name, .txt).contains("\"id=10.0.0.2\" \"weight=100\" \"state=up\"")
        )
        #expect(try follower.head("company1.com")?.mode == .live)
        #expect(follower.table.records.keys.filter { $0.record.ttl == 7 }.count == 5)
        #expect(follower.table.zones.count == 2)
    }

    @Test func `A5.3 a new list changes only what differs`() throws {
        var follower = try Follower()
        let domain = Sample.domain("server.app1.company1.com")
        let old = try Sample.instance("10.0.0.1:80", domain)
        follower.join(old, try Sample.instance("10.0.0.2:80", domain))
        follower.apply([
            (domain, .left(old, .deleted)),
            (domain, .joined(try Sample.instance("10.0.0.3:80", domain))),
        ])
        #expect(
            try follower.records("server.app1.company1.com", .a) == ["10.0.0.2", "10.0.0.3"]
        )
        #expect(try follower.head("company1.com")?.soa.serial == 1_700_000_002)
    }

    @Test func `a domain that no zone covers is a zone of its own on loopback only`() throws {
        let instance = try Sample.instance("10.0.0.1:80", Sample.domain("db.other.net"))
        var follower = try Follower()
        let revision = follower.zone.zonesRevision
        follower.join(instance)
        #expect(follower.zone.zonesRevision == revision + 1)
        let head = try #require(try follower.head("db.other.net"))
        #expect(head.nameServers == [try DNSName("ns.muster.internal")])
        #expect(head.soa.minimum == 1)
        #expect(try follower.head("other.net") == nil)
        follower.leave(instance)
        #expect(try follower.table.exists(DNSName("db.other.net")))
        follower.apply([(instance.id.service, .serviceVanished)])
        #expect(try follower.head("db.other.net") == nil)
        #expect(try !follower.table.exists(DNSName("net")))

        var open = Follower(try Sample.configuration(false))
        open.apply([])
        open.join(instance)
        #expect(try open.head("db.other.net") == nil)
        #expect(try open.records("db.other.net", .a) == [])
        #expect(
            open.zone.faults.map(\.reason)
                == Array(
                    repeating: "no zone of dns.ddnsZones covers it",
                    count: 2
                )
        )
    }

    @Test func `of two applications the older znode has the domain`() throws {
        var follower = try Follower()
        let domain = Sample.domain("x.company1.com")
        let old = try Sample.instance("10.0.0.1:1", domain, application: "b", czxid: 5)
        let new = try Sample.instance("10.0.0.2:1", domain, application: "a", czxid: 9)
        follower.join(new)
        #expect(try follower.records("x.company1.com", .a) == ["10.0.0.2"])
        follower.join(old)
        #expect(try follower.records("x.company1.com", .a) == ["10.0.0.1"])
        #expect(follower.zone.faults.map(\.reason) == ["b registered the domain first"])
        follower.leave(old)
        #expect(try follower.records("x.company1.com", .a) == ["10.0.0.2"])
        #expect(follower.zone.faults == [])
        #expect(follower.table.faults == [])
    }

    @Test func `a domain may stand in a live zone but not among registered names`() throws {
        var follower = try Follower()
        let free = try Sample.instance("10.0.0.1:1", Sample.domain("db.muster.internal"))
        let taken = Sample.domain("com.foo.bar.dubbo.muster.internal")
        follower.join(free, try Sample.instance("10.0.0.2:1", taken))
        #expect(try follower.records("db.muster.internal", .a) == ["10.0.0.1"])
        #expect(try follower.records(Sample.base, .a) == [])
        #expect(follower.zone.faults.first?.reason.contains("come from registrations") == true)
    }

    @Test func `a file goes before registrations`() throws {
        let file = try Sample.file("company1.com", "web A 192.0.2.1\n")
        let domain = try Sample.instance("10.0.0.1:1", Sample.domain("web.company1.com"))
        let apex = try Sample.instance("10.0.0.2:1", Sample.domain("company1.com"))
        var follower = try Follower(files: [file])
        follower.join(domain, apex)
        #expect(try follower.records("web.company1.com", .a) == ["192.0.2.1"])
        #expect(try follower.records("company1.com", .a) == ["10.0.0.2"])
        #expect(
            follower.zone.faults.map(\.reason).contains(
                "web.company1.com. has records in a zone file"
            )
        )
        follower.load(try Sample.configuration())
        #expect(try follower.records("web.company1.com", .a) == ["10.0.0.1"])
        follower.load(try Sample.configuration(), files: [file])
        #expect(try follower.records("web.company1.com", .a) == ["192.0.2.1"])
        #expect(follower.table.faults == [])
    }

    @Test func `a zone that is only a file's takes no domains`() throws {
        let file = try Sample.file("example.org", "w A 192.0.2.1\n")
        var follower = try Follower(files: [file])
        follower.join(try Sample.instance("10.0.0.1:1", Sample.domain("x.example.org")))
        #expect(try follower.records("x.example.org", .a) == [])
        #expect(follower.zone.faults.first?.reason.contains("not one of dns.ddnsZones") == true)
        #expect(try follower.head("example.org")?.soa.serial == 7)
        #expect(try follower.head("example.org")?.soa.minimum == 300)
    }

    @Test func `a file of a live zone gives its SOA and NS, but absence stays short`() throws {
        let file = try Sample.file("muster.internal", "ns A 127.0.0.1\nweb CNAME ns\n")
        var follower = try Follower(files: [file])
        let head = try #require(try follower.head("muster.internal"))
        #expect(head.soa.serial == 1_700_000_000)
        #expect(head.soa.minimum == 1)
        #expect(head.soaTTL == 60)
        #expect(head.nameServers == [try DNSName("ns.muster.internal")])
        #expect(try follower.records("web.muster.internal", .cname) == ["ns.muster.internal."])
        #expect(follower.table.records.keys.filter { !$0.isFile } == [])
        follower.load(
            try Sample.configuration(),
            files: [try Sample.file("muster.internal", "ns A 127.0.0.1\nnew A 127.0.0.2\n")]
        )
        #expect(follower.edits.count == 3)
        #expect(try follower.head("muster.internal")?.soa.serial == 1_700_000_001)
        #expect(try follower.records("web.muster.internal", .cname) == [])
        follower.load(try Sample.configuration())
        #expect(follower.table.records.isEmpty)
        #expect(follower.table.faults == [])
    }
}
