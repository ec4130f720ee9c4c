import Wire
import ZNodeTree

/// Paths with a number each, in the order in which they came up; their bytes stand in one piece of memory.
///
/// Step of the data flow: what `NetChanges` is about. A path is found by a hash that nobody outside can foresee.
/// Invariant: there is a power of two of slots, at most half of them taken.
///
/// HOT: 100 ns for a path of 200 bytes, no allocation beyond the growing arrays (benchmark `fold`).
struct PathTable {
    private struct Place {
        let start: Int
        let length: Int
        let hash: Int
    }

    private var places: [Place] = []
    /// All paths, one behind the other.
    private var bytes: [UInt8] = []
    /// Numbers by hash; -1 where there is none.
    private var slots = [Int32](repeating: -1, count: 64)

    /// Creates a table without paths.
    ///
    /// - Parameters:
    ///   - count: So many paths have room before anything grows.
    ///   - bytes: All of theirs together.
    init(room count: Int = 0, bytes: Int = 0) {
        places.reserveCapacity(count)
        self.bytes.reserveCapacity(bytes)
        while slots.count < count { slots.append(contentsOf: slots) }
    }

    /// How many there are.
    var count: Int { places.count }

    /// The path with a number.
    subscript(number: Int) -> String { String(decoding: copy(number), as: UTF8.self) }

    /// A copy of the path's bytes.
    func copy(_ number: Int) -> [UInt8] {
        let place = places[number]
        return Array(bytes[place.start..<place.start + place.length])
    }

    /// The bytes of the path with a number.
    @_lifetime(borrow self)
    func span(_ number: Int) -> Span<UInt8> {
        let place = places[number]
        return bytes.span.extracting(place.start..<place.start + place.length)
    }

    /// The number of a path, which gets one if it has none.
    ///
    /// - Parameters:
    ///   - path: It, or one below it.
    ///   - length: How many of its bytes count.
    ///   - hash: Has got as far as `length` at most.
    /// - Returns: Its number; `count` before the call when it is new.
    mutating func number(
        of path: Span<UInt8>,
        prefix length: Int,
        _ hash: inout PathHash
    ) -> Int {
        let hashed = hash.advance(to: length, of: path)
        var slot = hashed & (slots.count - 1)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if places[number].hash == hashed, isPath(number, prefix: length, of: path) {
                return number
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = places.count
        slots[slot] = Int32(number)
        places.append(Place(start: bytes.count, length: length, hash: hashed))
        bytes.append(copying: path.extracting(..<length))
        if places.count * 2 > slots.count { grow() }
        return number
    }

    /// True when a path's first bytes are that path.
    func isPath(_ number: Int, prefix length: Int, of path: Span<UInt8>) -> Bool {
        PathHash.isSame(span(number), path, length: length)
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

// MARK: Order

extension PathTable {
    /// Where a path stands in an order.
    struct Key {
        /// What is compared next; the owner at first, then eight bytes of the path.
        fileprivate var word: UInt64
        let number: Int

        /// - Parameters:
        ///   - owner: Comes before the path.
        ///   - number: The path's.
        init(owner: Int64, number: Int) {
            word = UInt64(bitPattern: owner) ^ 1 << 63
            self.number = number
        }
    }

    /// Numbers in the order of their owners, then of their paths' bytes: a path comes before those below it.
    ///
    /// Eight bytes at a time are compared as one number, and only what is equal so far is looked at further: the
    /// long beginnings that paths share are read once a path.
    ///
    /// - Parameter keys: No number twice.
    /// - Returns: The numbers.
    /// - Complexity: O(n log n) and O(bytes).
    func sorted(_ keys: consuming [Key]) -> [Int] {
        // Ranges that are equal up to a depth; a stack, as paths can have a megabyte.
        var left = [(range: keys.indices, depth: -8)]
        while let (range, depth) = left.popLast() {
            guard range.count > 1 else { continue }
            var (least, greatest) = (UInt64.max, UInt64.min)
            for index in range {
                if depth >= 0 { keys[index].word = word(of: keys[index].number, at: depth) }
                let word = keys[index].word
                (least, greatest) = (min(least, word), max(greatest, word))
            }
            guard least < greatest else {
                left.append((range, depth + 8))
                continue
            }
            keys[range].sort { $0.word < $1.word }
            var start = range.lowerBound
            for end in range.dropFirst() where keys[end].word != keys[start].word {
                if end - start > 1 { left.append((start..<end, depth + 8)) }
                start = end
            }
            left.append((start..<range.upperBound, depth + 8))
        }
        return keys.map(\.number)
    }

    /// Eight bytes as a number that compares like them; behind the end they are 0, which no path has.
    private func word(of number: Int, at depth: Int) -> UInt64 {
        let place = places[number]
        var word: UInt64 = 0
        guard depth + 8 > place.length else {
            let start = place.start + depth
            for index in start..<start + 8 { word = word << 8 | UInt64(bytes[index]) }
            return word
        }
        guard depth < place.length else { return 0 }
        let rest = place.start + depth..<place.start + place.length
        for index in rest { word = word << 8 | UInt64(bytes[index]) }
        return word << UInt64(8 * (depth + 8 - place.length))
    }
}
