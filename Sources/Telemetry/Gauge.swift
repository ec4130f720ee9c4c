import Synchronization

/// A number that goes up and down; any thread may set it, the last one wins.
public final class Gauge: Sendable {
    private let current = Atomic<Int>(0)

    /// Creates a gauge at 0 that no registry shows.
    public init() {}

    /// Sets the value.
    public func set(_ value: Int) { current.store(value, ordering: .relaxed) }

    /// Adds to the value; a negative amount takes away.
    public func add(_ amount: Int) { current.wrappingAdd(amount, ordering: .relaxed) }

    /// The value now.
    public var value: Int { current.load(ordering: .relaxed) }
}
