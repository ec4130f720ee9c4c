/// One question about speed, and how to answer it by measuring.
struct Benchmark: Sendable {
    /// The word on the command line.
    let name: String
    /// What is measured, one clause.
    let summary: String
    /// Measures; the figures are in the order in which they are shown.
    let run: @Sendable () async throws -> [Figure]
}

/// One measured value, with the bar that it should stay below where there is one.
struct Figure: Sendable {
    /// What was measured.
    let what: String
    /// The value, as a number of `unit`.
    let value: Double
    /// Unit of value and bar.
    let unit: String
    /// The value has to be less than this; nil when nothing was promised.
    let bar: Double?
    /// The value has to be at least this; nil when nothing was promised.
    let least: Double?

    /// Creates a figure.
    init(
        _ what: String,
        _ value: Double,
        _ unit: String,
        bar: Double? = nil,
        least: Double? = nil
    ) {
        (self.what, self.value, self.unit) = (what, value, unit)
        (self.bar, self.least) = (bar, least)
    }

    /// `met`, `MISSED`, or nothing.
    var verdict: String {
        if let bar { return value < bar ? "met" : "MISSED" }
        if let least { return value >= least ? "met" : "MISSED" }
        return ""
    }
}

/// Why a benchmark has no figures.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
