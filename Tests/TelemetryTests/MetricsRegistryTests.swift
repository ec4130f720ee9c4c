import Telemetry
import Testing

@Suite struct MetricsRegistryTests {
    @Test func `the same name and labels are the same instrument`() {
        let registry = MetricsRegistry()
        registry.counter("a_total", help: "A").add(2)
        registry.counter("a_total", help: "ignored").add(3)
        registry.counter("a_total", help: "A", labels: [("kind", "x")]).add(7)
        #expect(registry.counter("a_total", help: "A").value == 5)
        #expect(registry.counter("a_total", help: "A", labels: [("kind", "x")]).value == 7)
        let gauge = registry.gauge("b", help: "B")
        gauge.set(4)
        gauge.add(-6)
        #expect(registry.gauge("b", help: "B").value == -2)
    }

    @Test func `the text has help, type and one line for each series, by name`() {
        let registry = MetricsRegistry()
        registry.gauge("z_count", help: "Last.").set(-3)
        registry.counter("a_total", help: "With \\ and\nline end.", labels: [("k", "q\"\\\n")])
            .add()
        registry.onRender {
            [
                Sample(.counter, "m_total", help: "Sum.", labels: [("w", "0")], value: 41),
                Sample(.counter, "m_total", help: "Sum.", labels: [("w", "1")], value: 0.5),
            ]
        }
        #expect(
            registry.prometheusText() == """
                # HELP a_total With \\\\ and\\nline end.
                # TYPE a_total counter
                a_total{k="q\\"\\\\\\n"} 1
                # HELP m_total Sum.
                # TYPE m_total counter
                m_total{w="0"} 41
                m_total{w="1"} 0.5
                # HELP z_count Last.
                # TYPE z_count gauge
                z_count -3

                """
        )
    }

    @Test func `a histogram shows cumulative buckets, sum and count`() throws {
        let registry = MetricsRegistry()
        let histogram = registry.histogram("t_seconds", help: "T.", labels: [("s", "x")])
        histogram.observe(.milliseconds(1))
        histogram.observe(.milliseconds(2))
        histogram.observe(.seconds(100))
        let lines = registry.prometheusText().split(separator: "\n")
        #expect(lines.contains("# TYPE t_seconds histogram"))
        #expect(lines.contains("t_seconds_bucket{s=\"x\",le=\"1e-05\"} 0"))
        #expect(lines.contains("t_seconds_bucket{s=\"x\",le=\"0.001\"} 1"))
        #expect(lines.contains("t_seconds_bucket{s=\"x\",le=\"0.0025\"} 2"))
        #expect(lines.contains("t_seconds_bucket{s=\"x\",le=\"60\"} 2"))
        #expect(lines.contains("t_seconds_bucket{s=\"x\",le=\"+Inf\"} 3"))
        #expect(lines.contains("t_seconds_sum{s=\"x\"} 100.003"))
        #expect(lines.contains("t_seconds_count{s=\"x\"} 3"))
    }

    @Test func `a series over the bound counts and is not shown`() {
        let registry = MetricsRegistry()
        for index in 0..<4_400 { _ = registry.gauge("g\(index)", help: "") }
        let extra = registry.counter("over_total", help: "")
        extra.add()
        #expect(extra.value == 1)
        #expect(!registry.prometheusText().contains("over_total"))
        _ = registry.gauge("g1", help: "")
    }
}
