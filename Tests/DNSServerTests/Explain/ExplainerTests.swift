import DNSProtocol
import ServiceModel
import Testing

@testable import DNSServer

@Suite struct ExplainerTests {
    private func explain(
        _ follower: Follower,
        _ name: String,
        _ type: RRType,
        file: String? = nil
    ) throws -> Explanation {
        let files = try file.map { [try Sample.file("muster.internal", $0)] } ?? []
        let explainer = Explainer(try Sample.configuration(false), files: files)
        return explainer.explain(
            try DNSName(name),
            type,
            view: follower.view,
            time: follower.time
        )
    }

    private func mixed() throws -> Follower {
        var follower = try Follower()
        follower.join(
            try Sample.instance("10.0.0.1:1"),
            try Sample.instance("10.0.0.2:1", version: "1.0"),
            try Sample.instance("10.0.0.3:1", group: "g1"),
            try Sample.instance("10.0.0.4:1", scheme: "tri", tag: "t1"),
            try Sample.instance("10.0.0.5:1", standing: .disabled),
            try Sample.instance("10.0.0.6:1", standing: .suspect),
            try Sample.instance("[2001:db8::7]:1")
        )
        return follower
    }

    @Test(arguments: [
        (
            "", RRType.a,
            [
                "up: registered", "it has version 1.0, and there are unversioned ones",
                "its group is g1", "its tag is t1", "disabled: registered",
                "suspect: registered; SRV only", "it has no IPv4 address",
            ]
        ),
        (
            "_tri._tcp.t1._tag.", .srv,
            [
                "its protocol is dubbo", "its protocol is dubbo", "its protocol is dubbo",
                "up: registered", "disabled: registered", "its protocol is dubbo",
                "its protocol is dubbo",
            ]
        ),
        (
            "_dubbo._tcp.1-0._version.", .a,
            [
                "it has no version", "the name of a protocol has SRV only", "its group is g1",
                "its protocol is tri", "disabled: registered", "it has no version",
                "it has no version",
            ]
        ),
        (
            "g1._group.", .txt,
            [
                "it has no group", "it has no group", "up: registered", "it has no group",
                "disabled: registered", "it has no group", "it has no group",
            ]
        ),
    ])
    func `each instance is in or out for a reason`(
        prefix: String,
        type: RRType,
        reasons: [String]
    ) throws {
        let result = try explain(try mixed(), prefix + Sample.base, type)
        let verdicts = result.verdicts.sorted {
            $0.instance.id.endpoint < $1.instance.id.endpoint
        }
        #expect(verdicts.map(\.why) == reasons)
        #expect(verdicts.map(\.isIn) == reasons.map { $0 == "up: registered" })
        #expect(result.zone == (try DNSName("muster.internal")))
        #expect(result.rcode == .noError)
    }

    @Test func `the text names question, rule, instances and answer`() throws {
        let result = try explain(try mixed(), Sample.base, .a)
        #expect(
            Array(result.lines.prefix(4)) == [
                "question  \(Sample.base) A", "zone      muster.internal.",
                "rule      instances of com.foo.Bar: no group, no tag; "
                    + "unversioned ones, or all versions if there are none",
                "in        10.0.0.1:1 dubbo at /x/10.0.0.1:1: up: registered",
            ]
        )
        #expect(result.notes == ["a mixture of versions is registered: 1.0, none"])
        #expect(result.lines.suffix(2).first == "answer    NOERROR, 1 record")
        #expect(result.answer == ["\(Sample.base) 5 IN A 10.0.0.1"])
    }

    @Test(arguments: [
        ("web.muster.internal", RRType.a, RCODE.noError, "line 4", 1),
        ("web.muster.internal", .aaaa, .noError, "line 4", 0),
        ("www.muster.internal", .a, .noError, "line 5", 1),
        ("muster.internal", .soa, .noError, "muster.internal.zone", 1),
        ("muster.internal", .ns, .noError, "muster.internal.zone", 1),
        ("muster.internal", .a, .noError, "the origin of a zone", 0),
        ("no.muster.internal", .a, .nxDomain, "neither", 0),
        ("dubbo.muster.internal", .a, .noError, "in front", 0),
        ("bar.dubbo.muster.internal", .a, .noError, "in front", 0),
        ("no.dubbo.muster.internal", .a, .nxDomain, "in front", 0),
        ("_tcp.com.foo.bar.dubbo.muster.internal", .a, .noError, "in front", 0),
        ("no.com.foo.bar.dubbo.muster.internal", .a, .nxDomain, "in front", 0),
        ("9._version.com.foo.bar.dubbo.muster.internal", .a, .nxDomain, "version 9", 0),
        ("10-0-0-5.node.muster.internal", .a, .noError, "host", 1),
        ("10-0-0-5.node.muster.internal", .srv, .noError, "host", 0),
        ("10-0-0-99.node.muster.internal", .a, .nxDomain, "host", 0),
        ("node.muster.internal", .a, .noError, "host", 0),
        ("com", .a, .refused, "no zone", 0),
        ("", .a, .refused, "no zone", 0),
    ])
    func `every kind of name is told apart`(
        name: String,
        type: RRType,
        rcode: RCODE,
        rule: String,
        count: Int
    ) throws {
        let file = "web A 192.0.2.1\nwww CNAME web\n"
        let result = try explain(try mixed(), name.isEmpty ? "." : name, type, file: file)
        #expect(result.rcode == rcode)
        #expect(result.rule.contains(rule), "\(result.rule)")
        #expect(result.answer.count == count)
        #expect(!result.lines.isEmpty)
    }

    @Test func `an outage shows`() throws {
        var follower = try mixed()
        follower.apply([], .stale(since: follower.time))
        follower.now = follower.now + .seconds(60)
        let stale = try explain(follower, Sample.base, .a)
        #expect(stale.answer.count == 1)
        #expect(stale.notes.contains { $0.contains("out of reach for 60 s (EDE 3)") })
        follower.now = follower.now + .seconds(86_400)
        #expect(try explain(follower, Sample.base, .a).rcode == .servFail)
        follower.apply([], .notReady)
        let unread = try explain(follower, "no.muster.internal", .a)
        #expect(unread.rcode == .servFail)
        #expect(unread.notes.contains { $0.contains("EDE 14") })
    }

    @Test func `a domain that is not served says why`() throws {
        var follower = try Follower()
        follower.join(try Sample.instance("10.0.0.1:1", Sample.domain("db.other.net")))
        let result = try explain(follower, "db.other.net", .a)
        #expect(result.rcode == .refused)
        #expect(
            result.notes == ["the domain is registered, but no zone of dns.ddnsZones covers it"]
        )
    }

    @Test func `the origin of a zone is not said to be unknown`() throws {
        let result = try explain(try Follower(), "muster.internal", .a)
        #expect(result.rcode == .noError)
        #expect(result.rule == "the origin of a zone, which has SOA and NS")
    }

    @Test func `what is not understood of a domain is told with it`() throws {
        var follower = try Follower()
        let domain = Sample.domain("db.muster.internal")
        follower.join(try Sample.instance("10.0.0.1:1", domain))
        let bad = Rejection(
            path: "/DDNS/app/db.muster.internal",
            offender: "garbage",
            reason: "not ip or ip:port",
            since: follower.time
        )
        follower.apply([(domain, .rejected(bad))])
        let result = try explain(follower, "db.muster.internal", .a)
        #expect(result.answer.count == 1)
        #expect(result.notes == ["/DDNS/app/db.muster.internal: not ip or ip:port: garbage"])
    }
}
