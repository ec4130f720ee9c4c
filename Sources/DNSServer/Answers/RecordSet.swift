import DNSProtocol

/// The writer's side of one record set: a multiset by rdata, kept in chunks.
///
/// Equal rdata is counted and shows once. Adding writes behind the last record, removing moves the
/// last record into the hole: one or two chunks are copied, whatever the size. Chunks made since the
/// last commit are changed in place.
struct RecordSet {
    let type: RRType
    private(set) var ttl: UInt32
    private(set) var count = 0
    private(set) var bytes = 0
    /// Of the records, those that come from a zone file, counted with their copies.
    private(set) var fixedCount = 0
    private var chunks: [RecordChunk] = []
    /// How often each record was added; empty while each was added once.
    private var copies: [UInt32] = []
    /// Where each record stands; empty while there is one chunk, which is searched instead.
    private var positions: [[UInt8]: Int] = [:]
    /// Address of the published list of chunks, 0 when there is none.
    private var list: UInt = 0
    /// The chunks are others than at the last `publish`.
    private var isChanged = false

    init(_ type: RRType, ttl: UInt32) { (self.type, self.ttl) = (type, ttl) }

    /// Adds a record, or counts it once more.
    ///
    /// - Complexity: O(1), the copy of one chunk.
    mutating func add(
        _ rdata: [UInt8],
        ttl: UInt32,
        source: RecordSource,
        birth: UInt64,
        retired: inout RetiredBlocks
    ) {
        if ttl != self.ttl { setTTL(ttl, birth: birth, retired: &retired) }
        if source == .file { fixedCount += 1 }
        if let position = position(of: rdata) {
            if copies.isEmpty { copies = Array(repeating: 1, count: count) }
            copies[position] += 1
            return
        }
        append(rdata, birth: birth, retired: &retired)
        if !copies.isEmpty { copies.append(1) }
        count += 1
        bytes += RecordChunk.recordHeadBytes + rdata.count
        if !positions.isEmpty {
            positions[rdata] = count - 1
        } else if chunks.count > 1 {
            for position in 0..<count { positions[self.rdata(at: position)] = position }
        }
    }

    /// Takes one copy of a record out; false when there is none.
    ///
    /// - Complexity: O(1), the copy of two chunks.
    mutating func remove(
        _ rdata: [UInt8],
        source: RecordSource,
        birth: UInt64,
        retired: inout RetiredBlocks
    ) -> Bool {
        guard let position = position(of: rdata) else { return false }
        if source == .file, fixedCount > 0 { fixedCount -= 1 }
        if !copies.isEmpty, copies[position] > 1 {
            copies[position] -= 1
            return true
        }
        let last = count - 1
        if position != last { move(last, to: position, birth: birth, retired: &retired) }
        let tail = writable(chunks.count - 1, extra: 0, birth: birth, retired: &retired)
        tail.removeLast()
        if tail.count == 0 { discard(chunks.removeLast(), birth: birth, retired: &retired) }
        positions[rdata] = nil
        if !copies.isEmpty {
            copies[position] = copies[last]
            copies.removeLast()
        }
        (count, bytes) = (last, bytes - RecordChunk.recordHeadBytes - rdata.count)
        if chunks.count == 1 { positions = [:] }
        return true
    }

    /// What readers shall see; makes a new list of chunks when there are several.
    mutating func publish(retired: inout RetiredBlocks) -> PublishedSet {
        if isChanged {
            retired.retire(list)
            list = 0
        }
        if list == 0, chunks.count > 1 {
            let block = unsafe UnsafeMutableRawPointer.zeroed(bytes: 8 * chunks.count)
            for (index, chunk) in chunks.enumerated() {
                unsafe block.set(8 * index, chunk.base.address)
            }
            unsafe list = block.address
        }
        isChanged = false
        let address = unsafe chunks.count > 1 ? list : chunks[0].base.address
        return PublishedSet(
            type: type,
            ttl: ttl,
            count: count,
            bytes: bytes,
            chunkCount: chunks.count,
            address: address
        )
    }

    /// Gives up all blocks.
    mutating func retireAll(into retired: inout RetiredBlocks) {
        for chunk in chunks { unsafe retired.retire(chunk.base.address) }
        retired.retire(list)
        (chunks, copies, positions, list, count, bytes) = ([], [], [:], 0, 0, 0)
    }

    /// Addresses of all its blocks.
    var blocks: [UInt] { chunks.map { unsafe $0.base.address } + [list] }

    private func rdata(at position: Int) -> [UInt8] {
        chunks[position / Limits.chunkRecordsMax].rdata(at: position % Limits.chunkRecordsMax)
    }

    private func position(of rdata: [UInt8]) -> Int? {
        chunks.count > 1 ? positions[rdata] : chunks.first?.index(of: rdata)
    }

    private mutating func append(_ rdata: [UInt8], birth: UInt64, retired: inout RetiredBlocks) {
        let size = RecordChunk.recordHeadBytes + rdata.count
        if count == chunks.count * Limits.chunkRecordsMax {
            guard chunks.count < Limits.chunksMax else {
                fatalError("a set of \(count) \(type) records is given one more")
            }
            let room = chunks.isEmpty ? 1 : Limits.chunkRecordsMax / 4
            chunks.append(.make(records: room, bytes: room * size, birth: birth))
        }
        writable(chunks.count - 1, extra: size, birth: birth, retired: &retired)
            .append(type, ttl: ttl, rdata: rdata)
    }

    /// Copies the record at `position` over the one at `hole`.
    private mutating func move(
        _ position: Int,
        to hole: Int,
        birth: UInt64,
        retired: inout RetiredBlocks
    ) {
        let moved = rdata(at: position)
        let size = RecordChunk.recordHeadBytes + moved.count
        writable(hole / Limits.chunkRecordsMax, extra: size, birth: birth, retired: &retired)
            .replace(at: hole % Limits.chunkRecordsMax, type, ttl: ttl, rdata: moved)
        if !positions.isEmpty { positions[moved] = hole }
    }

    private mutating func setTTL(_ ttl: UInt32, birth: UInt64, retired: inout RetiredBlocks) {
        self.ttl = ttl
        for index in chunks.indices {
            writable(index, extra: 0, birth: birth, retired: &retired).setTTL(ttl)
        }
    }

    /// A chunk that nobody has seen yet, with the same records and room for `extra` more bytes.
    private mutating func writable(
        _ index: Int,
        extra: Int,
        birth: UInt64,
        retired: inout RetiredBlocks
    ) -> RecordChunk {
        isChanged = true
        let old = chunks[index]
        if old.birth == birth, extra == 0 || old.hasRoom(bytes: extra) { return old }
        chunks[index] = old.copy(birth: birth, extra: extra)
        discard(old, birth: birth, retired: &retired)
        return chunks[index]
    }

    private func discard(_ chunk: RecordChunk, birth: UInt64, retired: inout RetiredBlocks) {
        if chunk.birth == birth {
            // SAFETY: made since the last commit, so no reader has ever seen it.
            unsafe chunk.base.deallocate()
        } else {
            unsafe retired.retire(chunk.base.address)
        }
    }
}
