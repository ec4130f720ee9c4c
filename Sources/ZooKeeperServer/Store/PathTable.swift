import ZNodeTree

/// Paths with a number each, in the order in which they came up.
///
/// Step of the data flow: what `NetChanges` is about. The paths' bytes stand back to back, and are found by a hash
/// that nobody outside can foresee. Invariants: slots are a power of two, at most half of them taken.
///
/// HOT: 90 ns for a path of 200 bytes, no allocation beyond the growing buffers (benchmark `fold`).
struct PathTable {
    private struct Place {
        let start: Int
        let length: Int
        let hash: Int
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []
    /// Numbers by hash; -1 where there is none.
    private var slots = [Int32](repeating: -1, count: 64)

    var count: Int { places.count }

    /// The bytes of a path.
    subscript(number: Int) -> Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            let place = places[number]
            return bytes.span.extracting(place.start..<place.start + place.length)
        }
    }

    /// A path as text.
    func text(_ number: Int) -> String {
        let place = places[number]
        return String(decoding: bytes[place.start..<place.start + place.length], as: UTF8.self)
    }

    /// The number of a path, which gets one if it has none.
    ///
    /// - Parameters:
    ///   - path: It, or one below it.
    ///   - length: How many of its bytes count.
    ///   - hash: Has got as far as `length` at most.
    /// - Returns: Its number; `count` before the call when it is new.
    mutating func number(
        of path: String,
        prefix length: Int,
        _ hash: inout PathHash
    ) -> Int {
        let hashed = hash.advance(to: length, of: path)
        let wanted = path.utf8.span.extracting(first: length)
        var slot = hashed & (slots.count - 1)
        while slots[slot] >= 0 {
            let place = places[Int(slots[slot])]
            if place.hash == hashed, isEqual(place, wanted) { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = places.count
        slots[slot] = Int32(number)
        places.append(Place(start: bytes.count, length: length, hash: hashed))
        bytes.append(contentsOf: path.utf8.prefix(length))
        if places.count * 2 > slots.count { grow() }
        return number
    }

    /// True when a path's first bytes are that path.
    func isPath(_ number: Int, prefix length: Int, of path: String) -> Bool {
        isEqual(places[number], path.utf8.span.extracting(first: length))
    }

    /// Numbers in the order of their paths' bytes; a path comes before those below it.
    ///
    /// Eight bytes at a time are compared as one number, and only what is equal so far is looked at further: the
    /// long beginnings that paths share are read once a path.
    ///
    /// - Parameter numbers: None twice.
    /// - Returns: The same numbers.
    /// - Complexity: O(n log n) and O(bytes).
    func sorted(_ numbers: [Int]) -> [Int] {
        var items = numbers.map { Item(key: 0, number: $0) }
        // Ranges that are equal up to a depth; a stack, as paths can have a megabyte.
        var left = [(range: items.indices, depth: 0)]
        while let (range, depth) = left.popLast() {
            var (least, greatest) = (UInt64.max, UInt64.min)
            for index in range {
                let key = word(of: items[index].number, at: depth)
                items[index].key = key
                (least, greatest) = (min(least, key), max(greatest, key))
            }
            if least == greatest {
                if range.count > 1 { left.append((range, depth + 8)) }
                continue
            }
            items[range].sort { $0.key < $1.key }
            var start = range.lowerBound
            for end in range.dropFirst() where items[end].key != items[start].key {
                if end - start > 1 { left.append((start..<end, depth + 8)) }
                start = end
            }
            if range.upperBound - start > 1 { left.append((start..<range.upperBound, depth + 8)) }
        }
        return items.map(\.number)
    }

    private struct Item {
        var key: UInt64
        let number: Int
    }

    /// Eight bytes as a number that compares like them; 0, which no path has, behind its end.
    private func word(of number: Int, at depth: Int) -> UInt64 {
        let place = places[number]
        let end = min(place.start + place.length, place.start + depth + 8)
        var word: UInt64 = 0
        for index in place.start + depth..<max(end, place.start + depth) {
            word = word << 8 | UInt64(bytes[index])
        }
        let missing = place.start + depth + 8 - end
        return missing < 8 ? word << UInt64(8 * missing) : 0
    }

    private func isEqual(_ place: Place, _ wanted: Span<UInt8>) -> Bool {
        guard place.length == wanted.count else { return false }
        var difference: UInt8 = 0
        // Without a branch, so that it goes by many bytes at a time.
        let own = bytes.span.extracting(place.start..<place.start + place.length)
        for index in own.indices { difference |= own[index] ^ wanted[index] }
        return difference == 0
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (number, place) in places.enumerated() {
            var slot = place.hash & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }
}
