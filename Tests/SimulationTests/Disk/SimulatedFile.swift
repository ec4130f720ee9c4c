/// A file's bytes as programs see them, and what of them would be left by a power cut.
///
/// Each sector has versions: as it was synced, and after each change since then. A power cut leaves one of
/// them, of each sector another one if it likes; so bytes are dropped, reordered and torn. A file's size has
/// versions too. Only bytes that were written since the last sync can turn into zeros or garbage, as SQLite's
/// "powersafe overwrite" and the log both expect of disks.
struct SimulatedFile {
    /// A disk writes so many bytes at once, or none of them.
    static let sectorBytes = 512
    /// A kernel keeps files in pages of so many bytes.
    static let pageBytes = 4_096

    /// Something that was done to the file and not synced.
    struct Change {
        /// Place among all changes of the disk.
        let number: Int
        /// The bytes that became others.
        let range: Range<Int>
        /// What they became; nil for zeros.
        let bytes: [UInt8]?
        /// How long the file was then.
        let size: Int
        /// It was cut: what was behind is gone once this is on the disk, and not before.
        let isCut: Bool
    }

    /// As programs read them.
    private(set) var bytes: [UInt8] = []
    /// As they are on the disk for sure.
    private(set) var synced: [UInt8] = []
    private(set) var unsynced: [Change] = []
    /// A sync failed, so that what programs read may never get to the disk.
    private(set) var isUnsure = false

    /// True when a power cut would change nothing.
    var isClean: Bool { unsynced.isEmpty && !isUnsure }

    // MARK: What programs do

    func read(_ count: Int, at offset: Int) -> [UInt8] {
        guard offset < bytes.count else { return [] }
        return DiskBytes.part(bytes, offset..<offset + min(count, bytes.count - offset))
    }

    mutating func write(_ new: [UInt8], at offset: Int, number: Int) {
        guard !new.isEmpty else { return }
        let range = offset..<offset + new.count
        DiskBytes.resize(&bytes, to: max(bytes.count, range.upperBound))
        DiskBytes.copy(new, from: 0, to: &bytes, at: range)
        let size = bytes.count
        unsynced.append(
            Change(number: number, range: range, bytes: new, size: size, isCut: false)
        )
    }

    mutating func truncate(to size: Int, number: Int) {
        let former = bytes.count
        guard size != former else { return }
        DiskBytes.resize(&bytes, to: size)
        let range = min(size, former)..<max(size, former)
        unsynced.append(
            Change(number: number, range: range, bytes: nil, size: size, isCut: size < former)
        )
    }

    /// All that was written is on the disk, unless a sync failed before.
    mutating func sync() {
        if isUnsure {
            synced = onDisk(unit: .max, upTo: [.max])
        } else {
            synced = bytes
        }
        unsynced = []
    }

    /// The sync fails: some is on the disk, and the rest will never be written unless it is written anew.
    mutating func failToSync(_ loss: inout Loss) {
        synced = left(&loss)
        unsynced = []
        isUnsure = true
    }

    /// Programs see what is on the disk, unless something waits to be written.
    mutating func dropCached() {
        guard unsynced.isEmpty else { return }
        (bytes, isUnsure) = (synced, false)
    }

    // MARK: What a power cut does

    mutating func loseUnsynced(_ loss: inout Loss) {
        bytes = left(&loss)
        synced = bytes
        (unsynced, isUnsure) = ([], false)
    }

    private func left(_ loss: inout Loss) -> [UInt8] {
        guard let first = unsynced.first, let last = unsynced.last else { return synced }
        let span = first.number...last.number
        guard let unit = loss.unitBytes else {
            return onDisk(unit: .max, upTo: [loss.limit(span)])
        }
        let sizeLimit = loss.limit(span)
        let end = unsynced.reduce(0) { max($0, $1.range.upperBound) }
        var limits = [Int](repeating: .min, count: (end + unit - 1) / unit)
        for index in limits.indices { limits[index] = loss.limit(span) }
        for cut in unsynced where cut.isCut {
            for index in cut.range.lowerBound / unit...(cut.range.upperBound - 1) / unit {
                limits[index] =
                    cut.number <= sizeLimit
                    ? max(limits[index], cut.number) : min(limits[index], cut.number - 1)
            }
        }
        var left = onDisk(unit: unit, upTo: limits, size: sizeLimit)
        if loss.damages { damage(&left, unit, limits, last.number, &loss) }
        return left
    }

    /// The bytes when each unit of so many got the changes up to its limit.
    private func onDisk(unit: Int, upTo limits: [Int], size sizeLimit: Int? = nil) -> [UInt8] {
        let sizeLimit = sizeLimit ?? limits[0]
        let size = unsynced.last { $0.number <= sizeLimit }?.size ?? synced.count
        var result = synced
        DiskBytes.resize(&result, to: unsynced.reduce(max(size, synced.count)) { max($0, $1.size) })
        for change in unsynced {
            var start = change.range.lowerBound
            while start < change.range.upperBound {
                let index = start / unit
                let end =
                    unit == .max
                    ? change.range.upperBound
                    : min(change.range.upperBound, (index + 1) * unit)
                if change.number <= limits[index] {
                    let offset = start - change.range.lowerBound
                    DiskBytes.copy(change.bytes, from: offset, to: &result, at: start..<end)
                }
                start = end
            }
        }
        DiskBytes.resize(&result, to: size)
        return result
    }

    /// What was not written in time becomes zeros or garbage, as far as it was to be written.
    private func damage(
        _ left: inout [UInt8],
        _ unit: Int,
        _ limits: [Int],
        _ last: Int,
        _ loss: inout Loss
    ) {
        for index in limits.indices where limits[index] < last {
            guard let filling = loss.damage() else { continue }
            for change in unsynced where change.bytes != nil && change.number > limits[index] {
                let part = change.range.clamped(to: index * unit..<(index + 1) * unit)
                    .clamped(to: 0..<left.count)
                let bytes: [UInt8]? =
                    switch filling {
                    case .zeros: nil
                    case .garbage: loss.garbage(part.count)
                    }
                DiskBytes.copy(bytes, from: 0, to: &left, at: part)
            }
        }
    }
}
