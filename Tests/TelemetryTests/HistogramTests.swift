import Synchronization
import Telemetry
import Testing

@Suite struct HistogramTests {
    @Test func `a duration falls into the bucket whose end it does not pass`() {
        let histogram = Histogram()
        histogram.observe(.microseconds(10))
        histogram.observe(.microseconds(10) + .nanoseconds(1))
        histogram.observe(.seconds(60))
        histogram.observe(.seconds(61))
        histogram.observe(.seconds(-1))
        let counts = histogram.snapshot.counts
        #expect(counts.count == Histogram.bucketEnds.count + 1)
        #expect(counts[0] == 2)
        #expect(counts[1] == 1)
        #expect(counts[counts.count - 2] == 1)
        #expect(counts[counts.count - 1] == 1)
        #expect(histogram.snapshot.sum == .seconds(121) + .nanoseconds(20_001))
    }

    @Test func `quantiles are interpolated inside their bucket`() {
        let histogram = Histogram()
        for _ in 0..<90 { histogram.observe(.microseconds(400)) }
        for _ in 0..<10 { histogram.observe(.milliseconds(4)) }
        #expect(histogram.quantile(0.5) > .microseconds(250))
        #expect(histogram.quantile(0.5) <= .microseconds(500))
        #expect(histogram.quantile(0.99) > .microseconds(2_500))
        #expect(histogram.quantile(0.99) <= .milliseconds(5))
        #expect(histogram.quantile(7) == .milliseconds(5))
    }

    @Test func `nothing observed is zero, and what is above all buckets is their end`() {
        let histogram = Histogram()
        #expect(histogram.quantile(0.5) == .zero)
        histogram.observe(.seconds(Int64.max))
        #expect(histogram.quantile(0.5) == .seconds(60))
        #expect(histogram.snapshot.sum == .seconds(3_600))
    }

    @Test func `observations of several tasks are all counted`() async {
        let histogram = Histogram()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for step in 0..<1_000 { histogram.observe(.microseconds(task * 1_000 + step)) }
                }
            }
        }
        #expect(histogram.snapshot.count == 8_000)
        #expect(histogram.snapshot.sum == .microseconds((0..<8_000).reduce(0, +)))
    }
}
