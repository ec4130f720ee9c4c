import Synchronization

/// One owner name of the table: its key, and the words through which its answer is published.
///
/// It lives until the table drops the name, and its address never changes. The key is the wire form
/// folded to lower case and padded with zeros to 8 bytes, so that it is compared by words.
///
/// ```
/// answer(8) | zone cell(8) | state index(4) | key bytes(4) | cursors(6 x 4) | key
/// ```
@safe struct NameEntry {
    private static let keyAt = 48
    private static let cursorsAt = 24

    // SAFETY: made by `make` with room for its key; offsets are constants below `keyAt`. Readers
    // reach it through a slot between their epoch's marks; the writer retires it after its slot.
    let base: UnsafeMutableRawPointer

    init(base: UnsafeMutableRawPointer) { unsafe self.base = base }

    init?(address: UInt) {
        guard let base = unsafe UnsafeMutableRawPointer.at(address) else { return nil }
        unsafe self.base = base
    }

    static func make(key: borrowing FoldedName, state: Int) -> NameEntry {
        let entry = unsafe NameEntry(base: .zeroed(bytes: keyAt + (key.count + 7) & ~7))
        unsafe entry.base.set(16, UInt32(state))
        unsafe entry.base.set(20, UInt32(key.count))
        for index in 0..<(key.count + 7) / 8 {
            unsafe entry.base.set(keyAt + 8 * index, key.word(index))
        }
        return entry
    }

    /// Address of the block of answers; 0 when the name does not exist.
    var answerWord: UnsafeMutablePointer<Atomic<UInt>> { unsafe base.word(0) }
    /// Address of the cell of the zone that the name is in; 0 when it is in none of ours.
    var zoneWord: UnsafeMutablePointer<Atomic<UInt>> { unsafe base.word(8) }

    @inline(__always)
    var answer: NameAnswer? {
        guard
            let block = unsafe UnsafeMutableRawPointer.at(
                answerWord.pointee.load(ordering: .acquiring)
            )
        else { return nil }
        return unsafe NameAnswer(base: block)
    }

    /// Index of the writer's state of this name; the writer's alone.
    var state: Int { unsafe Int(base.get(16, as: UInt32.self)) }
    @inline(__always)
    var keyBytes: Int { unsafe Int(base.get(20, as: UInt32.self)) }
    @inline(__always)
    var key: UnsafeMutableRawPointer { unsafe base + Self.keyAt }

    /// True when the key is the `count` bytes from `name` on, which are zero to the next 8 bytes.
    @inline(__always)
    func matches(_ name: UnsafeRawPointer, count: Int) -> Bool {
        guard keyBytes == count else { return false }
        var offset = 0
        while offset < count {
            let mine = unsafe base.loadUnaligned(
                fromByteOffset: Self.keyAt + offset,
                as: UInt64.self
            )
            let other = unsafe name.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard mine == other else { return false }
            offset &+= 8
        }
        return true
    }

    /// Where answers of one type start, counted on for each answer; shared by all workers.
    @inline(__always)
    func cursor(of type: UInt16) -> UnsafeMutablePointer<Atomic<UInt32>> {
        let index =
            switch type {
            case 1: 0
            case 28: 1
            case 33: 2
            case 16: 3
            case 12: 4
            default: 5
            }
        return unsafe (base + (Self.cursorsAt + 4 * index)).assumingMemoryBound(
            to: Atomic<UInt32>.self
        )
    }
}
