import ServiceModel
import TestSupport

/// One direction of a connection: pieces of bytes on their way, in the order in which they were sent.
struct ByteStream {
    enum Piece {
        case bytes([UInt8])
        case end
    }
    private var pieces: [Piece] = []
    private var lastArrival = Instant(nanoseconds: .min)
    /// Nothing more can be sent.
    private(set) var isEnded = false
    /// Bytes on their way.
    private(set) var count = 0

    /// Nothing arrives before the connection is made.
    mutating func opens(at moment: Instant) { lastArrival = max(lastArrival, moment) }

    /// Cuts the bytes anywhere.
    ///
    /// - Returns: When each piece arrives.
    mutating func send(
        _ bytes: [UInt8],
        _ conditions: Conditions,
        now: Instant,
        _ random: inout SeededGenerator
    ) -> [Instant] {
        guard !isEnded else { return [] }
        var (start, arrivals) = (0, [Instant]())
        while start < bytes.count {
            // Long writes travel in few pieces, or a run would be nothing but pieces.
            let most = max(conditions.pieceBytesMax, bytes.count / 8)
            let end = min(bytes.count, start + random.number(1...most))
            pieces.append(.bytes(Array(bytes[start..<end])))
            arrivals.append(arrival(conditions, now, &random))
            start = end
        }
        count += bytes.count
        return arrivals
    }

    /// Nothing follows; of what is on its way, the end may be lost.
    mutating func end(
        losing: Bool,
        _ conditions: Conditions,
        now: Instant,
        _ random: inout SeededGenerator
    ) -> Instant? {
        guard !isEnded else { return nil }
        isEnded = true
        if losing { lose(&random) }
        pieces.append(.end)
        return arrival(conditions, now, &random)
    }

    /// The sender is gone without a word.
    mutating func fallSilent(_ random: inout SeededGenerator) {
        isEnded = true
        lose(&random)
    }

    private mutating func lose(_ random: inout SeededGenerator) {
        pieces.removeLast(random.number(0...pieces.count))
        count = pieces.reduce(0) { sum, piece in
            if case .bytes(let bytes) = piece { sum + bytes.count } else { sum }
        }
    }

    /// The next piece arrives; nil when it was lost.
    mutating func arrive() -> Piece? {
        guard !pieces.isEmpty else { return nil }
        let piece = pieces.removeFirst()
        if case .bytes(let bytes) = piece { count -= bytes.count }
        return piece
    }

    private mutating func arrival(
        _ conditions: Conditions,
        _ now: Instant,
        _ random: inout SeededGenerator
    ) -> Instant {
        let delay = random.milliseconds(conditions.latency)
        lastArrival = max(lastArrival, now + delay)
        return lastArrival
    }
}
