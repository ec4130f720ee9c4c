/// A dictionary in parts, so that no single insertion moves more than one part.
struct ShardedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var shards = [[Key: Value]](repeating: [:], count: Limits.shards)

    /// Elements in all parts.
    var count: Int { shards.reduce(0) { $0 + $1.count } }

    /// The value for a key; assigning nil removes it.
    subscript(key: Key) -> Value? {
        get { shards[Self.shard(of: key)][key] }
        _modify { yield &shards[Self.shard(of: key)][key] }
    }

    private static func shard(of key: Key) -> Int {
        Int(UInt(bitPattern: key.hashValue) >> 8) % Limits.shards
    }
}
