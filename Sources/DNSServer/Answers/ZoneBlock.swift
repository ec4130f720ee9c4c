import DNSProtocol
import Synchronization

/// What holds for all names of a zone, a block that never changes once it is published.
///
/// Names point to the zone's cell, which is one word with the address of this block: a new serial or
/// mode is one exchange, whatever the number of names.
///
/// ```
/// mode(1) | 0(1) | origin bytes(2) | negative TTL(4) | stale TTL(4) | 0(4) | apex answer(8)
/// ```
@safe struct ZoneBlock {
    static let bytes = 24

    // SAFETY: made by `make`; offsets are constants below `bytes`. The apex answer is retired with it.
    let base: UnsafeMutableRawPointer

    static func make(_ head: ZoneHead, apex: NameAnswer) -> ZoneBlock {
        let block = unsafe ZoneBlock(base: .zeroed(bytes: bytes))
        unsafe block.base.set(0, head.mode.rawValue)
        unsafe block.base.set(2, UInt16(head.origin.wire.count))
        unsafe block.base.set(4, min(head.soaTTL, head.soa.minimum))
        unsafe block.base.set(8, head.staleTTL)
        unsafe block.base.set(16, apex.base.address)
        return block
    }

    init(base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// The block that the zone's cell at that address shows now; nil for no cell or an empty one.
    @inline(__always)
    init?(cell: UInt) {
        guard let cell = unsafe UnsafeMutableRawPointer.at(cell),
            let base = unsafe UnsafeMutableRawPointer.at(
                cell.word(0).pointee.load(ordering: .acquiring)
            )
        else { return nil }
        unsafe self.base = base
    }

    @inline(__always)
    var mode: ZoneHead.Mode {
        guard let mode = unsafe ZoneHead.Mode(rawValue: base.get(0)) else {
            fatalError("a zone's block holds no mode")
        }
        return mode
    }
    /// Bytes of the origin's wire form.
    @inline(__always)
    var originBytes: Int { unsafe Int(base.get(2, as: UInt16.self)) }
    /// Seconds for which absence may be cached: the smaller of the SOA's TTL and MINIMUM.
    @inline(__always)
    var negativeTTL: UInt32 { unsafe base.get(4) }
    @inline(__always)
    var staleTTL: UInt32 { unsafe base.get(8) }
    /// SOA and NS.
    @inline(__always)
    var apex: NameAnswer {
        guard let answer = unsafe UnsafeMutableRawPointer.at(base.get(16)) else {
            fatalError("a zone's block has no apex")
        }
        return unsafe NameAnswer(base: answer)
    }
}
