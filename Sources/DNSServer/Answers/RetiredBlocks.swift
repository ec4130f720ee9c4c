/// Blocks that were taken out of the table and wait until no reader can hold them.
///
/// Owned by the writer. A reader between its marks delays freeing, never serving.
struct RetiredBlocks: ~Copyable {
    private let table: AnswerTable
    /// Taken out since the last `seal`.
    private var open: [UInt] = []
    private var sealed: [(epochs: [UInt], blocks: [UInt])] = []

    init(table: AnswerTable) { self.table = table }

    deinit { table.leave(open + sealed.flatMap(\.blocks)) }

    /// Blocks that are not freed yet.
    var count: Int { sealed.reduce(open.count) { $0 + $1.blocks.count } }

    /// Takes a block that no new reader can find any more once this commit is done.
    mutating func retire(_ address: UInt) { if address != 0 { open.append(address) } }

    /// Notes who is reading, after everything was published, and frees what is free.
    mutating func seal() {
        if !open.isEmpty {
            sealed.append((table.epochsNow(), open))
            open = []
        }
        var done = 0
        while done < sealed.count, table.isQuiet(since: sealed[done].epochs) {
            // SAFETY: each block was allocated by `zeroed`, retired once, and is out of reach.
            for address in sealed[done].blocks {
                unsafe UnsafeMutableRawPointer.at(address)?.deallocate()
            }
            done += 1
        }
        sealed.removeFirst(done)
    }
}
