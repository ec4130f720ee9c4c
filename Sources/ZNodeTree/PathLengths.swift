/// How long the paths are that have something that concerns all below them, such as a recursive watch.
///
/// A path is looked for only at those lengths where there is one, the short ones first. Invariant: `entries`
/// ascend in their lengths, and none has a count of 0.
struct PathLengths {
    private var entries: [(length: Int, count: Int)] = []

    var isEmpty: Bool { entries.isEmpty }
    /// How many paths there are of each length.
    var counts: [Int: Int] {
        Dictionary(uniqueKeysWithValues: entries.map { ($0.length, $0.count) })
    }

    /// True when there is a path of that length.
    ///
    /// - Complexity: O(log n).
    func contains(_ length: Int) -> Bool {
        let index = position(of: length)
        return index < entries.count && entries[index].length == length
    }

    /// - Complexity: O(log n), a move of memory for a new length.
    mutating func add(_ length: Int) {
        let index = position(of: length)
        if index < entries.count, entries[index].length == length {
            entries[index].count += 1
        } else {
            entries.insert((length, 1), at: index)
        }
    }

    /// - Complexity: O(log n), a move of memory when it was the last path of its length.
    mutating func remove(_ length: Int) {
        let index = position(of: length)
        guard index < entries.count, entries[index].length == length else { return }
        entries[index].count -= 1
        if entries[index].count == 0 { entries.remove(at: index) }
    }

    /// Calls with each path above that has such a length, and with how many bytes it has.
    ///
    /// - Complexity: O(bytes of the path), and O(its bytes) for each.
    func forEach(above path: String, _ body: (PathKey, Int) -> Void) {
        let bytes = path.utf8
        var hash = PathHash()
        // The empty path is above nothing (ZooKeeper 3.8 PathParentIterator).
        for (length, _) in entries where length > 0 {
            guard length < bytes.count else { break }
            let end = bytes.index(bytes.startIndex, offsetBy: length)
            guard length == 1 || bytes[end] == UInt8(ascii: "/") else { continue }
            let value = hash.advance(to: length, of: path)
            body(PathKey(String(path[..<end]), hash: value), length)
        }
    }

    private func position(of length: Int) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].length < length { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
