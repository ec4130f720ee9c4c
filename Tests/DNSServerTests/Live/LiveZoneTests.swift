import DNSProtocol
import ServiceModel
import Testing

@testable import DNSServer

@Suite struct LiveZoneTests {
    private let base = Sample.base

    @Test func `A4.1 a provider has A, SRV and TXT at its interface and SRV at its protocol`()
        throws
    {
        var follower = try Follower()
        follower.join(try Sample.instance("10.0.0.1:20880", version: "1.0.0"))
        #expect(try follower.records(base, .a) == ["10.0.0.1"])
        #expect(try follower.records(base, .aaaa) == [])
        let srv = "0 100 20880 10-0-0-1.node.muster.internal."
        #expect(try follower.records(base, .srv) == [srv])
        let text = "\"id=10.0.0.1:20880\" \"v=1.0.0\" \"proto=dubbo\" \"weight=100\" \"state=up\""
        #expect(try follower.records(base, .txt) == [text])
        #expect(try follower.records("_dubbo._tcp." + base, .srv) == [srv])
        #expect(try follower.records("_dubbo._tcp." + base, .a) == [])
        #expect(try follower.records("_tri._tcp." + base, .srv) == [])
        #expect(try follower.records("10-0-0-1.node.muster.internal.", .a) == ["10.0.0.1"])
        #expect(try follower.records("1-0-0._version." + base, .a) == ["10.0.0.1"])
        #expect(try follower.records("_DUBBO._tcp.1-0-0._version." + base, .srv) == [srv])
    }

    @Test func `an IPv6 provider and an ipv6 parameter give AAAA`() throws {
        var follower = try Follower()
        follower.join(
            try Sample.instance("[2001:db8::a]:20880"),
            try Sample.instance("10.0.0.1:20880", ipv6: "2001:db8::b")
        )
        #expect(try follower.records(base, .aaaa) == ["2001:db8::a", "2001:db8::b"])
        let node = "20010db800000000000000000000000a.node.muster.internal."
        #expect(try follower.records(node, .aaaa) == ["2001:db8::a"])
        #expect(try follower.records("10-0-0-1.node.muster.internal.", .aaaa) == ["2001:db8::b"])
        #expect(
            try follower.records(base, .srv) == [
                "0 100 20880 10-0-0-1.node.muster.internal.", "0 100 20880 \(node)",
            ]
        )
    }

    @Test(arguments: [
        ("", ["10.0.0.1"]), ("1-0-0._version.", ["10.0.0.2"]), ("2-0._version.", ["10.0.0.6"]),
        ("g1._group.", ["10.0.0.3"]), ("t1._tag.", ["10.0.0.4"]), ("g1._group.t1._tag.", []),
        ("3._version.g1._group.t2._tag.", ["10.0.0.5"]),
        ("t2._tag.g1._group.3._version.", ["10.0.0.5"]), ("g1._group.t2._tag.", ["10.0.0.5"]),
        ("t2._tag.3._version.g1._group.", ["10.0.0.5"]), ("3._version.g1._group.", []),
    ])
    func `a name shows the versions, group and tag that it asks for`(
        prefix: String,
        addresses: [String]
    ) throws {
        var follower = try Follower()
        follower.join(
            try Sample.instance("10.0.0.1:1"),
            try Sample.instance("10.0.0.2:1", version: "1.0.0"),
            try Sample.instance("10.0.0.3:1", group: "g1"),
            try Sample.instance("10.0.0.4:1", tag: "t1"),
            try Sample.instance("10.0.0.5:1", group: "g1", version: "3", tag: "t2"),
            try Sample.instance("10.0.0.6:1", version: "2.0")
        )
        #expect(try follower.records(prefix + base, .a) == addresses)
        let targets = try follower.records("_dubbo._tcp." + prefix + base, .srv)
        #expect(targets.count == addresses.count)
    }

    @Test func `the first unversioned provider hides the versions, and its end shows them`() throws
    {
        var follower = try Follower()
        let plain = try Sample.instance("10.0.0.9:1")
        follower.join(
            try Sample.instance("10.0.0.1:1", version: "1"),
            try Sample.instance("10.0.0.2:1", version: "2")
        )
        #expect(try follower.records(base, .a) == ["10.0.0.1", "10.0.0.2"])
        follower.join(plain)
        #expect(try follower.records(base, .a) == ["10.0.0.9"])
        #expect(try follower.records("1._version." + base, .a) == ["10.0.0.1"])
        var disabled = plain
        disabled.state = State(.disabled, since: Sample.time, why: "disabled=true in its URL")
        follower.change(plain, to: disabled)
        #expect(try follower.records(base, .a) == ["10.0.0.1", "10.0.0.2"])
        follower.change(disabled, to: plain)
        #expect(try follower.records(base, .a) == ["10.0.0.9"])
        follower.leave(plain)
        #expect(try follower.records(base, .a) == ["10.0.0.1", "10.0.0.2"])
        #expect(follower.table.faults == [])
    }

    @Test(arguments: [
        (State.Standing.up, ["10.0.0.1"], 0 as Int?), (.suspect, [], 10), (.draining, [], nil),
        (.disabled, [], nil), (.masked, [], nil),
    ])
    func `A5.7 only what is up has addresses, suspects come last in SRV`(
        standing: State.Standing,
        addresses: [String],
        priority: Int?
    ) throws {
        var follower = try Follower()
        follower.join(try Sample.instance("10.0.0.1:7", standing: standing))
        #expect(try follower.records(base, .a) == addresses)
        let srv = priority.map { ["\($0) 100 7 10-0-0-1.node.muster.internal."] } ?? []
        #expect(try follower.records(base, .srv) == srv)
        #expect(try follower.records(base, .txt).count == srv.count)
        #expect(try follower.table.exists(DNSName(base)))
        #expect(try follower.table.exists(DNSName("_dubbo._tcp." + base)))
        #expect(try follower.records("10-0-0-1.node.muster.internal", .a) == ["10.0.0.1"])
    }

    @Test(arguments: [
        ([100, 0], [100, 0]), ([65_535, 1], [65_535, 1]), ([88_888, 100], [44_444, 50]),
        ([88_888, 1, 0], [44_444, 1, 0]), ([Int.max, 100], [65_535, 1]), ([-5], [0]),
    ])
    func `weights are scaled together to 16 bits, and 0 stays alone 0`(
        weights: [Int],
        shown: [Int]
    ) throws {
        var follower = try Follower()
        for (index, weight) in weights.enumerated() {
            follower.join(try Sample.instance("10.0.0.\(index):1", weight: weight))
        }
        for (index, weight) in shown.enumerated() {
            let srv = "0 \(weight) 1 10-0-0-\(index).node.muster.internal."
            #expect(try follower.records(base, .srv).contains(srv))
        }
    }

    @Test func `an empty service exists without records`() throws {
        var follower = try Follower()
        follower.apply([(Sample.service, .serviceAppeared)])
        #expect(try follower.table.exists(DNSName(base)))
        #expect(try follower.records(base, .a) == [])
        follower.apply([(Sample.service, .serviceVanished)])
        #expect(try !follower.table.exists(DNSName("dubbo.muster.internal")))
    }

    @Test func `a service that vanishes takes its instances along`() throws {
        var follower = try Follower()
        let empty = follower.table
        follower.join(try Sample.instance("10.0.0.1:1"), try Sample.instance("10.0.0.2:1"))
        follower.apply([(Sample.service, .serviceVanished)])
        follower.wait(.seconds(6))
        #expect(follower.table.records == empty.records)
        #expect(follower.table.names == empty.names)
        #expect(follower.table.faults == [])
    }

    @Test func `a host's name goes on for one TTL after the instance left`() throws {
        var follower = try Follower()
        let instance = try Sample.instance("10.0.0.1:1")
        follower.join(instance)
        #expect(follower.zone.nextDeadline == nil)
        follower.leave(instance)
        #expect(try follower.records(base, .a) == [])
        #expect(follower.zone.nextDeadline == Sample.start + .seconds(5))
        follower.wait(.milliseconds(4_999))
        #expect(follower.edits == [])
        #expect(try follower.records("10-0-0-1.node.muster.internal", .a) == ["10.0.0.1"])
        follower.join(instance)
        follower.wait(.milliseconds(1))
        #expect(try follower.records("10-0-0-1.node.muster.internal", .a) == ["10.0.0.1"])
        follower.leave(instance)
        follower.wait(.seconds(5))
        #expect(try !follower.table.exists(DNSName("node.muster.internal")))
        #expect(follower.zone.nextDeadline == nil)
    }

    @Test func `a change that answers do not show makes no edits`() throws {
        var follower = try Follower()
        let old = try Sample.instance("10.0.0.1:1")
        follower.join(old)
        var new = old
        new.parameters["pid"] = "7"
        follower.change(old, to: new)
        #expect(follower.edits == [])
        new.weight = 50
        follower.change(old, to: new)
        // SRV and TXT of the name, SRV of its protocol, each out and in, and the head with its serial.
        #expect(follower.edits.count == 7)
    }

    @Test func `the work for one change does not grow with the service`() throws {
        var follower = try Follower()
        for index in 0..<300 {
            follower.join(try Sample.instance("10.0.\(index / 256).\(index % 256):1"))
        }
        let edits = follower.edits.count
        follower.join(try Sample.instance("10.9.0.1:1"))
        #expect(follower.edits.count == edits)
    }

    @Test func `A5.3 the serial is the time, and grows with each visible change`() throws {
        var follower = try Follower()
        let first = try #require(try follower.head("muster.internal")).soa.serial
        #expect(first == 1_700_000_000)
        for step in 1...3 {
            follower.join(try Sample.instance("10.0.0.\(step):1"))
            #expect(try follower.head("muster.internal")?.soa.serial == first + UInt32(step))
        }
        follower.wait(.seconds(60))
        #expect(try follower.head("muster.internal")?.soa.serial == first + 3)
        follower.join(try Sample.instance("10.0.0.9:1"))
        #expect(try follower.head("muster.internal")?.soa.serial == first + 60)
        follower.apply([], .stale(since: follower.time))
        #expect(try follower.head("muster.internal")?.soa.serial == first + 60)
    }

    @Test func `freshness becomes the mode of zones with registered names`() throws {
        let file = try Sample.file("example.org", "w A 1.2.3.4\n")
        var follower = Follower(try Sample.configuration(), files: [file])
        func modes() throws -> [ZoneHead.Mode?] {
            try [
                follower.head("muster.internal")?.mode, follower.head("company1.com")?.mode,
                follower.head("example.org")?.mode,
            ]
        }
        #expect(try modes() == [.notReady, .notReady, .live])
        follower.apply([])
        #expect(try modes() == [.live, .live, .live])
        let since = UnixTime(milliseconds: follower.time.milliseconds - 86_390_000)
        follower.apply([], .stale(since: since))
        #expect(try modes() == [.stale, .stale, .live])
        #expect(follower.zone.nextDeadline == follower.now + .seconds(10))
        follower.wait(.seconds(10))
        #expect(try modes() == [.expired, .expired, .live])
        follower.apply([])
        #expect(try modes() == [.live, .live, .live])
        #expect(follower.zone.nextDeadline == nil)
        // The clock went back by an hour: as old as can be, and no younger.
        let future = UnixTime(milliseconds: follower.time.milliseconds + 3_600_000)
        follower.apply([], .stale(since: future))
        #expect(follower.zone.nextDeadline == follower.now + .seconds(86_400))
    }

    @Test(arguments: [
        ("com.foo." + String(repeating: "x", count: 64), "a label of more than 63 bytes"),
        ("com..Bar", "an empty label"),
        (Array(repeating: "abcdefgh", count: 28).joined(separator: "."), "255 bytes"),
    ])
    func `a name that DNS cannot carry is listed and has no records`(
        name: String,
        reason: String
    ) throws {
        var follower = try Follower()
        let service = ServiceName(.dubbo, name)
        let instance = try Sample.instance("10.0.0.1:1", service)
        follower.join(instance, try Sample.instance("10.0.0.2:1"))
        #expect(try follower.records(base, .a) == ["10.0.0.2"])
        let faults = follower.zone.faults
        #expect(faults.map(\.instance) == [nil, instance.id])
        #expect(faults.allSatisfy { $0.service == service && $0.reason.contains(reason) })
        follower.apply([(service, .serviceVanished)])
        #expect(follower.zone.faults == [])
    }

    @Test func `a long group or protocol loses only the names that it would be in`() throws {
        var follower = try Follower()
        let long = String(repeating: "g", count: 64)
        let group = try Sample.instance("10.0.0.1:1", group: long)
        let scheme = try Sample.instance("10.0.0.2:1", scheme: long)
        follower.join(group, scheme)
        #expect(try follower.records(base, .a) == ["10.0.0.2"])
        #expect(follower.zone.faults.map(\.instance) == [group.id, scheme.id])
        let revision = follower.zone.faultsRevision
        follower.join(try Sample.instance("10.0.0.3:1"))
        #expect(follower.zone.faultsRevision == revision)
        follower.leave(group, scheme)
        #expect(follower.zone.faults == [])
        #expect(follower.zone.faultsRevision == revision + 2)
    }

    @Test func `when deltas are missing the whole view is compared`() throws {
        var follower = try Follower()
        follower.join(try Sample.instance("10.0.0.1:1"))
        var view = follower.view
        for number in 2...4 as ClosedRange<UInt64> {
            let instance = try Sample.instance("10.0.0.\(number):1")
            let delta = ViewDelta(
                number: number,
                at: Sample.time,
                service: Sample.service,
                change: .joined(instance)
            )
            view.apply(delta)
        }
        follower.take(follower.zone.apply([], view, now: follower.now, time: follower.time))
        #expect(try follower.records(base, .a).count == 4)
    }
}
