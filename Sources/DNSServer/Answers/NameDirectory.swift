import DNSProtocol
import Synchronization

/// The writer's side of all names: their states, and the slots through which readers find them.
///
/// Every name above a known one is known too, so that existence can be counted upwards. When 3/8 of
/// the slots are used a second array is filled, some slots with each new name, and swapped in; names
/// that do not exist any more are left behind in it.
struct NameDirectory: ~Copyable {
    let table: AnswerTable
    var states: [NameState] = []
    /// Names that exist.
    var existing = 0
    private var free: [Int] = []
    /// Slots in use in the array that readers see, names without existence included.
    private var used = 0
    private var growth: Growth?
    private var scratch = FoldedName()

    /// A second array being filled.
    private struct Growth {
        let array: SlotArray
        /// Slots of the old array that were looked at.
        var moved = 0
        /// Slots in use in the new array.
        var used = 0
        /// States that were left behind because they did not exist then.
        var skipped: [Int] = []
    }

    init(table: AnswerTable) { self.table = table }

    /// The state of a known name.
    mutating func find(_ name: DNSName) -> Int? {
        scratch.fold(name.wire)
        return find(from: 0)
    }

    private func find(from start: Int) -> Int? {
        let hash = scratch.hash(from: start, seed: table.seed)
        // SAFETY: the scratch holds `count` bytes and zeros behind them.
        let entry = unsafe table.slots.find(
            hash,
            scratch.base + start,
            count: scratch.count - start
        )
        return entry?.state
    }

    /// The state of a name, made with all names above it if it is new.
    mutating func findOrInsert(_ name: DNSName, retired: inout RetiredBlocks) -> Int {
        if let known = find(name) { return known }
        // Growing may forget dead names, so it comes before the names above are looked for.
        for _ in 0..<pathToKnown().starts.count { grow(retired: &retired) }
        scratch.fold(name.wire)
        var (starts, parent) = pathToKnown()
        while let start = starts.popLast() {
            scratch.fold(Array(name.wire[start...]))
            parent = insert(parent: parent)
        }
        guard let index = parent else { fatalError("no state was made for \(name)") }
        return index
    }

    /// Where the unknown names at and above the one in the scratch start, and the first known one.
    private func pathToKnown() -> (starts: [Int], known: Int?) {
        var starts: [Int] = []
        var start = 0
        while true {
            if let known = find(from: start) { return (starts, known) }
            starts.append(start)
            if scratch.byte(start) == 0 { return (starts, nil) }
            start += 1 + Int(scratch.byte(start))
        }
    }

    /// Makes the state of the name in the scratch.
    private mutating func insert(parent: Int?) -> Int {
        let index = free.popLast() ?? states.count
        let entry = NameEntry.make(key: scratch, state: index)
        var zone: UInt = 0
        if let parent {
            states[parent].childrenKnown += 1
            zone = states[parent].zone
        }
        unsafe entry.zoneWord.pointee.store(zone, ordering: .relaxed)
        let depth = parent.map { states[$0].depth + 1 } ?? 0
        let state = NameState(entry: entry, parent: parent, depth: depth)
        if index == states.count { states.append(state) } else { states[index] = state }
        let hash = scratch.hash(from: 0, seed: table.seed)
        table.slots.insert(hash, entry)
        used += 1
        growth?.array.insert(hash, entry)
        growth?.used += 1
        return index
    }

    /// Lets all names at and below `origin` point to a zone, except those of a zone further down.
    ///
    /// - Parameters:
    ///   - zone: The zone's cell; nil for that of the name above `origin`.
    ///   - origin: The zone's name, which is known.
    /// - Complexity: O(1) when no name below is known, else O(names).
    mutating func assign(zone: UInt?, below origin: DNSName) {
        guard let top = find(origin) else { return }
        let old = states[top].zone
        let new = zone ?? states[top].parent.map { states[$0].zone } ?? 0
        states[top].setZone(new)
        guard states[top].childrenKnown > 0 else { return }
        for index in states.indices where !states[index].isFree && states[index].zone == old {
            var above = index
            while above != top, let parent = states[above].parent { above = parent }
            if above == top { states[index].setZone(new) }
        }
    }

    /// Everything that the names have in the table, the names themselves included.
    func remainingBlocks() -> [UInt] {
        var blocks: [UInt] = []
        for index in states.indices where !states[index].isFree { blocks += states[index].blocks }
        if let growth { unsafe blocks.append(growth.array.base.address) }
        return blocks
    }
}

// MARK: Growth

extension NameDirectory {
    private mutating func grow(retired: inout RetiredBlocks) {
        if growth == nil {
            let capacity = table.slots.capacity
            guard used > capacity / 8 * 3 else { return }
            // With fewer names alive, an array of the same size gets rid of the dead ones.
            growth = Growth(
                array: .make(capacity: existing > capacity / 4 ? 2 * capacity : capacity)
            )
        }
        guard var step = growth else { return }
        let end = min(step.moved + Limits.slotsMovedPerName, table.slots.capacity)
        for slot in step.moved..<end {
            guard let (hash, entry) = table.slots.slot(at: slot) else { continue }
            // A name made since the growth began stands in the new array already, alive or dead.
            if states[entry.state].isDead, !step.array.holds(hash, entry) {
                step.skipped.append(entry.state)
            } else if step.array.insert(hash, entry) {
                step.used += 1
            }
        }
        step.moved = end
        growth = step
        if end == table.slots.capacity { finishGrowth(step, retired: &retired) }
    }

    private mutating func finishGrowth(_ step: Growth, retired: inout RetiredBlocks) {
        var used = step.used
        var dead: [Int] = []
        for index in step.skipped {
            if states[index].isDead {
                dead.append(index)
            } else {
                let entry = states[index].entry
                unsafe scratch.fold(entry.key, count: entry.keyBytes)
                let hash = scratch.hash(from: 0, seed: table.seed)
                if step.array.insert(hash, states[index].entry) { used += 1 }
            }
        }
        let old = table.replaceSlots(by: step.array)
        unsafe retired.retire(old.base.address)
        for index in dead {
            if let parent = states[index].parent { states[parent].childrenKnown -= 1 }
            unsafe retired.retire(states[index].entry.base.address)
            states[index].isFree = true
            free.append(index)
        }
        self.used = used
        growth = nil
    }
}
