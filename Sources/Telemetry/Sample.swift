/// One number that is computed when the metrics are read, such as the sum of all workers' counters.
public struct Sample: Sendable {
    /// How the number behaves.
    public enum Kind: String, Sendable {
        /// It only grows.
        case counter
        /// It goes up and down.
        case gauge
        /// It is one of a histogram's numbers.
        case histogram
    }

    /// The metric's name: letters, digits, `_` and `:`, no digit first.
    public let name: String
    /// What it counts, a sentence for people.
    public let help: String
    /// How the number behaves.
    public let kind: Kind
    /// Names and values that tell it from others of the name.
    public let labels: [(String, String)]
    /// The number.
    public let value: Double

    /// Creates a sample of a counter or a gauge.
    public init(
        _ kind: Kind,
        _ name: String,
        help: String,
        labels: [(String, String)] = [],
        value: Double
    ) {
        (self.kind, self.name, self.help) = (kind, name, help)
        (self.labels, self.value) = (labels, value)
    }
}
