import Synchronization

/// All answers of the server, changed in place by one writer while any number of readers look.
///
/// Step of the data flow: the writer compiles records into it, workers answer from it. One pointer per
/// name, so that a change of A, AAAA, SRV and TXT shows at once. Readers mark an epoch around each
/// batch of questions: odd while they hold nothing, even while they read. A block taken out is freed
/// when every reader's epoch was odd or has changed since.
///
/// The table frees what is left when nobody uses it any more: writer and readers keep it alive.
///
/// SAFETY: `@unchecked` because of the raw memory. Every word that two threads touch is atomic
/// (`RawWords.swift`); every block is written completely before the exchange that publishes it.
@safe public final class AnswerTable: @unchecked Sendable {
    /// A cache line pair for each reader, so that their marks do not disturb each other.
    static let epochStride = 128

    /// Start value of all hashes, so that nobody can choose names that collide.
    let seed: UInt64
    /// One word: address of the slot array.
    private let rootWord: UnsafeMutableRawPointer
    /// One word for each reader that there may be.
    private let epochs: UnsafeMutableRawPointer
    /// One bit for each epoch word in use.
    private let readers = Atomic<UInt64>(0)
    private let hasWriter = Atomic<Bool>(false)
    /// What the writer left behind; touched by its deinit and by the table's.
    private let leftovers = Mutex<[UInt]>([])

    /// An empty table: no zones, every question is refused.
    public convenience init() {
        self.init(seed: .random(in: .min ... .max), slots: Limits.slotsMin)
    }

    init(seed: UInt64, slots: Int) {
        self.seed = seed
        unsafe rootWord = .zeroed(bytes: 8)
        unsafe epochs = .zeroed(bytes: Limits.tableReadersMax * Self.epochStride)
        let array = SlotArray.make(capacity: slots)
        unsafe rootWord.word(0).pointee.store(array.base.address, ordering: .releasing)
        for reader in 0..<Limits.tableReadersMax {
            unsafe epochWord(reader).pointee.store(1, ordering: .relaxed)
        }
    }

    deinit {
        for address in leftovers.withLock({ $0 }) {
            unsafe UnsafeMutableRawPointer.at(address)?.deallocate()
        }
        unsafe slots.base.deallocate()
        unsafe rootWord.deallocate()
        unsafe epochs.deallocate()
    }

    @inline(__always)
    var slots: SlotArray {
        guard
            let base = unsafe UnsafeMutableRawPointer.at(
                rootWord.word(0).pointee.load(ordering: .acquiring)
            )
        else { fatalError("an answer table lost its slots") }
        return unsafe SlotArray(base: base)
    }

    @inline(__always)
    private func epochWord(_ reader: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe epochs.word(reader * Self.epochStride)
    }
}

// MARK: Readers

extension AnswerTable {
    /// Gives out an epoch word; nil when all are in use.
    func claimReader() -> Int? {
        var taken = readers.load(ordering: .relaxed)
        while taken != .max {
            let free = (~taken).trailingZeroBitCount
            let (done, seen) = readers.compareExchange(
                expected: taken,
                desired: taken | 1 << UInt64(free),
                ordering: .acquiringAndReleasing
            )
            if done { return free }
            taken = seen
        }
        return nil
    }

    func releaseReader(_ reader: Int) {
        readers.bitwiseAnd(~(1 << UInt64(reader)), ordering: .acquiringAndReleasing)
    }

    /// Moves a reader from holding nothing to reading, or back.
    @inline(__always)
    func turnEpoch(of reader: Int) -> UInt {
        unsafe epochWord(reader).pointee.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    }
}

// MARK: The writer's side

extension AnswerTable {
    func claimWriter() {
        guard !hasWriter.exchange(true, ordering: .acquiringAndReleasing) else {
            fatalError("an answer table has one writer, and a second one was made")
        }
    }

    /// Takes over blocks that nobody may reach once the readers are gone.
    func leave(_ blocks: [UInt]) { leftovers.withLock { $0 += blocks } }

    func replaceSlots(by array: SlotArray) -> SlotArray {
        let old = slots
        _ = unsafe rootWord.word(0).pointee.exchange(
            array.base.address,
            ordering: .sequentiallyConsistent
        )
        return old
    }

    /// The epochs of all readers, to be asked after blocks were taken out.
    func epochsNow() -> [UInt] {
        (0..<Limits.tableReadersMax).map { reader in
            unsafe epochWord(reader).pointee.load(ordering: .sequentiallyConsistent)
        }
    }

    /// True when no reader can still hold what was taken out before `noted` was read.
    func isQuiet(since noted: [UInt]) -> Bool {
        for (reader, epoch) in noted.enumerated() where epoch & 1 == 0 {
            let now = unsafe epochWord(reader).pointee.load(ordering: .sequentiallyConsistent)
            if now == epoch { return false }
        }
        return true
    }
}

/// One reader's mark: between `begin` and `end` nothing that it finds is freed.
struct TableReader: ~Copyable {
    let table: AnswerTable
    private let reader: Int

    /// Nil when 64 readers use the table already.
    init?(_ table: AnswerTable) {
        guard let reader = table.claimReader() else { return nil }
        (self.table, self.reader) = (table, reader)
    }

    deinit { table.releaseReader(reader) }

    /// From here on, what is found stays.
    @inline(__always)
    func begin() {
        let epoch = table.turnEpoch(of: reader)
        assert(epoch & 1 == 0, "a reader began twice")
    }

    /// Nothing that was found may be touched any more.
    @inline(__always)
    func end() {
        let epoch = table.turnEpoch(of: reader)
        assert(epoch & 1 == 1, "a reader ended twice")
    }
}
