import TestSupport

/// What a power cut takes of everything that was not synced; all of it follows from a seed.
struct Loss {
    /// How the rest is chosen.
    enum Kind: CaseIterable {
        /// All of it is lost.
        case everything
        /// Nothing is lost.
        case nothing
        /// All changes of the disk up to some moment are there, and nothing later: an orderly file system.
        case moment
        /// Each file and folder has a moment of its own.
        case files
        /// So does each page of 4 KiB.
        case pages
        /// So does each sector of 512 bytes.
        case sectors
        /// Sectors that were being written may be zeros or garbage besides.
        case damage
    }
    enum Filling { case zeros, garbage }

    let kind: Kind
    private var random: SeededGenerator
    /// The present file's or the whole disk's.
    private var moment: Int?

    init(_ kind: Kind, seed: UInt64) {
        (self.kind, random) = (kind, SeededGenerator(seed: seed))
    }

    var damages: Bool { kind == .damage }

    /// Bytes that have a moment of their own; nil when all of a file have the same.
    var unitBytes: Int? {
        switch kind {
        case .everything, .nothing, .moment, .files: nil
        case .pages: SimulatedFile.pageBytes
        case .sectors, .damage: SimulatedFile.sectorBytes
        }
    }

    /// A file or the folders come next; `all` are the changes of the disk that are not synced.
    mutating func begin(_ all: ClosedRange<Int>) {
        switch kind {
        case .everything: moment = .min
        case .nothing: moment = .max
        case .moment: moment = moment ?? any(of: all)
        case .files, .pages, .sectors, .damage: moment = nil
        }
    }

    /// Changes up to this number are there; of the next unit, or of the size.
    mutating func limit(_ span: ClosedRange<Int>) -> Int {
        if let moment { return moment }
        let limit = any(of: span)
        if kind == .files { moment = limit }
        return limit
    }

    /// True when a change of a name is there.
    mutating func keepsName(_ number: Int, _ span: ClosedRange<Int>) -> Bool {
        number <= limit(span)
    }

    /// Nothing and all are as likely as something in between.
    private mutating func any(of span: ClosedRange<Int>) -> Int {
        switch random.number(0...5) {
        case 0, 1: .min
        case 2, 3: .max
        default: random.number(span.lowerBound - 1...span.upperBound)
        }
    }

    mutating func damage() -> Filling? {
        random.chance(400) ? random.pick([.zeros, .garbage]) : nil
    }

    mutating func garbage(_ count: Int) -> [UInt8] {
        let bits = random.next()
        return (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt64($0 & 31)) }
    }
}
