/// The hashes of a path and of those above it, in one pass over its bytes.
///
/// Eight bytes at a time are folded into a state by a multiplication whose two halves are mixed, under keys that
/// each process draws anew, so that nobody outside can find paths that collide.
package struct PathHash {
    private static let seed = UInt64.random(in: .min ... .max)
    private static let key = UInt64.random(in: .min ... .max) | 1
    private static let last = UInt64.random(in: .min ... .max) | 1

    private var state = Self.seed
    /// Bytes in `state`, whole words.
    private var count = 0

    /// Starts at the first byte.
    package init() {}

    /// The hash of the path's first `length` bytes.
    ///
    /// - Parameters:
    ///   - length: Not less than the time before.
    ///   - path: The same as the time before.
    /// - Returns: The hash; it differs from process to process.
    /// - Complexity: O(bytes since the time before).
    package mutating func advance(to length: Int, of path: String) -> Int {
        advance(to: length, of: path.utf8.span)
    }

    /// The hash of the first `length` bytes of a path that is there as bytes.
    ///
    /// - Parameters:
    ///   - length: Not less than the time before.
    ///   - span: The same bytes as the time before.
    /// - Returns: The hash that the text has.
    /// - Complexity: O(bytes since the time before).
    package mutating func advance(to length: Int, of span: Span<UInt8>) -> Int {
        // SAFETY: a path's bytes are all initialised; UInt8 has no padding.
        let bytes = unsafe span.bytes
        let key = Self.key
        while count + 8 <= length {
            // SAFETY: any eight bytes are a number, and the span checks that there are eight.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: count, as: UInt64.self)
            state = Self.fold(state ^ word, key)
            count += 8
        }
        var rest = UInt64(0)
        for index in count..<length { rest = rest << 8 | UInt64(span[index]) }
        let end = Self.fold(state ^ rest, Self.last ^ UInt64(length) << 1)
        return Int(truncatingIfNeeded: end)
    }

    /// True when a path is the first `length` bytes of another.
    ///
    /// - Complexity: O(`length`), eight bytes at a time.
    package static func isSame(_ path: String, _ other: String, length: Int) -> Bool {
        isSame(path.utf8.span, other.utf8.span, length: length)
    }

    /// True when a path is the first `length` bytes of another, both as bytes.
    ///
    /// - Complexity: O(`length`), eight bytes at a time.
    package static func isSame(
        _ left: Span<UInt8>,
        _ right: Span<UInt8>,
        length: Int
    ) -> Bool {
        guard left.count == length, right.count >= length else { return false }
        // SAFETY: as above.
        let (leftBytes, rightBytes) = unsafe (left.bytes, right.bytes)
        var index = 0
        while index + 8 <= length {
            // SAFETY: as above.
            let word = unsafe leftBytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            // SAFETY: as above.
            let other = unsafe rightBytes.unsafeLoadUnaligned(
                fromByteOffset: index,
                as: UInt64.self
            )
            guard word == other else { return false }
            index += 8
        }
        while index < length {
            guard left[index] == right[index] else { return false }
            index += 1
        }
        return true
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
