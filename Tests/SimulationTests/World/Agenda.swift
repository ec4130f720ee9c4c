import ServiceModel

/// What will happen when: the simulation's only clock.
///
/// Ties go in the order in which they were planned.
struct Agenda<Happening> {
    private struct Entry {
        let at: Instant
        let number: UInt64
        let happening: Happening

        func isBefore(_ other: Entry) -> Bool {
            at == other.at ? number < other.number : at < other.at
        }
    }
    private var heap: [Entry] = []
    private var planned: UInt64 = 0

    mutating func add(_ happening: Happening, at moment: Instant) {
        heap.append(Entry(at: moment, number: planned, happening: happening))
        planned += 1
        var index = heap.count - 1
        while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func next() -> (at: Instant, happening: Happening)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.happening)
    }

    private mutating func sink() {
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(heap[index]) else { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
