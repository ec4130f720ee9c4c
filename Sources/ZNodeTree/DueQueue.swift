/// Something that waits in a `DueQueue`, at most once.
protocol Queued: AnyObject {
    /// Its place in the queue, which the queue keeps; below 0 while it is in none.
    var queueIndex: Int { get set }
}

/// What is due when, the earliest first: a binary heap whose members know their places.
///
/// So a member is moved or taken out where it stands, and nothing stale is ever left behind. Invariants: no
/// entry is due before its parent, and `entries[i].member.queueIndex == i`.
struct DueQueue<Moment: Comparable, Member: Queued> {
    private var entries: [(due: Moment, member: Member)] = []

    /// The earliest moment; nil when nothing waits.
    var next: Moment? { entries.first?.due }
    var first: Member? { entries.first?.member }
    var count: Int { entries.count }

    /// When a member is due; nil when it is not in.
    func due(_ member: Member) -> Moment? {
        member.queueIndex < 0 ? nil : entries[member.queueIndex].due
    }

    /// Puts a member in, or moves it to another moment.
    ///
    /// - Complexity: O(log n).
    mutating func set(_ member: Member, due: Moment) {
        if member.queueIndex < 0 {
            member.queueIndex = entries.count
            entries.append((due, member))
            rise(entries.count - 1)
        } else {
            let index = member.queueIndex
            let isEarlier = due < entries[index].due
            entries[index].due = due
            if isEarlier { rise(index) } else { sink(index) }
        }
    }

    /// Takes a member out; nothing happens when it is not in.
    ///
    /// - Complexity: O(log n).
    mutating func remove(_ member: Member) {
        let index = member.queueIndex
        guard index >= 0 else { return }
        member.queueIndex = -1
        let last = entries.removeLast()
        guard index < entries.count else { return }
        entries[index] = last
        last.member.queueIndex = index
        rise(index)
        sink(last.member.queueIndex)
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0, entries[index].due < entries[(index - 1) / 2].due {
            swap(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < entries.count else { return }
            if child + 1 < entries.count, entries[child + 1].due < entries[child].due { child += 1 }
            guard entries[child].due < entries[index].due else { return }
            swap(index, child)
            index = child
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        entries.swapAt(left, right)
        entries[left].member.queueIndex = left
        entries[right].member.queueIndex = right
    }

    #if DEBUG
    /// Traps unless the order and the places are right.
    func checkInvariants() {
        for (index, entry) in entries.enumerated() {
            precondition(entry.member.queueIndex == index, "entry \(index) is misplaced")
            precondition(index == 0 || entries[(index - 1) / 2].due <= entry.due, "out of order")
        }
    }
    #endif
}
