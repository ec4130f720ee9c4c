/// A dictionary in parts, so that no single insertion moves more than one part.
///
/// Keys are long, so each is hashed once for a look-up and never again when its part grows. Values stand
/// apart, so that a part that grows moves 32 bytes for each.
struct ShardedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Hashed: Hashable {
        let hash: Int
        let key: Key

        init(_ key: Key) { (hash, self.key) = (key.hashValue, key) }

        var shard: Int { Int(UInt(bitPattern: hash) >> 8) % Limits.shards }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var shards = [[Hashed: Box]](repeating: [:], count: Limits.shards)

    /// Elements in all parts.
    var count: Int { shards.reduce(0) { $0 + $1.count } }

    /// Adds a value for a key that has none.
    ///
    /// - Returns: False, and all is as it was, where the key has one.
    mutating func insert(_ value: Value, for key: Key) -> Bool {
        let hashed = Hashed(key)
        guard shards[hashed.shard][hashed] == nil else { return false }
        shards[hashed.shard][hashed] = Box(value)
        return true
    }

    /// The value for a key; assigning nil removes it.
    subscript(key: Key) -> Value? {
        get {
            let hashed = Hashed(key)
            return shards[hashed.shard][hashed]?.value
        }
        set {
            let hashed = Hashed(key)
            shards[hashed.shard][hashed] = newValue.map(Box.init)
        }
    }
}
