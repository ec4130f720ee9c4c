import Registrations
import ServiceModel
import Testing

@Suite struct EffectiveWeightTests {
    private func weight(_ weight: Int, uptime: Int64, warmup: Int64 = 600_000) throws -> Int {
        let endpoint = try #require(Endpoint("10.0.0.1:1"))
        let start = UnixTime(milliseconds: 1_700_000_000_000)
        let instance = Instance(
            id: InstanceID(service: ServiceName(.dubbo, "a.B"), endpoint: endpoint),
            weight: weight,
            startedAt: start,
            warmup: .milliseconds(warmup),
            state: State(.up, since: start, why: ""),
            origin: Instance.Origin(path: "/x")
        )
        return instance.effectiveWeight(
            at: UnixTime(milliseconds: start.milliseconds + uptime)
        )
    }

    @Test(arguments: [
        (-1, 1), (0, 100), (1, 1), (5_999, 1), (6_000, 1), (12_000, 2), (60_000, 10),
        (299_999, 49), (300_000, 50), (599_999, 99), (600_000, 100), (10_000_000, 100),
    ])
    func `the warm-up grows the weight as Dubbo 3 does`(uptime: Int64, expected: Int) throws {
        #expect(try weight(100, uptime: uptime) == expected)
    }

    @Test(arguments: [
        (0, 1, 600_000, 0), (0, -1, 600_000, 0), (1, 1, 600_000, 1), (200, 300_000, 600_000, 100),
        (100, 5, 0, 100), (Int(Int32.max), 599_999, 600_000, 2_147_480_064),
        (Int(Int32.max), 1, 2, 1_073_741_824),
    ])
    func `other weights and warm-ups`(
        full: Int,
        uptime: Int64,
        warmup: Int64,
        expected: Int
    ) throws {
        #expect(try weight(full, uptime: uptime, warmup: warmup) == expected)
    }
}
