import ServiceModel
import Testing

@Suite struct InstantTests {
    private let first = Instant(nanoseconds: .min)
    private let last = Instant(nanoseconds: .max)
    private let now = Instant(nanoseconds: 1_000)

    @Test func `sums and differences are exact`() {
        #expect(now + .nanoseconds(5) == Instant(nanoseconds: 1_005))
        #expect(now - .nanoseconds(5) == Instant(nanoseconds: 995))
        #expect(now - Instant(nanoseconds: 1_500) == .nanoseconds(-500))
    }

    @Test func `what the clock cannot hold stays at its ends`() {
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(first + .seconds(-1) == first)
        #expect(last - .seconds(-1) == last)
        #expect(now - first == .nanoseconds(Int64.max))
        #expect(first - now == .nanoseconds(Int64.min))
        #expect(last - first == .nanoseconds(Int64.max))
        #expect(now - .seconds(Int64.max) < first + .seconds(1))
    }
}
