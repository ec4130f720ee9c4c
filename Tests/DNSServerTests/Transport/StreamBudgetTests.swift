import ServiceModel
import Testing

@testable import DNSServer

@Suite struct StreamBudgetTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private let stranger = IPAddress.v4(0x0a00_0001)

    private func budget() -> StreamBudget {
        StreamBudget(.init(connectionsMax: 3, connectionsPerAddressMax: 2, idleMax: .seconds(10)))
    }

    @Test func `one address gets its share and loopback is not counted`() {
        var budget = budget()
        #expect(budget.admit(1, from: stranger, now: at(0)) == .accept)
        #expect(budget.admit(2, from: stranger, now: at(0)) == .accept)
        #expect(budget.admit(3, from: stranger, now: at(0)) == .refuse)
        budget.remove(1)
        #expect(budget.admit(4, from: stranger, now: at(0)) == .accept)
        var local = self.budget()
        for id in 1...3 as ClosedRange<UInt64> {
            #expect(local.admit(id, from: .v4(0x7f00_0001), now: at(0)) == .accept)
        }
    }

    @Test func `at the bound the one that was idle for longest goes`() {
        var budget = budget()
        for id in 1...3 as ClosedRange<UInt64> {
            #expect(budget.admit(id, from: nil, now: at(Int64(id))) == .accept)
        }
        budget.touch(1, now: at(9))
        #expect(budget.admit(4, from: nil, now: at(10)) == .replace(2))
        #expect(budget.count == 3)
        #expect(budget.admit(5, from: nil, now: at(10)) == .replace(3))
    }

    @Test func `idle connections are named when their time is over`() {
        var budget = budget()
        _ = budget.admit(1, from: nil, now: at(0))
        _ = budget.admit(2, from: nil, now: at(5))
        #expect(budget.idle(now: at(9)) == [])
        #expect(budget.idle(now: at(10)) == [1])
        budget.touch(1, now: at(10))
        #expect(budget.idle(now: at(15)) == [2])
        budget.remove(2)
        #expect(budget.idle(now: at(100)) == [1])
    }
}
