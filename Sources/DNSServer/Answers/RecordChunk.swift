import DNSProtocol

/// Up to 64 ready records of one set, the unit that a change copies.
///
/// Published chunks never change. One whose `birth` is the commit being made was not published yet
/// and is changed in place. Owner: the writer; a reader looks at it between its epoch's marks.
///
/// ```
/// count(4) | record capacity(4) | byte capacity(4) | 0(4) | birth(8) | offsets(4 each, capacity + 1)
/// | records: C00C type(2) 0001 ttl(4) length(2) rdata
/// ```
@safe struct RecordChunk {
    private static let offsetsAt = 24
    /// Owner pointer, type, class, TTL and length in front of each rdata.
    static let recordHeadBytes = 12
    static let ttlAt = 6

    // SAFETY: made by `make` with room for what the two capacities say; every access below stays
    // within them, which `append` and `init` guard.
    let base: UnsafeMutableRawPointer

    init(base: UnsafeMutableRawPointer) { unsafe self.base = base }

    static func make(records: Int, bytes: Int, birth: UInt64) -> RecordChunk {
        let size = offsetsAt + 4 * (records + 1) + bytes
        let chunk = unsafe RecordChunk(base: .zeroed(bytes: size))
        unsafe chunk.base.set(4, UInt32(records))
        unsafe chunk.base.set(8, UInt32(bytes))
        unsafe chunk.base.set(16, birth)
        return chunk
    }

    @inline(__always)
    var count: Int {
        get { unsafe Int(base.get(0, as: UInt32.self)) }
        nonmutating set { unsafe base.set(0, UInt32(newValue)) }
    }
    private var recordCapacity: Int { unsafe Int(base.get(4, as: UInt32.self)) }
    private var byteCapacity: Int { unsafe Int(base.get(8, as: UInt32.self)) }
    var birth: UInt64 { unsafe base.get(16) }
    /// Bytes of all records.
    var bytes: Int { start(of: count) }

    /// Where record `index` starts, counted from the first; for `count` where the last one ends.
    @inline(__always)
    func start(of index: Int) -> Int {
        unsafe Int(base.get(Self.offsetsAt + 4 * index, as: UInt32.self))
    }

    private func setStart(of index: Int, _ offset: Int) {
        unsafe base.set(Self.offsetsAt + 4 * index, UInt32(offset))
    }

    @inline(__always)
    var records: UnsafeMutableRawPointer {
        unsafe base + (Self.offsetsAt + 4 * (recordCapacity + 1))
    }

    /// A copy of record `index`'s rdata.
    func rdata(at index: Int) -> [UInt8] {
        let (from, to) = (start(of: index) + Self.recordHeadBytes, start(of: index + 1))
        return unsafe Array(UnsafeRawBufferPointer(start: records + from, count: to - from))
    }

    /// Index of the record with that rdata.
    func index(of rdata: [UInt8]) -> Int? {
        for index in 0..<count {
            let (from, to) = (start(of: index) + Self.recordHeadBytes, start(of: index + 1))
            guard to - from == rdata.count else { continue }
            let mine = unsafe UnsafeRawBufferPointer(start: records + from, count: to - from)
            if unsafe mine.elementsEqual(rdata) { return index }
        }
        return nil
    }

    /// A chunk of the commit `birth` with the same records and room for one more of `extra` bytes.
    func copy(birth: UInt64, extra: Int) -> RecordChunk {
        var room = recordCapacity
        if count == room && extra > 0 { room = min(max(4, 2 * room), Limits.chunkRecordsMax) }
        // One that is written again and again within a commit doubles; else it takes what it needs.
        let spare = extra > 0 && self.birth == birth ? max(extra, bytes) : extra
        let copy = Self.make(records: room, bytes: bytes + spare, birth: birth)
        copy.count = count
        for index in 0...count { copy.setStart(of: index, start(of: index)) }
        unsafe copy.records.copyMemory(from: records, byteCount: bytes)
        return copy
    }

    func hasRoom(bytes extra: Int) -> Bool {
        count < recordCapacity && bytes + extra <= byteCapacity
    }

    /// Adds a record behind the last; there must be room.
    func append(_ type: RRType, ttl: UInt32, rdata: [UInt8]) {
        let (start, size) = (bytes, Self.recordHeadBytes + rdata.count)
        precondition(hasRoom(bytes: size), "a chunk of \(count) records has no room for \(size)")
        write(type, ttl: ttl, rdata: rdata, at: start)
        count += 1
        setStart(of: count, start + size)
    }

    /// Puts a record in the place of record `index`; the bytes must fit.
    func replace(at index: Int, _ type: RRType, ttl: UInt32, rdata: [UInt8]) {
        let (from, to, end) = (start(of: index), start(of: index + 1), bytes)
        let moved = from + Self.recordHeadBytes + rdata.count - to
        precondition(end + moved <= byteCapacity, "a chunk has no room for \(moved) more bytes")
        if moved != 0 {
            unsafe (records + (to + moved)).copyMemory(from: records + to, byteCount: end - to)
            for later in index + 1...count { setStart(of: later, start(of: later) + moved) }
        }
        write(type, ttl: ttl, rdata: rdata, at: from)
    }

    func removeLast() { count -= 1 }

    func setTTL(_ ttl: UInt32) {
        for index in 0..<count {
            unsafe (records + start(of: index)).set(Self.ttlAt, ttl.bigEndian)
        }
    }

    private func write(_ type: RRType, ttl: UInt32, rdata: [UInt8], at offset: Int) {
        let record = unsafe records + offset
        unsafe record.set(0, UInt16(0xc00c).bigEndian)
        unsafe record.set(2, type.rawValue.bigEndian)
        unsafe record.set(4, RRClass.internet.rawValue.bigEndian)
        unsafe record.set(Self.ttlAt, ttl.bigEndian)
        unsafe record.set(10, UInt16(rdata.count).bigEndian)
        unsafe rdata.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe (record + Self.recordHeadBytes).copyMemory(from: source, byteCount: bytes.count)
        }
    }
}
