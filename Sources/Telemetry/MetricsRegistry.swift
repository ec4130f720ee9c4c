import Synchronization

/// All counters, gauges and histograms of a process, by name and labels.
///
/// Asking twice for one name with the same labels gives the same instrument. Any thread may ask; parts
/// keep what they were given and never look it up again. At `Limits.seriesMax` series a new one still
/// counts, is not shown, and the log says so once.
public final class MetricsRegistry: Sendable {
    private let state = Mutex(State())
    private let log = Log("metrics")

    private struct State {
        var families: [String: Family] = [:]
        var collectors: [@Sendable () -> [Sample]] = []
        var seriesCount = 0
        var isFullSaid = false
    }

    struct Family: Sendable {
        let help: String
        let kind: Sample.Kind
        var series: [(labels: [(String, String)], instrument: Instrument)] = []
    }

    enum Instrument: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case value(Double)
    }

    /// Creates an empty registry.
    public init() {}

    /// The counter of that name and those labels, made at the first call.
    ///
    /// - Parameters:
    ///   - name: Ends in `_total` by custom.
    ///   - help: A sentence for people; the first caller's is shown.
    ///   - labels: Names and values that tell it from others of the name, in a fixed order.
    /// - Returns: The one instrument of that name and those labels.
    public func counter(
        _ name: String,
        help: String,
        labels: [(String, String)] = []
    ) -> Counter {
        let found = instrument(name, help, .counter, labels) { .counter(Counter()) }
        guard case .counter(let counter) = found else { fatalError("\(name) is no counter") }
        return counter
    }

    /// The gauge of that name and those labels, made at the first call.
    ///
    /// - Parameters:
    ///   - name: Ends in its unit by custom.
    ///   - help: A sentence for people; the first caller's is shown.
    ///   - labels: Names and values that tell it from others of the name, in a fixed order.
    /// - Returns: The one instrument of that name and those labels.
    public func gauge(_ name: String, help: String, labels: [(String, String)] = []) -> Gauge {
        let found = instrument(name, help, .gauge, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = found else { fatalError("\(name) is no gauge") }
        return gauge
    }

    /// The histogram of that name and those labels, made at the first call.
    ///
    /// - Parameters:
    ///   - name: Ends in `_seconds` by custom.
    ///   - help: A sentence for people; the first caller's is shown.
    ///   - labels: Names and values that tell it from others of the name, in a fixed order.
    /// - Returns: The one instrument of that name and those labels.
    public func histogram(
        _ name: String,
        help: String,
        labels: [(String, String)] = []
    ) -> Histogram {
        let found = instrument(name, help, .histogram, labels) { .histogram(Histogram()) }
        guard case .histogram(let histogram) = found else { fatalError("\(name) is no histogram") }
        return histogram
    }

    /// Adds a source of numbers that is asked at each reading, on the reader's thread.
    public func onRender(_ collect: @escaping @Sendable () -> [Sample]) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// Everything as Prometheus text, format 0.0.4, ordered by name.
    public func prometheusText() -> String {
        let (stored, collectors) = state.withLock { ($0.families, $0.collectors) }
        var families = stored
        for sample in collectors.flatMap({ $0() }) {
            let fresh = Family(help: sample.help, kind: sample.kind)
            families[sample.name, default: fresh].series
                .append((sample.labels, .value(sample.value)))
        }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.append(family, name: name)
        }
        return text.text
    }

    private func instrument(
        _ name: String,
        _ help: String,
        _ kind: Sample.Kind,
        _ labels: [(String, String)],
        make: () -> Instrument
    ) -> Instrument {
        precondition(PrometheusText.isName(name), "\(name) is no metric name")
        return state.withLock { state in
            var family = state.families[name] ?? Family(help: help, kind: kind)
            precondition(family.kind == kind, "\(name) is a \(family.kind) and a \(kind)")
            let known = family.series.first { $0.labels.elementsEqual(labels, by: ==) }
            if let known { return known.instrument }
            let made = make()
            guard state.seriesCount < Limits.seriesMax else {
                if !state.isFullSaid { log.warning("more than \(Limits.seriesMax) time series") }
                state.isFullSaid = true
                return made
            }
            state.seriesCount += 1
            family.series.append((labels, made))
            state.families[name] = family
            return made
        }
    }
}
