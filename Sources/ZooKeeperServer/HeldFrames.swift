import ZooKeeperProtocol

/// Frames of one connection that wait until what they show is durable.
///
/// Step of the data flow: between the engine's answers and the connection's outbox. With a store nearly every
/// answer passes through here, so their bytes stand back to back, and leave as they are once all of them may.
/// Invariants: frames leave in the order in which they came, so one that waits holds back all behind it; nothing is
/// kept in memory while none waits.
struct HeldFrames {
    private struct Entry {
        /// Least zxid that has to be durable.
        var needs: Int64
        var asked: Asked?
        /// Where its own bytes end, of a frame with shared names those before the names.
        var end: Int
        /// The next of `shared` belongs to it.
        var isShared: Bool
    }
    /// What may leave.
    struct Release {
        /// Frames joined where no shared names stand between them, and how many they were.
        var frames: [(frame: Frame, count: Int)] = []
        /// What those that are answers were asked by, and how many in a row by the same.
        var asked: [(asked: Asked, count: Int)] = []
        /// Frames in all.
        var count = 0
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var shared: [Frame] = []
    private var first = 0
    /// Bytes of those before the first.
    private var taken = 0

    /// How many wait.
    var count: Int { entries.count - first }
    var isEmpty: Bool { first == entries.count }

    /// Adds a frame that may leave once `zxid` is durable, and not before those ahead of it.
    mutating func append(_ frame: Frame, needing zxid: Int64, asked: Asked?) {
        // The first one's memory is taken over.
        if bytes.isEmpty { bytes = frame.head } else { bytes += frame.head }
        let isShared = frame.names != nil
        if isShared { shared.append(Frame(head: [], names: frame.names, tail: frame.tail)) }
        entries.append(Entry(needs: zxid, asked: asked, end: bytes.count, isShared: isShared))
    }

    /// Takes the frames out that need no more than that.
    ///
    /// - Complexity: O(frames taken); amortised, as what is taken is moved out of the way by halves.
    mutating func take(upTo zxid: Int64) -> Release {
        var release = Release()
        var (joined, sharedCount) = (0, 0)
        while first < entries.count, entries[first].needs <= zxid {
            let entry = entries[first]
            first += 1
            joined += 1
            release.note(entry.asked)
            guard entry.isShared else { continue }
            var frame = shared[sharedCount]
            frame.head = Array(bytes[taken..<entry.end])
            release.add(frame, joined)
            (taken, joined, sharedCount) = (entry.end, 0, sharedCount + 1)
        }
        shared.removeFirst(sharedCount)
        if joined > 0 { release.add(Frame(head: takeBytes(to: entries[first - 1].end)), joined) }
        tidy()
        return release
    }

    /// The bytes up to there, without a copy when they are all.
    private mutating func takeBytes(to end: Int) -> [UInt8] {
        if taken == 0, end == bytes.count {
            defer { bytes = [] }
            return bytes
        }
        defer { taken = end }
        return Array(bytes[taken..<end])
    }

    private mutating func tidy() {
        if isEmpty {
            self = HeldFrames()
        } else if first > entries.count / 2 {
            entries.removeFirst(first)
            bytes.removeFirst(taken)
            for index in entries.indices { entries[index].end -= taken }
            (first, taken) = (0, 0)
        }
    }
}

extension HeldFrames.Release {
    fileprivate mutating func add(_ frame: Frame, _ count: Int) {
        frames.append((frame, count))
        self.count += count
    }

    fileprivate mutating func note(_ new: Asked?) {
        guard let new else { return }
        if let last = asked.last, last.asked == new {
            asked[asked.count - 1].count += 1
        } else {
            asked.append((new, 1))
        }
    }
}
