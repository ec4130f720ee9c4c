/// What a path's bytes say about it, in one pass over them, eight at a time.
///
/// It knows the paths that nearly all clients use: printable ASCII and no dot behind a slash. About others
/// `ZNodePath` has to be asked.
///
/// HOT: 40 ns for 200 bytes, no allocation.
package struct PathScan {
    /// Where the last slash is, in bytes; nil without one.
    package let lastSlash: Int?
    /// True when the path keeps all rules; false means nothing.
    let isPlain: Bool

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let lows = ones &* 0x7f
    private static let highs = ones &* 0x80
    private static let slashes = ones &* UInt64(UInt8(ascii: "/"))
    private static let dots = ones &* UInt64(UInt8(ascii: "."))
    private static let spaces = ones &* UInt64(UInt8(ascii: " "))

    /// Looks at all of a path.
    ///
    /// - Complexity: O(bytes of the path).
    package init(_ path: String) { self.init(path.utf8.span) }

    /// Where the last slash of a path is that is there as bytes, and of which nothing else is asked.
    ///
    /// - Complexity: O(bytes behind it).
    package static func lastSlash(in span: Span<UInt8>) -> Int? {
        // SAFETY: as above.
        let bytes = unsafe span.bytes
        var end = span.count
        while end >= 8 {
            // SAFETY: as above.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: end - 8, as: UInt64.self)
            let found = zeros(in: UInt64(littleEndian: word) ^ slashes)
            if found != 0 { return end - 1 - found.leadingZeroBitCount / 8 }
            end -= 8
        }
        return (0..<end).last { span[$0] == UInt8(ascii: "/") }
    }

    /// Looks at all of a path that is there as bytes.
    ///
    /// - Complexity: O(bytes of the path).
    private init(_ span: Span<UInt8>) {
        // SAFETY: a path's bytes are all initialised; UInt8 has no padding.
        let bytes = unsafe span.bytes
        // In each, the high bit of a byte says something about that byte.
        var (odd, behindSlash) = (UInt64(0), UInt64(0))
        var (last, index) = (-1, 0)
        while index < span.count {
            var word = Self.spaces
            if index + 8 <= span.count {
                // SAFETY: any eight bytes are a number, and the span checks that there are eight.
                word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                word = UInt64(littleEndian: word)
            } else {
                for place in (index..<span.count).reversed() {
                    word = word << 8 | UInt64(span[place])
                }
            }
            let slashes = Self.zeros(in: word ^ Self.slashes)
            odd |= word & Self.highs
            odd |= ~((word | Self.highs) &- Self.spaces) & Self.highs
            odd |= ((word & Self.lows) &+ Self.ones) & Self.highs
            odd |= (slashes << 8 | behindSlash) & (slashes | Self.zeros(in: word ^ Self.dots))
            behindSlash = slashes >> 56
            if slashes != 0 { last = index + 7 - slashes.leadingZeroBitCount / 8 }
            index += 8
        }
        lastSlash = last < 0 ? nil : last
        isPlain =
            odd == 0 && span.count > 1 && span[0] == UInt8(ascii: "/") && last < span.count - 1
    }

    /// The high bit of each byte that is 0.
    private static func zeros(in word: UInt64) -> UInt64 {
        ~(((word & lows) &+ lows) | word | lows)
    }
}
