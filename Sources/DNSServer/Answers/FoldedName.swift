/// Room for one wire name in lower case, zero behind its end, and its hash.
///
/// Owned by a worker or the writer and used again for each name. A suffix of the name is a key too:
/// it ends where the name ends, so the zeros behind it are the same.
///
/// HOT: eight bytes at a time, no allocation; its time is part of `QueryEngine`'s.
@safe struct FoldedName: ~Copyable {
    /// 255 bytes, and 8 of zeros that reading by words may touch.
    private static let roomBytes = 264

    // SAFETY: allocated with `roomBytes`, freed by the deinit; `fold` guards the count, and reads
    // start below `count`.
    let base: UnsafeMutableRawPointer
    private(set) var count = 0

    init() { unsafe base = .zeroed(bytes: Self.roomBytes) }

    deinit { unsafe base.deallocate() }

    /// Takes a wire name of at most 255 bytes over.
    @inline(__always)
    mutating func fold(_ name: UnsafeRawPointer, count: Int) {
        precondition(count <= 255, "a name of \(count) bytes was let through")
        var offset = 0
        while offset &+ 8 <= count {
            let word = unsafe name.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            unsafe base.set(offset, Self.lower(word))
            offset &+= 8
        }
        unsafe base.set(offset, UInt64(0))
        while offset < count {
            let byte = unsafe name.load(fromByteOffset: offset, as: UInt8.self)
            unsafe base.set(offset, byte &- 65 < 26 ? byte | 0x20 : byte)
            offset &+= 1
        }
        unsafe base.set(offset, UInt64(0))
        self.count = count
    }

    mutating func fold(_ name: [UInt8]) {
        unsafe name.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe fold(start, count: bytes.count)
        }
    }

    @inline(__always)
    func word(_ index: Int) -> UInt64 { unsafe base.get(8 * index) }

    @inline(__always)
    func byte(_ index: Int) -> UInt8 { unsafe base.get(index) }

    /// The hash of the name from byte `start` on; never 0.
    @inline(__always)
    func hash(from start: Int, seed: UInt64) -> UInt64 {
        var (hash, offset) = (seed ^ UInt64(truncatingIfNeeded: count &- start), start)
        while offset < count {
            let word = unsafe base.get(offset, as: UInt64.self)
            hash = Self.mix(hash ^ word, 0x9e37_79b9_7f4a_7c15)
            offset &+= 8
        }
        return Self.mix(hash, 0xd6e8_feb8_6659_fd93) | 1
    }

    /// A to Z of 8 bytes at once in lower case; length bytes and bytes over 127 stay.
    @inline(__always)
    private static func lower(_ word: UInt64) -> UInt64 {
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        let marks =
            ((low &+ 0x3f3f_3f3f_3f3f_3f3f) ^ (low &+ 0x2525_2525_2525_2525)) & ~word
            & 0x8080_8080_8080_8080
        return word | marks &>> 2
    }

    @inline(__always)
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
