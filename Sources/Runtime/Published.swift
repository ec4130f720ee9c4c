public import Synchronization

/// One writer's newest value, for many readers that rarely find it changed.
///
/// Step of the data flow: between an owner of state and everyone who only looks. A reader holds its own
/// strong reference and compares one number: no lock is taken while nothing was published. Invariant: a
/// value is in place before the number that announces it, so a refresh never goes back. A reader that
/// never refreshes keeps one old value alive, no more.
public final class Published<Value: Sendable>: Sendable {
    @usableFromInline let current: Mutex<Value>
    @usableFromInline let generation = Atomic<Int>(0)

    /// Starts with a value.
    public init(_ value: Value) { current = Mutex(value) }

    /// Replaces the value; readers see it at their next refresh.
    public func publish(_ value: Value) {
        // The old value's last reference may be dropped here: outside the lock.
        let old = current.withLock { current in
            let old = current
            current = value
            return old
        }
        generation.wrappingAdd(1, ordering: .releasing)
        _ = consume old
    }

    /// The newest value; takes the lock, so a reader in a loop wants a `Reader`.
    public func snapshot() -> Value { current.withLock { $0 } }

    /// How often a value was published.
    public var generationNumber: Int { generation.load(ordering: .acquiring) }

    /// A reader that has the newest value at hand.
    public func reader() -> Reader { Reader(self) }

    /// One reader's own reference to the value it saw last.
    ///
    /// HOT: `refresh` costs about 1 ns and no allocation while nothing was published.
    public struct Reader: ~Copyable {
        @usableFromInline let source: Published<Value>
        @usableFromInline var generation: Int
        /// The value as of the last refresh.
        public private(set) var value: Value

        /// Starts with the newest value.
        public init(_ source: Published<Value>) {
            self.source = source
            generation = source.generation.load(ordering: .acquiring)
            value = source.snapshot()
        }

        /// Takes the newest value if there is one.
        ///
        /// - Returns: True when something was published since the last call.
        @inlinable
        @discardableResult
        public mutating func refresh() -> Bool {
            let newest = source.generation.load(ordering: .acquiring)
            guard newest != generation else { return false }
            take(newest)
            return true
        }

        @usableFromInline
        mutating func take(_ newest: Int) {
            value = source.snapshot()
            generation = newest
        }
    }
}
