/// A queue with a fixed capacity; elements leave at the front or right behind it.
///
/// A ring that grows by doubling up to its capacity, so an idle queue costs nothing.
struct BoundedDeque<Element> {
    private var ring: [Element?] = []
    private var start = 0
    /// Number of elements.
    private(set) var count = 0
    private let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 1, "a queue of \(capacity)")
        self.capacity = capacity
    }

    var isFull: Bool { count == capacity }

    var first: Element? { count == 0 ? nil : ring[start] }

    mutating func append(_ element: Element) {
        precondition(!isFull, "appended to a full queue of \(capacity)")
        if count == ring.count { grow() }
        ring[place(count)] = element
        count += 1
    }

    /// Takes out the element at an index.
    ///
    /// - Complexity: O(index).
    mutating func remove(at index: Int) -> Element? {
        guard index < count else { return nil }
        let removed = ring[place(index)]
        for position in stride(from: index, to: 0, by: -1) {
            ring[place(position)] = ring[place(position - 1)]
        }
        ring[start] = nil
        start = place(1)
        count -= 1
        return removed
    }

    private func place(_ index: Int) -> Int { (start + index) % ring.count }

    private mutating func grow() {
        let size = min(capacity, max(8, ring.count * 2))
        let held = (0..<count).map { ring[place($0)] }
        ring = held + Array(repeating: nil, count: size - count)
        start = 0
    }
}
