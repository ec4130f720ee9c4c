import ServiceModel
import Testing

@Suite struct RendezvousTests {
    private let jobs = (0..<20_000).map { "dubbo/com.example.Service\($0)" }

    private func members(_ count: Int) -> [String] { (0..<count).map { "daemon-\($0)" } }

    @Test func `nobody has a job without members, and one has all of them`() {
        #expect(Rendezvous.winner(of: "x", among: []) == nil)
        for job in jobs.prefix(10) { #expect(Rendezvous.winner(of: job, among: ["a"]) == "a") }
    }

    @Test(arguments: [2, 3, 5, 10])
    func `every member has an equal share`(count: Int) {
        let members = members(count)
        var shares: [String: Int] = [:]
        for job in jobs {
            shares[Rendezvous.winner(of: job, among: members) ?? "", default: 0] += 1
        }
        let mean = Double(jobs.count) / Double(count)
        for member in members {
            // Five standard deviations of a fair draw.
            let bound = 5 * (mean * (1 - 1 / Double(count))).squareRoot()
            #expect(abs(Double(shares[member] ?? 0) - mean) < bound, "\(member): \(shares)")
        }
    }

    @Test func `only the jobs of one who comes or goes change hands`() {
        let four = members(4)
        let five = members(5)
        var moved = 0
        for job in jobs {
            let (before, after) = (
                Rendezvous.winner(of: job, among: four), Rendezvous.winner(of: job, among: five)
            )
            guard before != after else { continue }
            #expect(after == five.last)
            moved += 1
        }
        #expect((3_600...4_400).contains(moved), "\(moved) of \(jobs.count)")
    }

    @Test func `order and repetition of members mean nothing`() {
        let members = members(7)
        for job in jobs.prefix(500) {
            let winner = Rendezvous.winner(of: job, among: members)
            #expect(Rendezvous.winner(of: job, among: members.reversed()) == winner)
            #expect(Rendezvous.winner(of: job, among: members + members) == winner)
        }
    }

    @Test func `scores are the same in every version`() {
        let winners = ["dubbo/a.B", "ddns/x.y", "services/shop", "dubbo/com.foo.Bar"].map {
            Rendezvous.winner(of: $0, among: ["a1", "b2", "c3"]) ?? ""
        }
        #expect(winners == ["b2", "b2", "c3", "b2"])
    }
}
