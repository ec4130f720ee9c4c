/// The hashes of a path and of those above it, in one pass over its bytes.
///
/// It is the standard library's keyed hash, fed eight bytes at a time.
struct PathHash {
    private var hasher = Hasher()
    /// Bytes in `hasher`, whole words.
    private var count = 0

    init() {}

    /// The hash of the path's first `length` bytes; must not be less than the time before.
    ///
    /// - Complexity: O(bytes since the time before).
    mutating func advance(to length: Int, of path: String) -> Int {
        let span = path.utf8.span
        // SAFETY: a path's bytes are all initialised; UInt8 has no padding.
        let bytes = unsafe span.bytes
        while count + 8 <= length {
            // SAFETY: any eight bytes are a number, and the span checks that there are eight.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: count, as: UInt64.self)
            hasher.combine(word)
            count += 8
        }
        var (rest, hasher) = (UInt64(0), hasher)
        hasher.combine(length)
        for index in count..<length { rest = rest << 8 | UInt64(span[index]) }
        hasher.combine(rest)
        return hasher.finalize()
    }
}
