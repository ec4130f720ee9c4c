/// A map whose copies share everything that did not change between them.
///
/// A hash array mapped trie: inner nodes have up to 32 places, found by five bits of the hash a level.
/// A change copies one node of each level, about log32(n) of them, and leaves the old map whole, so a
/// reader's snapshot costs nothing and never changes. Keys whose 60 hash bits agree share a leaf.
/// The order of the elements means nothing.
///
/// HOT: part of the 100 us of a change (benchmarks `change-many-services`, `change-large-service`).
/// Inlinable, because one whose types were unknown to it took 6 us more of each change.
public struct PersistentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline var root = Branch(bitmap: 0, places: [])
    @usableFromInline var size = 0

    /// An empty map.
    @inlinable
    public init() {}

    /// A map of many elements at once, each node made only once.
    ///
    /// - Parameter elements: No key twice.
    /// - Complexity: O(n).
    @inlinable
    public init(unique elements: some Collection<(Key, Value)>) {
        let leaves = elements.map { Leaf(hash: Self.hash(of: $0.0), key: $0.0, value: $0.1) }
        root = Branch.of(leaves, shift: 0)
        size = leaves.count
    }

    /// Number of elements.
    @inlinable public var count: Int { size }

    /// True when there is no element.
    @inlinable public var isEmpty: Bool { size == 0 }

    /// The value for a key; assigning nil removes it.
    ///
    /// - Complexity: O(log n) to read and to write.
    @inlinable
    public subscript(key: Key) -> Value? {
        get { root.find(key, hash: Self.hash(of: key)) }
        set {
            let hash = Self.hash(of: key)
            if let newValue {
                var added = true
                let leaf = Leaf(hash: hash, key: key, value: newValue)
                root = root.inserting(leaf, shift: 0, added: &added)
                if added { size += 1 }
            } else if let smaller = root.removing(key, hash: hash, shift: 0) {
                root = smaller
                size -= 1
            }
        }
    }

    /// The bits of the hash that the levels use.
    @inlinable
    static func hash(of key: Key) -> UInt {
        UInt(bitPattern: key.hashValue) & (1 << TrieShape.hashBits - 1)
    }

    /// Calls `body` with each element, in no particular order.
    @inlinable
    public func forEach(_ body: (Key, Value) -> Void) { root.forEach(body) }

    /// All keys, in no particular order.
    @inlinable public var keys: [Key] {
        var keys: [Key] = []
        keys.reserveCapacity(size)
        forEach { key, _ in keys.append(key) }
        return keys
    }

    /// All values, in no particular order.
    @inlinable public var values: [Value] {
        var values: [Value] = []
        values.reserveCapacity(size)
        forEach { _, value in values.append(value) }
        return values
    }

    @usableFromInline enum Place: Sendable {
        case leaf(Leaf)
        case branch(Branch)
    }

    /// One element, or the first of several whose hashes agree in all bits that are used.
    @usableFromInline final class Leaf: Sendable {
        @usableFromInline let hash: UInt
        @usableFromInline let key: Key
        @usableFromInline let value: Value
        /// Another element with the same hash.
        @usableFromInline let next: Leaf?

        @inlinable
        init(hash: UInt, key: Key, value: Value, next: Leaf? = nil) {
            (self.hash, self.key, self.value, self.next) = (hash, key, value, next)
        }
    }

    /// Up to 32 places, those in use marked in the bitmap and stored without gaps.
    @usableFromInline final class Branch: Sendable {
        @usableFromInline let bitmap: UInt32
        @usableFromInline let places: [Place]

        @inlinable
        init(bitmap: UInt32, places: [Place]) { (self.bitmap, self.places) = (bitmap, places) }
    }
}

/// How the trie uses a hash.
@usableFromInline enum TrieShape {
    /// Bits of the hash consumed by one level.
    @usableFromInline static let bitsPerLevel: UInt = 5
    /// 12 levels x 5 bits; keys that agree in all of them share a leaf.
    @usableFromInline static let hashBits: UInt = 60
}

extension PersistentMap.Leaf {
    @inlinable
    func find(_ wanted: Key) -> Value? {
        if key == wanted { return value }
        var rest = next
        while let leaf = rest {
            if leaf.key == wanted { return leaf.value }
            rest = leaf.next
        }
        return nil
    }

    /// The elements but the one with the key; nil when none are left.
    @inlinable
    func removing(_ unwanted: Key) -> PersistentMap.Leaf? {
        if key == unwanted { return next }
        guard let next else { return self }
        return PersistentMap.Leaf(
            hash: hash,
            key: key,
            value: value,
            next: next.removing(unwanted)
        )
    }

    @inlinable
    func forEach(_ body: (Key, Value) -> Void) {
        body(key, value)
        next?.forEach(body)
    }
}

extension PersistentMap.Branch {
    @inlinable
    func locate(_ hash: UInt, _ shift: UInt) -> (bit: UInt32, index: Int) {
        let bit = UInt32(1) << UInt32(hash >> shift & 31)
        return (bit, (bitmap & (bit - 1)).nonzeroBitCount)
    }

    @inlinable
    func find(_ key: Key, hash: UInt) -> Value? {
        var branch = self
        var shift: UInt = 0
        while true {
            let (bit, index) = branch.locate(hash, shift)
            guard branch.bitmap & bit != 0 else { return nil }
            switch branch.places[index] {
            case .branch(let deeper): branch = deeper
            case .leaf(let leaf): return leaf.hash == hash ? leaf.find(key) : nil
            }
            shift += TrieShape.bitsPerLevel
        }
    }

    /// A branch with these elements, whose hashes agree in the bits below `shift`.
    @inlinable
    static func of(_ leaves: [PersistentMap.Leaf], shift: UInt) -> PersistentMap.Branch {
        var parts = [[PersistentMap.Leaf]](repeating: [], count: 32)
        for leaf in leaves { parts[Int(leaf.hash >> shift & 31)].append(leaf) }
        var bitmap: UInt32 = 0
        var places: [PersistentMap.Place] = []
        places.reserveCapacity(min(leaves.count, 32))
        for (bit, part) in parts.enumerated() where !part.isEmpty {
            bitmap |= 1 << UInt32(bit)
            places.append(place(of: part, shift: shift + TrieShape.bitsPerLevel))
        }
        return .init(bitmap: bitmap, places: places)
    }

    @inlinable
    static func place(of leaves: [PersistentMap.Leaf], shift: UInt) -> PersistentMap.Place {
        if leaves.count == 1 { return .leaf(leaves[0]) }
        if shift < TrieShape.hashBits { return .branch(of(leaves, shift: shift)) }
        let chain = leaves.dropFirst().reduce(leaves[0]) { rest, leaf in
            .init(hash: leaf.hash, key: leaf.key, value: leaf.value, next: rest)
        }
        return .leaf(chain)
    }

    @inlinable
    func inserting(
        _ new: PersistentMap.Leaf,
        shift: UInt,
        added: inout Bool
    ) -> PersistentMap.Branch {
        let (bit, index) = locate(new.hash, shift)
        guard bitmap & bit != 0 else {
            var places: [PersistentMap.Place] = []
            places.reserveCapacity(self.places.count + 1)
            places += self.places[..<index]
            places.append(.leaf(new))
            places += self.places[index...]
            return .init(bitmap: bitmap | bit, places: places)
        }
        var places = places
        switch places[index] {
        case .branch(let branch):
            places[index] = .branch(
                branch.inserting(new, shift: shift + TrieShape.bitsPerLevel, added: &added)
            )
        case .leaf(let old): places[index] = Self.merge(old, new, shift: shift, added: &added)
        }
        return .init(bitmap: bitmap, places: places)
    }

    /// What stands where `old` stood, once `new` is there too.
    @inlinable
    static func merge(
        _ old: PersistentMap.Leaf,
        _ new: PersistentMap.Leaf,
        shift: UInt,
        added: inout Bool
    ) -> PersistentMap.Place {
        if old.hash == new.hash {
            added = old.find(new.key) == nil
            let rest = added ? old : old.removing(new.key)
            return .leaf(.init(hash: new.hash, key: new.key, value: new.value, next: rest))
        }
        let deeper = shift + TrieShape.bitsPerLevel
        let bit = UInt32(1) << UInt32(old.hash >> deeper & 31)
        let branch = PersistentMap.Branch(bitmap: bit, places: [.leaf(old)])
        return .branch(branch.inserting(new, shift: deeper, added: &added))
    }

    /// The branch without the key, or nil when the key is not there.
    @inlinable
    func removing(_ key: Key, hash: UInt, shift: UInt) -> PersistentMap.Branch? {
        let (bit, index) = locate(hash, shift)
        guard bitmap & bit != 0 else { return nil }
        let replacement: PersistentMap.Place
        switch places[index] {
        case .branch(let branch):
            let deeper = shift + TrieShape.bitsPerLevel
            guard let smaller = branch.removing(key, hash: hash, shift: deeper) else { return nil }
            if smaller.places.count == 1, case .leaf(let leaf) = smaller.places[0] {
                replacement = .leaf(leaf)
            } else {
                replacement = .branch(smaller)
            }
        case .leaf(let leaf):
            guard leaf.hash == hash, leaf.find(key) != nil else { return nil }
            guard let rest = leaf.removing(key) else { return without(index, bit) }
            replacement = .leaf(rest)
        }
        var places = places
        places[index] = replacement
        return .init(bitmap: bitmap, places: places)
    }

    /// The branch without one of its places.
    @inlinable
    func without(_ index: Int, _ bit: UInt32) -> PersistentMap.Branch {
        var places: [PersistentMap.Place] = []
        places.reserveCapacity(self.places.count - 1)
        places += self.places[..<index]
        places += self.places[(index + 1)...]
        return .init(bitmap: bitmap & ~bit, places: places)
    }

    @inlinable
    func forEach(_ body: (Key, Value) -> Void) {
        for place in places {
            switch place {
            case .branch(let branch): branch.forEach(body)
            case .leaf(let leaf): leaf.forEach(body)
            }
        }
    }
}
