/// A dictionary in parts, so that no single insertion moves more than one part.
///
/// Keys are long, so each is hashed once for a look-up and never again when its part grows.
struct ShardedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Hashed: Hashable {
        let hash: Int
        let key: Key

        init(_ key: Key) { (hash, self.key) = (key.hashValue, key) }

        var shard: Int { Int(UInt(bitPattern: hash) >> 8) % Limits.shards }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    private var shards = [[Hashed: Value]](repeating: [:], count: Limits.shards)

    /// Elements in all parts.
    var count: Int { shards.reduce(0) { $0 + $1.count } }

    /// The value for a key; assigning nil removes it.
    subscript(key: Key) -> Value? {
        get {
            let hashed = Hashed(key)
            return shards[hashed.shard][hashed]
        }
        _modify {
            let hashed = Hashed(key)
            yield &shards[hashed.shard][hashed]
        }
    }
}
