import Registrations
import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import muster

/// What follows from the facts of a tree.
@Suite struct TreeAuditTests {
    private static let now = UnixTime(milliseconds: 1_800_000_000_000)

    private func stat(owner: Int64 = 0, czxid: Int64 = 1, cversion: Int32 = 0) -> Stat {
        Stat(
            czxid: czxid,
            mzxid: czxid,
            ctime: Self.now.milliseconds - 60_000,
            mtime: Self.now.milliseconds - 60_000,
            version: 0,
            cversion: cversion,
            aversion: 0,
            ephemeralOwner: owner,
            dataLength: 0,
            numChildren: 0,
            pzxid: czxid
        )
    }

    private func providerPath(_ service: String, _ address: String) -> String {
        "/dubbo/\(service)/providers/" + PercentCoding.encode("dubbo://\(address)/\(service)")
    }

    private func audit(_ fill: (inout TreeAudit) -> Void) -> TreeAudit {
        var audit = TreeAudit(layout: AuditLayout())
        fill(&audit)
        return audit
    }

    private func kinds(_ findings: [AuditFinding]) -> [AuditFinding.Kind] { findings.map(\.kind) }

    @Test func `a tree in order has no finding`() {
        let audit = audit { audit in
            audit.saw("/", stat())
            audit.saw("/dubbo", stat())
            audit.saw("/dubbo/config", stat())
            audit.saw(providerPath("a.B", "10.0.0.1:20880"), stat(owner: 5))
            audit.saw(providerPath("a.C", "10.0.0.1:20880"), stat(owner: 5))
            audit.saw("/dubbo/a.B/consumers/consumer%3A%2F%2F10.0.0.9%2Fa.B", stat(owner: 6))
            audit.saw("/DDNS/app/a.example", stat(), data: Array("10.0.0.1:80, 10.0.0.2".utf8))
            audit.saw("/dubbo/a.B/routers/whatever", stat())
        }
        #expect(audit.findings(now: Self.now) == [])
        #expect(audit.orphans(living: [5, 6]) == [])
        #expect(audit.tally.providers == 2)
        #expect(audit.tally.consumers == 1)
        #expect(audit.tally.domains == 1)
        #expect(audit.tally.znodes == 8)
        #expect(audit.tally.ephemerals == 3)
    }

    @Test func `ephemerals of sessions that nobody knows are found, whatever they are for`() {
        let audit = audit { audit in
            audit.saw(providerPath("a.B", "10.0.0.1:20880"), stat(owner: 0x1000_0000_0005))
            audit.saw("/locks/x-0000000001", stat(owner: -2))
            audit.saw("/locks/x-0000000002", stat(owner: 7))
            // Containers and TTL znodes have no session although the field is not 0.
            audit.saw("/containers", stat(owner: .min))
        }
        let orphans = audit.orphans(living: [7])
        #expect(orphans.map(\.owner) == [0x1000_0000_0005, -2])
        let findings = audit.findings(orphans: orphans, now: Self.now)
        #expect(kinds(findings) == [.ownerGone, .ownerGone])
        #expect(findings[0].endpoint == "10.0.0.1:20880")
        #expect(findings[0].session == "0x100000000005")
        #expect(findings[0].message.contains("2027-01-15T07:59:00.000Z"), "\(findings[0].message)")
        #expect(findings[1].session == "0xfffffffffffffffe")
        #expect(findings[1].service == nil)
    }

    @Test func `an address of several sessions is found, with the newest first`() {
        let audit = audit { audit in
            audit.saw(providerPath("a.B", "10.0.0.1:20880"), stat(owner: 5, czxid: 10))
            audit.saw(providerPath("a.C", "10.0.0.1:20880"), stat(owner: 6, czxid: 20))
            audit.saw(providerPath("a.B", "10.0.0.1:20881"), stat(owner: 7, czxid: 30))
            // A static entry beside a provider is somebody's way of naming it.
            audit.saw("/DDNS/app/a.example", stat(), data: Array("10.0.0.1:20881".utf8))
        }
        let findings = audit.findings(now: Self.now)
        #expect(kinds(findings) == [.addressShared])
        #expect(findings[0].service == "a.C")
        #expect(findings[0].endpoint == "10.0.0.1:20880")
        #expect(findings[0].message.hasPrefix("0x6 since "))
        #expect(findings[0].message.contains("0x5 since "))
        #expect(findings[0].message.hasSuffix(" for a.B"))
    }

    @Test(arguments: [
        ("/dubbo/a.B/providers/rubbish", "not a URL"),
        ("/dubbo/a.B/providers/dubbo%3A%2F%2Fhost%3A1%2Fa.B", "host is not an IP address"),
        ("/dubbo/a.B/providers/dubbo%3A%2F%2F10.0.0.1%3A1%2Fa.C", "another service"),
        ("/dubbo/a.B/providers/x%zz", "escape"),
        ("/dubbo/%zz", "escape"),
        ("/DDNS/app/a..b", "empty label"),
    ])
    func `names that consumers cannot use are found, with the reason`(path: String, reason: String)
    {
        let audit = audit { $0.saw(path, stat(owner: 5)) }
        let findings = audit.findings(now: Self.now)
        #expect(kinds(findings) == [.notUnderstood])
        #expect(findings[0].path == path)
        let isSaid = findings[0].message.contains(reason) || reason == "not a URL"
        #expect(isSaid && !findings[0].message.isEmpty, "\(findings[0].message)")
        #expect(audit.tally.providers == 0)
    }

    @Test func `a bad entry of a list leaves the others, and is found`() {
        let audit = audit { audit in
            #expect(audit.wantsData(of: "/DDNS/app/a.example"))
            #expect(!audit.wantsData(of: "/dubbo/a.B"))
            audit.saw(
                "/DDNS/app/a.example",
                stat(),
                data: Array("10.0.0.1:80 here 10.0.0.2:80".utf8)
            )
        }
        let findings = audit.findings(now: Self.now)
        #expect(kinds(findings) == [.notUnderstood])
        #expect(findings[0].message == "not ip or ip:port: here")
        #expect(audit.staticEndpoints.map(\.description) == ["10.0.0.1:80", "10.0.0.2:80"])
    }

    @Test func `consumers without a provider are found, with who they are`() {
        let audit = audit { audit in
            for last in 1...7 {
                let url = PercentCoding.encode("consumer://10.0.0.\(last)/a.B?side=consumer")
                audit.saw("/dubbo/a.B/consumers/\(url)", stat(owner: 5))
            }
            audit.saw("/dubbo/a.B/providers/rubbish", stat(owner: 6))
        }
        let findings = audit.findings(now: Self.now)
        #expect(kinds(findings) == [.noProvider, .notUnderstood])
        let hosts = (1...5).map { "10.0.0.\($0)" }.joined(separator: ", ")
        #expect(findings[0].message == "7 consumers: \(hosts) and 2 more")
        #expect(findings[0].path == "/dubbo/a.B/consumers")
    }

    @Test func `only entries of no session are asked for, and those that refuse are found`() throws
    {
        let audit = audit { audit in
            audit.saw(providerPath("a.B", "10.0.0.1:1"), stat(owner: 5))
            audit.saw(providerPath("a.B", "10.0.0.2:2"), stat())
            audit.saw(
                "/DDNS/app/a.example",
                stat(),
                data: Array("10.0.0.2:2,10.0.0.3:3,10.0.0.4".utf8)
            )
            audit.saw("/DDNS/app/b.example/own", stat(owner: 5), data: Array("10.0.0.5:5".utf8))
        }
        let asked = audit.staticEndpoints
        #expect(asked.map(\.description) == ["10.0.0.2:2", "10.0.0.3:3"])
        let knocks = [asked[0]: TreeAudit.Knock.refused, asked[1]: .silent]
        let findings = audit.findings(knocks: knocks, now: Self.now)
        #expect(kinds(findings) == [.notReachable, .notReachable, .notReachable])
        let said = findings.map { "\($0.endpoint ?? "") \($0.service ?? ""): \($0.message)" }
        #expect(said[0] == "10.0.0.2:2 a.example: refuses connections")
        #expect(said[1] == "10.0.0.3:3 a.example: does not answer within 2000 ms")
        #expect(said[2] == "10.0.0.2:2 a.B: refuses connections")
        #expect(audit.findings(knocks: [asked[0]: .open, asked[1]: .open], now: Self.now) == [])
    }

    // MARK: Lists

    /// A list whose answer has about so many thousandths of 1 MiB.
    private func list(_ path: String, permille: Int, cversion: Int32 = 9) -> TreeAudit {
        let name = String(repeating: "x", count: 96)
        let count = (Limits.listBytesMax / 1_000 * permille) / 100
        return audit {
            $0.saw(childrenOf: path, Array(repeating: name, count: count), stat(cversion: cversion))
        }
    }

    @Test func `A1.16 lists near the limit of clients are found, with their share`() {
        #expect(list("/jobs", permille: 790).findings(now: Self.now) == [])
        let near = list("/jobs", permille: 850).findings(now: Self.now)
        #expect(kinds(near) == [.listTooLong])
        #expect(near[0].message.hasPrefix("84 % of 1 MiB, "), "\(near[0].message)")
        let over = list("/jobs", permille: 1_500).findings(now: Self.now)
        #expect(over[0].message.hasPrefix("149 % of 1 MiB, 1572"), "\(over[0].message)")
        #expect(list("/jobs", permille: 5).longest.isEmpty)
    }

    @Test func `a list that grows is found before it is long`() throws {
        let before = try #require(list("/jobs", permille: 200, cversion: 2_000).longest.first)
        let hour = UnixTime(milliseconds: Self.now.milliseconds - 3_600_000)
        let earlier = TreeAudit.Earlier(lists: ["/jobs": before], time: hour)
        let grown = list("/jobs", permille: 220, cversion: 2_400)
        let findings = grown.findings(earlier: earlier, now: Self.now)
        #expect(kinds(findings) == [.listTooLong])
        #expect(findings[0].message.contains("names more in 60 minutes, 400 changes"))
        #expect(findings[0].message.hasSuffix("full in 1 days"), "\(findings[0].message)")
        // As long as before, however much came and went.
        let same = list("/jobs", permille: 200, cversion: 9_000)
        #expect(same.findings(earlier: earlier, now: Self.now) == [])
        // Another clock is no reason to trap.
        #expect(grown.findings(earlier: earlier, now: hour) == [])
        // The count of changes turns over.
        let last = TreeAudit.List(
            path: "/jobs",
            children: before.children,
            bytes: before.bytes,
            cversion: .max
        )
        let over = TreeAudit.Earlier(lists: ["/jobs": last], time: hour)
        let turned = list("/jobs", permille: 220, cversion: .min + 4)
        #expect(turned.findings(earlier: over, now: Self.now)[0].message.contains(", 5 changes"))
    }

    @Test func `of many long lists the longest are kept`() {
        var audit = TreeAudit(layout: AuditLayout())
        let name = String(repeating: "x", count: 96)
        for number in 0..<350 {
            let names = Array(repeating: name, count: 200 + number)
            audit.saw(childrenOf: "/queue\(number)", names, stat())
        }
        #expect(audit.longest.map(\.path) == (250..<350).reversed().map { "/queue\($0)" })
    }

    // MARK: Sessions and networks

    @Test func `the sessions of a server alone and of an ensemble are read from dump`() {
        var census = SessionCensus()
        // ZooKeeper 3.8: a leader or a server alone, a follower, and one that may not say.
        census.add(
            "zk1:2181",
            "SessionTracker dump:\nSession Sets (3)/(1):\n0 expire at Sun Nov 22 06:22:36 UTC 2026:\n"
                + "1 expire at Sun Nov 22 06:22:44 UTC 2026:\n\t0x30003b8080b0000\n"
                + "ephemeral nodes dump:\nSessions with Ephemerals (1):\n0x9:\n\t/x\n"
        )
        census.add(
            "zk2:2181",
            "SessionTracker dump:\nGlobal Sessions(1):\n0xffffffffffffffff\t10000ms\n"
                + "ephemeral nodes dump:\nSessions with Ephemerals (0):\n"
        )
        #expect(census.sessions == [0x3_0003_b808_0b00_00, -1])
        #expect(census.answered == ["zk1:2181", "zk2:2181"])
        #expect(census.refusals.isEmpty)
        census.add("zk3:2181", "dump is not executed because it is not in the whitelist.\n")
        census.add("zk4:2181", "SessionTracker dump:\nGlobal Sessions(90000):\n0x1")
        census.add("zk5:2181", "")
        #expect(census.refusals.count == 3)
        #expect(census.refusals[0].contains("4lw.commands.whitelist"))
        #expect(census.sessions.count == 2)
        #expect(!SessionCensus().isKnown)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
        ("0.0.0.0/0", "192.0.2.1", true), ("0.0.0.0/0", "::1", false),
        ("10.1.2.128/25", "10.1.2.127", false), ("10.1.2.128/25", "10.1.2.200", true),
        ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe80::1", false), ("::/0", "fe80::1", true),
    ])
    func `a network has its addresses and no others`(
        text: String,
        address: String,
        has: Bool
    ) throws {
        let network = try #require(AddressNetwork(text))
        #expect(network.contains(try #require(IPAddress(address))) == has)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "host/8", "::/129", "10.0.0.0/",
    ])
    func `what is no network is refused`(text: String) { #expect(AddressNetwork(text) == nil) }

    // MARK: The report

    @Test func `the report names each kind once, with what to do, and cuts long ones`() {
        let audit = audit { audit in
            for number in 0..<30 { audit.saw("/dubbo/a.B/providers/bad\(number)", stat(owner: 5)) }
        }
        let report = AuditReport(
            server: "zk1:2181",
            audit: audit,
            findings: audit.findings(now: Self.now),
            unchecked: ["something: why"],
            now: Self.now,
            took: .milliseconds(1_500)
        )
        let lines = report.text.split(separator: "\n")
        #expect(lines[0].hasSuffix("read in 1.5 s"))
        #expect(lines.filter { $0 == "30 entries not understood" }.count == 1)
        #expect(lines.contains("    and 10 more (--json)"))
        #expect(lines.filter { $0.hasPrefix("      /dubbo/a.B/providers/bad") }.count == 20)
        #expect(lines.last == "not checked: something: why")
        #expect(report.findings.count == 30)
        #expect(report.summary == "zk1:2181: 30 findings")
        #expect(!report.text.contains("nothing is wrong"))
    }
}
