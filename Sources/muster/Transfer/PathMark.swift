/// 128 bits that stand for a path where a million of them have to be remembered.
///
/// Made of the bytes, as servers compare paths, with keys that differ from run to run: two paths of one
/// file have the same mark with a chance of one in 10^26, and nobody can choose them so.
struct PathMark: Hashable, Sendable {
    private let low: Int
    private let high: Int

    init(_ path: String) {
        var (low, high) = (Hasher(), Hasher())
        high.combine(0)
        var (word, count) = (UInt64(0), 0)
        for byte in path.utf8 {
            word = word << 8 | UInt64(byte)
            count += 1
            guard count % 8 == 0 else { continue }
            low.combine(word)
            high.combine(word)
        }
        for part in [word, UInt64(count)] {
            low.combine(part)
            high.combine(part)
        }
        (self.low, self.high) = (low.finalize(), high.finalize())
    }
}
