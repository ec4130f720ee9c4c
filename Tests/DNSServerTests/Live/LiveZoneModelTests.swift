import DNSProtocol
import ServiceModel
import TestSupport
import Testing

@testable import DNSServer

/// Random changes, after each of which the answers must be those of the view, however they came about.
@Suite struct LiveZoneModelTests {
    private struct Plan {
        var configuration: ZoneConfiguration
        var files: [(origin: String, lines: String)]
        var hidden: Set<String>
        var domainZone: String
    }

    private func plans() throws -> [Plan] {
        let loopback = try Sample.configuration()
        let open = try Sample.configuration(false)
        let host = "web A 192.0.2.1\n"
        return [
            Plan(configuration: loopback, files: [], hidden: [], domainZone: "."),
            Plan(configuration: open, files: [], hidden: [], domainZone: ".company1.com."),
            Plan(
                configuration: open,
                files: [
                    ("company1.com", "b A 192.0.2.1\n"),
                    ("muster.internal", host + "com.foo.bar.dubbo A 192.0.2.2\n"),
                ],
                hidden: ["b.company1.com.", "com.foo.bar.dubbo.muster.internal."],
                domainZone: ".company1.com."
            ),
            Plan(
                configuration: open,
                files: [("muster.internal", host + "10-0-0-1.node A 192.0.2.3\n")],
                hidden: ["10-0-0-1.node.muster.internal."],
                domainZone: ".company1.com."
            ),
        ]
    }

    @Test(arguments: 0..<4) func `A5.6 answers equal the view after each of many changes`(
        salt: UInt64
    ) throws {
        var random = Seed.generator(salt)
        let plans = try plans()
        var plan = plans[0]
        var follower = Follower(plan.configuration)
        for step in 0..<200 {
            if Int.random(in: 0..<40, using: &random) == 0 {
                plan = try #require(plans.randomElement(using: &random))
                follower.load(
                    plan.configuration,
                    files: try plan.files.map { try Sample.file($0.origin, $0.lines) }
                )
            }
            follower.apply(try RandomChanges.batch(follower.view, &random))
            let seed = "seed \(Seed.current), step \(step)"
            try #require(follower.table.faults == [], "\(seed)")
            try #require(
                differences(follower, plan, hosts: false) == [],
                "\(seed)"
            )
            guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
            follower.wait(.seconds(5))
            try #require(differences(follower, plan, hosts: true) == [], "\(seed)")
            try checkRebuilt(follower, plan, seed)
        }
    }

    /// The same view told to a new live zone gives the same table, counts included.
    private func checkRebuilt(_ follower: Follower, _ plan: Plan, _ seed: String) throws {
        var fresh = Follower(
            plan.configuration,
            files: try plan.files.map { try Sample.file($0.origin, $0.lines) }
        )
        fresh.take(fresh.zone.apply([], follower.view, now: fresh.now, time: fresh.time))
        try #require(fresh.table.records == follower.table.records, "\(seed)")
        try #require(fresh.table.names == follower.table.names, "\(seed)")
        try #require(
            fresh.table.zones.keys.sorted() == follower.table.zones.keys.sorted(),
            "\(seed)"
        )
        try #require(fresh.zone.faults == follower.zone.faults, "\(seed)")
    }

    private func isHost(_ line: String) -> Bool { line.contains(".node.muster.internal. A") }

    /// Lines that the table or the naive model has alone.
    private func differences(_ follower: Follower, _ plan: Plan, hosts: Bool) -> [String] {
        lines(follower, hosts: hosts).symmetricDifference(expected(follower, plan, hosts)).sorted()
    }

    private func expected(_ follower: Follower, _ plan: Plan, _ hosts: Bool) -> Set<String> {
        let naive = NaiveRecords(
            follower.view,
            hidden: plan.hidden,
            domainZone: plan.domainZone
        )
        return naive.lines.filter { hosts || !isHost($0) }
    }

    private func lines(_ follower: Follower, hosts: Bool) -> Set<String> {
        var lines: Set<String> = []
        for entry in follower.table.records.keys where !entry.isFile {
            let record = entry.record
            lines.insert("\(record.name.folded) \(record.type) \(RecordText.rdata(record))")
        }
        return lines.filter { hosts || !isHost($0) }
    }
}
