import Synchronization

/// A number that only grows; any thread may add to it.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// Creates a counter that no registry shows.
    public init() {}

    /// Adds to the count.
    ///
    /// - Parameter amount: Not negative.
    public func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

    /// The count so far.
    public var value: Int { count.load(ordering: .relaxed) }
}
