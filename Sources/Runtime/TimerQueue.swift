internal import ServiceModel

/// Names one timer of one loop, until it fires or is cancelled.
public struct TimerID: Hashable, Sendable {
    let slot: Int32
    let generation: UInt32
}

/// Deadlines in order, with cancellation: a binary heap over reusable slots.
///
/// Step of the data flow: between a loop's wake-up and the handlers it calls. Invariants: `heap[i]` is due
/// no later than its two children; `slots[heap[i]].position == i`; a freed slot's generation has changed,
/// so that an old identifier names nothing. Equal deadlines fire in the order in which they were set.
/// Owner: its loop's thread.
struct TimerQueue<Payload> {
    private struct Slot {
        var deadline: Instant
        var order: UInt64
        var position: Int32
        var generation: UInt32
        var payload: Payload?
    }

    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var heap: [Int32] = []
    private var ordersGiven: UInt64 = 0

    /// Timers set and neither fired nor cancelled.
    var count: Int { heap.count }
    /// The earliest deadline.
    var next: Instant? { heap.first.map { slots[Int($0)].deadline } }

    /// Adds a timer.
    ///
    /// - Complexity: O(log n).
    mutating func set(at deadline: Instant, _ payload: Payload) -> TimerID {
        ordersGiven += 1
        let index: Int32
        if let reused = free.popLast() {
            index = reused
            slots[Int(index)].deadline = deadline
            slots[Int(index)].order = ordersGiven
            slots[Int(index)].payload = payload
        } else {
            index = Int32(slots.count)
            slots.append(
                Slot(
                    deadline: deadline,
                    order: ordersGiven,
                    position: 0,
                    generation: 0,
                    payload: payload
                )
            )
        }
        heap.append(index)
        slots[Int(index)].position = Int32(heap.count - 1)
        siftUp(heap.count - 1)
        return TimerID(slot: index, generation: slots[Int(index)].generation)
    }

    /// Removes a timer and gives its payload back, or nil when it has fired or was cancelled before.
    ///
    /// - Complexity: O(log n).
    mutating func cancel(_ id: TimerID) -> Payload? {
        guard slots.indices.contains(Int(id.slot)), slots[Int(id.slot)].payload != nil,
            slots[Int(id.slot)].generation == id.generation
        else { return nil }
        return remove(at: Int(slots[Int(id.slot)].position))
    }

    /// Takes the earliest timer if it is due.
    ///
    /// - Complexity: O(log n).
    mutating func popDue(_ now: Instant) -> Payload? {
        guard let first = heap.first, slots[Int(first)].deadline <= now else { return nil }
        return remove(at: 0)
    }

    private mutating func remove(at position: Int) -> Payload? {
        let index = heap[position]
        let last = heap.count - 1
        swapPlaces(position, last)
        heap.removeLast()
        if position < last {
            siftDown(position)
            siftUp(position)
        }
        let payload = slots[Int(index)].payload
        slots[Int(index)].payload = nil
        slots[Int(index)].generation &+= 1
        free.append(index)
        return payload
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (slots[Int(heap[left])], slots[Int(heap[right])])
        return (first.deadline, first.order) < (second.deadline, second.order)
    }

    private mutating func swapPlaces(_ left: Int, _ right: Int) {
        guard left != right else { return }
        heap.swapAt(left, right)
        slots[Int(heap[left])].position = Int32(left)
        slots[Int(heap[right])].position = Int32(right)
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        while position > 0, isEarlier(position, (position - 1) / 2) {
            swapPlaces(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        while true {
            let left = 2 * position + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && isEarlier(right, left) ? right : left
            guard isEarlier(child, position) else { return }
            swapPlaces(position, child)
            position = child
        }
    }
}
