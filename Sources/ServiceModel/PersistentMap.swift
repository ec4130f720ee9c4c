/// A map whose copies share everything that did not change between them.
///
/// A hash array mapped trie: inner nodes have up to 32 places, found by five bits of the hash a level.
/// A change copies one node of each level, about log32(n) of them, and leaves the old map whole, so a
/// reader's snapshot costs nothing and never changes. Keys whose 60 hash bits agree share a leaf.
/// The order of the elements means nothing.
public struct PersistentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var root = Branch(bitmap: 0, places: [])
    /// Number of elements.
    public private(set) var count = 0

    /// An empty map.
    public init() {}

    /// True when there is no element.
    public var isEmpty: Bool { count == 0 }

    /// The value for a key; assigning nil removes it.
    ///
    /// - Complexity: O(log n) to read and to write.
    public subscript(key: Key) -> Value? {
        get { root.find(key, hash: Self.hash(of: key), shift: 0) }
        set {
            let hash = Self.hash(of: key)
            if let newValue {
                let leaf = Leaf(hash: hash, entries: [(key, newValue)])
                var added = true
                root = root.inserting(leaf, shift: 0, added: &added)
                if added { count += 1 }
            } else if let smaller = root.removing(key, hash: hash, shift: 0) {
                root = smaller
                count -= 1
            }
        }
    }

    /// The 60 bits of the hash that the levels use.
    private static func hash(of key: Key) -> UInt {
        UInt(bitPattern: key.hashValue) & (1 << hashBits - 1)
    }

    /// Calls `body` with each element, in no particular order.
    public func forEach(_ body: (Key, Value) -> Void) { root.forEach(body) }

    /// All keys, in no particular order.
    public var keys: [Key] {
        var keys: [Key] = []
        keys.reserveCapacity(count)
        forEach { key, _ in keys.append(key) }
        return keys
    }

    /// All values, in no particular order.
    public var values: [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        forEach { _, value in values.append(value) }
        return values
    }

    fileprivate enum Place: Sendable {
        case leaf(Leaf)
        case branch(Branch)
    }

    /// One element, or several whose hashes agree in all bits that are used.
    fileprivate final class Leaf: Sendable {
        let hash: UInt
        let entries: [(key: Key, value: Value)]

        init(hash: UInt, entries: [(key: Key, value: Value)]) {
            (self.hash, self.entries) = (hash, entries)
        }
    }

    /// Up to 32 places, those in use marked in the bitmap and stored without gaps.
    fileprivate final class Branch: Sendable {
        let bitmap: UInt32
        let places: [Place]

        init(bitmap: UInt32, places: [Place]) { (self.bitmap, self.places) = (bitmap, places) }
    }
}

/// Bits of the hash consumed by one level.
private let bitsPerLevel: UInt = 5
/// 12 levels x 5 bits; keys that agree in all of them share a leaf.
private let hashBits: UInt = 60

extension PersistentMap.Branch {
    private func locate(_ hash: UInt, _ shift: UInt) -> (bit: UInt32, index: Int) {
        let bit = UInt32(1) << UInt32(hash >> shift & 31)
        return (bit, (bitmap & (bit - 1)).nonzeroBitCount)
    }

    fileprivate func find(_ key: Key, hash: UInt, shift: UInt) -> Value? {
        let (bit, index) = locate(hash, shift)
        guard bitmap & bit != 0 else { return nil }
        switch places[index] {
        case .branch(let branch): return branch.find(key, hash: hash, shift: shift + bitsPerLevel)
        case .leaf(let leaf):
            guard leaf.hash == hash else { return nil }
            return leaf.entries.first { $0.key == key }?.value
        }
    }

    fileprivate func inserting(
        _ new: PersistentMap.Leaf,
        shift: UInt,
        added: inout Bool
    ) -> PersistentMap.Branch {
        let (bit, index) = locate(new.hash, shift)
        var places = places
        guard bitmap & bit != 0 else {
            places.insert(.leaf(new), at: index)
            return .init(bitmap: bitmap | bit, places: places)
        }
        switch places[index] {
        case .branch(let branch):
            places[index] = .branch(
                branch.inserting(new, shift: shift + bitsPerLevel, added: &added)
            )
        case .leaf(let old): places[index] = Self.merge(old, new, shift: shift, added: &added)
        }
        return .init(bitmap: bitmap, places: places)
    }

    /// What stands where `old` stood, once `new` is there too.
    private static func merge(
        _ old: PersistentMap.Leaf,
        _ new: PersistentMap.Leaf,
        shift: UInt,
        added: inout Bool
    ) -> PersistentMap.Place {
        if old.hash == new.hash {
            let kept = old.entries.filter { $0.key != new.entries[0].key }
            added = kept.count == old.entries.count
            return .leaf(.init(hash: new.hash, entries: kept + new.entries))
        }
        let bit = UInt32(1) << UInt32(old.hash >> (shift + bitsPerLevel) & 31)
        let branch = PersistentMap.Branch(bitmap: bit, places: [.leaf(old)])
        return .branch(branch.inserting(new, shift: shift + bitsPerLevel, added: &added))
    }

    /// The branch without the key, or nil when the key is not there.
    fileprivate func removing(_ key: Key, hash: UInt, shift: UInt) -> PersistentMap.Branch? {
        let (bit, index) = locate(hash, shift)
        guard bitmap & bit != 0 else { return nil }
        var places = places
        switch places[index] {
        case .branch(let branch):
            guard let smaller = branch.removing(key, hash: hash, shift: shift + bitsPerLevel) else {
                return nil
            }
            if smaller.places.count == 1, case .leaf(let leaf) = smaller.places[0] {
                places[index] = .leaf(leaf)
            } else {
                places[index] = .branch(smaller)
            }
        case .leaf(let leaf):
            let kept = leaf.entries.filter { $0.key != key }
            guard kept.count < leaf.entries.count else { return nil }
            guard kept.isEmpty else {
                places[index] = .leaf(.init(hash: leaf.hash, entries: kept))
                break
            }
            places.remove(at: index)
            return .init(bitmap: bitmap & ~bit, places: places)
        }
        return .init(bitmap: bitmap, places: places)
    }

    fileprivate func forEach(_ body: (Key, Value) -> Void) {
        for place in places {
            switch place {
            case .branch(let branch): branch.forEach(body)
            case .leaf(let leaf): for entry in leaf.entries { body(entry.key, entry.value) }
            }
        }
    }
}
