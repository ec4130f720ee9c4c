import Synchronization

/// The open-addressing array from hash to entry: 16-byte slots, at most half full.
///
/// The writer fills a slot once: entry, then hash with release. Readers load the hash with acquire.
/// A slot never changes after that; dropped names go when the array is rebuilt.
///
/// ```
/// capacity(8) | 0(8) | slots: hash(8), 0 = empty | entry address(8)
/// ```
@safe struct SlotArray {
    private static let slotsAt = 16

    // SAFETY: made by `make` for a power of two of slots; indexes are masked.
    let base: UnsafeMutableRawPointer

    init(base: UnsafeMutableRawPointer) { unsafe self.base = base }

    static func make(capacity: Int) -> SlotArray {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "\(capacity) slots")
        let array = unsafe SlotArray(base: .zeroed(bytes: slotsAt + 16 * capacity))
        unsafe array.base.set(0, capacity)
        return array
    }

    @inline(__always)
    var capacity: Int { unsafe base.get(0) }

    @inline(__always)
    private func hashWord(_ slot: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe base.word(Self.slotsAt &+ 16 &* slot)
    }
    @inline(__always)
    private func entryWord(_ slot: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe base.word(Self.slotsAt &+ 16 &* slot &+ 8)
    }

    @inline(__always)
    private func home(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash ^ hash &>> 32) &>> 1) & (capacity &- 1)
    }

    /// The entry whose key is the `count` bytes from `name` on.
    @inline(__always)
    func find(_ hash: UInt64, _ name: UnsafeRawPointer, count: Int) -> NameEntry? {
        var slot = home(of: hash)
        while true {
            let found = unsafe hashWord(slot).pointee.load(ordering: .acquiring)
            if found == 0 { return nil }
            if found == UInt(hash),
                let entry = unsafe NameEntry(
                    address: entryWord(slot).pointee.load(ordering: .relaxed)
                ),
                unsafe entry.matches(name, count: count)
            {
                return entry
            }
            slot = (slot &+ 1) & (capacity &- 1)
        }
    }

    /// Puts an entry in; false when it is there already.
    @discardableResult
    func insert(_ hash: UInt64, _ entry: NameEntry) -> Bool {
        var slot = home(of: hash)
        for _ in 0..<capacity {
            let found = unsafe hashWord(slot).pointee.load(ordering: .relaxed)
            if found == 0 {
                unsafe entryWord(slot).pointee.store(entry.base.address, ordering: .relaxed)
                unsafe hashWord(slot).pointee.store(UInt(hash), ordering: .releasing)
                return true
            }
            let known = unsafe entryWord(slot).pointee.load(ordering: .relaxed)
            if unsafe known == entry.base.address { return false }
            slot = (slot &+ 1) & (capacity &- 1)
        }
        fatalError("the table of \(capacity) names is full")
    }

    /// True when the entry stands in a slot.
    func holds(_ hash: UInt64, _ entry: NameEntry) -> Bool {
        unsafe find(hash, entry.key, count: entry.keyBytes)?.base == entry.base
    }

    /// Hash and entry of a slot; nil when it is empty.
    func slot(at index: Int) -> (hash: UInt64, entry: NameEntry)? {
        let hash = unsafe hashWord(index).pointee.load(ordering: .relaxed)
        guard hash != 0,
            let entry = unsafe NameEntry(address: entryWord(index).pointee.load(ordering: .relaxed))
        else { return nil }
        return (UInt64(hash), entry)
    }
}
