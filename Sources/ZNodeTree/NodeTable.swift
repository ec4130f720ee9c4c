/// All nodes by their paths.
///
/// A path is in the node and nowhere else; the table has 4 bytes of its hash, so that it grows and gives up
/// places without looking at a node. It is made of shards that grow by themselves: the longest stall is one
/// shard's growth, 40 microseconds with a million nodes. Within a shard a node stands at its home, which
/// its hash says, or behind it with no gap between.
struct NodeTable {
    private struct Slot {
        var node: ZNode?
        /// Half of the hash, and 0 for a free slot.
        ///
        /// What stands in the way is passed by without a look at its node, far away in memory.
        var tag: UInt32 = 0
    }

    private var shards = [[Slot]](repeating: [], count: Self.shardCount)
    /// Slots of each shard, side by side: the first look is at a slot and not at the shard's head before it.
    private var slotCounts = [Int](repeating: 0, count: Self.shardCount)
    /// Nodes in each shard.
    private var counts = [Int](repeating: 0, count: Self.shardCount)
    private(set) var count = 0

    /// A power of two: 4,000 nodes each when there are a million.
    private static let shardCount = 1 << 8
    private static let slotsMin = 4

    /// The node at the path that is the first `length` bytes of this one; `hash` is theirs.
    ///
    /// HOT: 60 ns and no allocation for a path of 200 bytes that the processor has at hand.
    func find(_ path: String, length: Int, hash: Int) -> ZNode? {
        let shard = Self.shard(of: hash)
        let slotCount = slotCounts[shard]
        guard slotCount > 0 else { return nil }
        let tag = Self.tag(of: hash)
        var index = Self.home(tag, slotCount)
        while shards[shard][index].tag != 0 {
            if shards[shard][index].tag == tag, let node = shards[shard][index].node,
                node.hash == hash, PathHash.isSame(node.path, path, length: length)
            {
                return node
            }
            index = index + 1 < slotCount ? index + 1 : 0
        }
        return nil
    }

    func find(_ path: String) -> ZNode? {
        var hash = PathHash()
        let length = path.utf8.count
        return find(path, length: length, hash: hash.advance(to: length, of: path))
    }

    /// Adds a node whose path is not in.
    mutating func insert(_ node: ZNode) {
        let shard = Self.shard(of: node.hash)
        let slotCount = slotCounts[shard]
        // At most four in five are taken, so that there is a free one not far from each home.
        if (counts[shard] + 1) * 5 > slotCount * 4 {
            resize(shard, to: max(Self.slotsMin, slotCount * 3 / 2))
        }
        counts[shard] += 1
        count += 1
        Self.place(Slot(node: node, tag: Self.tag(of: node.hash)), in: &shards[shard])
    }

    /// Makes room for so many nodes in all, so that no shard need grow on the way there.
    ///
    /// Shards are a little unequal: one in a thousand grows all the same.
    mutating func reserve(_ nodeCount: Int) {
        let share = nodeCount / Self.shardCount
        guard share > Self.slotsMin else { return }
        let slotCount = share * 5 / 4 + 4 * Int(Double(share).squareRoot())
        for shard in shards.indices where shards[shard].count < slotCount {
            resize(shard, to: slotCount)
        }
    }

    /// Takes out a node that is in.
    mutating func remove(_ node: ZNode) {
        let shard = Self.shard(of: node.hash)
        guard Self.take(node, out: &shards[shard]) else { return }
        counts[shard] -= 1
        count -= 1
        let slotCount = shards[shard].count
        if slotCount > Self.slotsMin, counts[shard] * 4 < slotCount {
            resize(shard, to: max(Self.slotsMin, counts[shard] * 2))
        }
    }

    /// Calls with every node, in no order.
    func forEachNode(_ body: (ZNode) -> Void) {
        for slots in shards where !slots.isEmpty {
            for slot in slots { if let node = slot.node { body(node) } }
        }
    }

    private mutating func resize(_ shard: Int, to slotCount: Int) {
        var new = [Slot](repeating: Slot(), count: slotCount)
        var old: [Slot] = []
        swap(&old, &shards[shard])
        // Moved out one by one: a copy would count references in each node, far away in memory.
        var slots = old.mutableSpan
        for index in slots.indices where slots[index].tag != 0 {
            var slot = Slot()
            swap(&slot, &slots[index])
            Self.place(slot, in: &new)
        }
        shards[shard] = new
        slotCounts[shard] = slotCount
    }

    private static func shard(of hash: Int) -> Int { hash & (shardCount - 1) }

    private static func tag(of hash: Int) -> UInt32 {
        max(1, UInt32(truncatingIfNeeded: UInt(bitPattern: hash) >> 32))
    }

    /// Where a node stands if nobody is in the way: the tag as a fraction of the slots.
    private static func home(_ tag: UInt32, _ slotCount: Int) -> Int {
        Int(truncatingIfNeeded: (UInt64(tag) &* UInt64(slotCount)) >> 32)
    }

    private static func place(_ slot: consuming Slot, in array: inout [Slot]) {
        var slots = array.mutableSpan
        var index = home(slot.tag, slots.count)
        while slots[index].tag != 0 { index = index + 1 < slots.count ? index + 1 : 0 }
        slots[index] = slot
    }

    /// False when the node is not in.
    private static func take(_ node: ZNode, out array: inout [Slot]) -> Bool {
        guard !array.isEmpty else { return false }
        // Through a span, as an array would be copied here.
        var slots = array.mutableSpan
        let count = slots.count
        let tag = tag(of: node.hash)
        var gap = home(tag, count)
        while slots[gap].tag != tag || slots[gap].node !== node {
            guard slots[gap].tag != 0 else { return false }
            gap = gap + 1 < count ? gap + 1 : 0
        }
        // Whoever stands behind the gap and may stand there moves up, and leaves a gap.
        var next = gap
        while true {
            next = next + 1 < count ? next + 1 : 0
            guard slots[next].tag != 0 else { break }
            let home = home(slots[next].tag, count)
            let distance = next - home + (next < home ? count : 0)
            let toGap = next - gap + (next < gap ? count : 0)
            guard distance >= toGap else { continue }
            slots.swapAt(gap, next)
            gap = next
        }
        slots[gap] = Slot()
        return true
    }

    #if DEBUG
    /// How many slots behind their homes nodes stand, on the average.
    var strayed: Double {
        var sum = 0
        for slots in shards {
            for (index, slot) in slots.enumerated() where slot.tag != 0 {
                let distance = index - Self.home(slot.tag, slots.count)
                sum += distance < 0 ? distance + slots.count : distance
            }
        }
        return Double(sum) / Double(max(1, count))
    }

    /// Traps unless every node is found, and everything is counted.
    func checkInvariants() {
        var found = 0
        for (shard, slots) in shards.enumerated() where !slots.isEmpty {
            let nodes = slots.compactMap(\.node)
            precondition(slots.count == slotCounts[shard], "shard \(shard): \(slots.count) slots")
            precondition(nodes.count == counts[shard], "shard \(shard): \(nodes.count) nodes")
            precondition(slots.isEmpty || nodes.count < slots.count, "shard \(shard) is full")
            for node in nodes {
                precondition(find(node.path) === node, "\(node.path) is not found")
            }
            found += nodes.count
        }
        precondition(found == count, "\(found) nodes, counted \(count)")
    }
    #endif
}
