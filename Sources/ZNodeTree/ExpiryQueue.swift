import ServiceModel

/// When which session has to be looked at: a binary heap with one valid entry a session.
///
/// Hearing of a session only moves its `deadline`; its entry stays where it is and is pushed back when it comes
/// up, so a heartbeat costs one store. An entry whose moment is not the session's `scheduledAt` is
/// stale and is dropped when it comes up (after a shorter timeout was negotiated, or the session ended).
struct ExpiryQueue {
    private struct Entry {
        var at: Instant
        var session: Session
    }
    private var heap: [Entry] = []

    /// A moment not later than the earliest deadline; nil when there is no session.
    var next: Instant? { heap.first?.at }

    mutating func add(_ session: Session) {
        session.scheduledAt = session.deadline
        push(Entry(at: session.deadline, session: session))
    }

    /// The deadline moved, in whichever direction.
    mutating func moved(_ session: Session) {
        if session.deadline < session.scheduledAt { add(session) }
    }

    /// The next session whose deadline has come; it leaves the queue.
    ///
    /// - Complexity: O(log n) for each entry that came up.
    mutating func popDue(_ now: Instant) -> Session? {
        while let first = heap.first, first.at <= now {
            let session = first.session
            popFirst()
            guard first.at == session.scheduledAt, !session.isOver else { continue }
            guard session.deadline > now else { return session }
            add(session)
        }
        return nil
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0, heap[index].at < heap[(index - 1) / 2].at {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func popFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].at < heap[child].at { child += 1 }
            guard heap[child].at < heap[index].at else { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
