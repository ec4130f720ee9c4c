import ServiceModel
import ServiceResolver
import Testing

@Suite struct RoundRobinTests {
    private func candidates(_ weights: [Int]) -> [(id: InstanceID, weight: Int)] {
        weights.enumerated().map { index, weight in
            let address = IPAddress.v4(0x0a00_0001 + UInt32(index))
            let service = ServiceName(.dubbo, "com.foo.Bar")
            return (
                InstanceID(service: service, endpoint: .init(address: address, port: 1)), weight
            )
        }
    }

    private func sequence(_ weights: [Int], _ count: Int) -> String {
        var robin = RoundRobin()
        let candidates = candidates(weights)
        let letters = Array("ABCDEF")
        return String((0..<count).compactMap { _ in robin.pick(candidates).map { letters[$0] } })
    }

    @Test(arguments: [
        ([5, 1, 1], "AABACAA"), ([1, 1, 1], "ABCABC"), ([2, 1], "ABAABA"),
        ([3, 2, 1], "ABACBA"), ([100, 50, 0], "ABAABA"), ([0, 0], "ABAB"), ([7], "AAA"),
    ])
    func `A6.1 sequences are those of Dubbo`(weights: [Int], expected: String) {
        #expect(sequence(weights, expected.count) == expected)
    }

    @Test func `A6.1 three equal providers get a thousand of three thousand picks each`() {
        let picks = sequence([100, 100, 100], 3_000)
        for letter in "ABC" { #expect(picks.filter { $0 == letter }.count == 1_000) }
    }

    @Test func `nobody to pick is no pick`() {
        var robin = RoundRobin()
        #expect(robin.pick([]) == nil)
    }

    @Test func `a candidate that left is forgotten and comes back fresh`() {
        var robin = RoundRobin()
        let all = candidates([1, 1, 1])
        _ = robin.pick(all)
        for _ in 0..<10 { _ = robin.pick(Array(all.prefix(2))) }
        var counts = [0, 0, 0]
        for _ in 0..<300 { counts[robin.pick(all) ?? 0] += 1 }
        #expect(counts == [100, 100, 100])
    }

    @Test func `huge weights do not overflow`() {
        var robin = RoundRobin()
        let all = candidates([.max, .max, 1])
        var counts = [0, 0, 0]
        for _ in 0..<100 { counts[robin.pick(all) ?? 0] += 1 }
        #expect(counts == [50, 50, 0])
    }
}
