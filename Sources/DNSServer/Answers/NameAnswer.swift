import DNSProtocol

/// Everything one name answers with, a block that never changes once a pointer to it is published.
///
/// ```
/// set count(2) | fixed(1) | 0(13) | sets: type(2) 0(2) record count(4) bytes(4) ttl(4)
///   chunk count(4) 0(4) address of the chunk, or of the list of chunk addresses, if several(8)
/// ```
@safe struct NameAnswer {
    private static let setsAt = 16
    private static let setBytes = 32

    // SAFETY: made by `make` for a number of sets that never changes; `set(at:)` is given smaller
    // indexes only. The chunks live at least as long: the writer retires them after this block.
    let base: UnsafeMutableRawPointer

    init(base: UnsafeMutableRawPointer) { unsafe self.base = base }

    static func make(sets: [PublishedSet], isFixed: Bool) -> NameAnswer {
        let answer = unsafe NameAnswer(base: .zeroed(bytes: setsAt + setBytes * sets.count))
        unsafe answer.base.set(0, UInt16(sets.count))
        unsafe answer.base.set(2, UInt8(isFixed ? 1 : 0))
        for (index, set) in sets.enumerated() {
            let target = unsafe answer.base + (setsAt + setBytes * index)
            unsafe target.set(0, set.type.rawValue)
            unsafe target.set(4, UInt32(set.count))
            unsafe target.set(8, UInt32(clamping: set.bytes))
            unsafe target.set(12, set.ttl)
            unsafe target.set(16, UInt32(set.chunkCount))
            unsafe target.set(24, set.address)
        }
        return answer
    }

    @inline(__always)
    var setCount: Int { unsafe Int(base.get(0, as: UInt16.self)) }
    /// Some of the records come from a zone file, so the registry's state does not matter here.
    @inline(__always)
    var isFixed: Bool { unsafe base.get(2, as: UInt8.self) != 0 }

    @inline(__always)
    func set(at index: Int) -> PublishedSet {
        let source = unsafe base + (Self.setsAt + Self.setBytes * index)
        return unsafe PublishedSet(
            type: RRType(rawValue: source.get(0)),
            ttl: source.get(12),
            count: Int(source.get(4, as: UInt32.self)),
            bytes: Int(source.get(8, as: UInt32.self)),
            chunkCount: Int(source.get(16, as: UInt32.self)),
            address: source.get(24)
        )
    }

    @inline(__always)
    func set(of type: RRType) -> PublishedSet? {
        for index in 0..<setCount {
            if unsafe base.get(Self.setsAt + Self.setBytes * index, as: UInt16.self)
                == type.rawValue
            {
                return set(at: index)
            }
        }
        return nil
    }
}

/// One set of a name as readers see it: at least one record, all chunks but the last full.
struct PublishedSet {
    let type: RRType
    let ttl: UInt32
    /// Records.
    let count: Int
    /// Bytes of all records, held at 32 bits.
    let bytes: Int
    let chunkCount: Int
    /// Of the chunk, or of the list of chunks.
    let address: UInt

    @inline(__always)
    func chunk(at index: Int) -> RecordChunk {
        guard chunkCount > 1 else { return Self.chunk(address) }
        // SAFETY: the list has `chunkCount` addresses; `index` counts records of this set.
        guard index < chunkCount, let list = unsafe UnsafeMutableRawPointer.at(address) else {
            fatalError("chunk \(index) of a set of \(chunkCount) was asked for")
        }
        return unsafe Self.chunk(list.get(8 * index))
    }

    @inline(__always)
    private static func chunk(_ address: UInt) -> RecordChunk {
        guard let base = unsafe UnsafeMutableRawPointer.at(address) else {
            fatalError("a published set has no records")
        }
        return unsafe RecordChunk(base: base)
    }
}
