internal import CLinux

/// Bytes that wait to be sent, in the pieces in which they came, up to a bound.
///
/// Step of the data flow: between the frames of a protocol and a socket. Long pieces are kept as they came,
/// so that bytes which many streams send are in memory once; short ones are joined, so that many small
/// frames leave in one call. Invariants: `count` is the sum of all pieces less `sent`; `sent` is less than
/// the first piece, or both are empty; nothing is kept while nothing waits. Owner: the stream that holds it.
struct PieceQueue: ~Copyable {
    let bytesMax: Int
    /// Bytes in the queue.
    private(set) var count = 0
    private var first: [UInt8] = []
    /// Bytes of the first piece that were sent.
    private var sent = 0
    /// The pieces behind the first, from `next` on.
    private var rest: [[UInt8]] = []
    private var next = 0

    init(bytesMax: Int) {
        precondition(bytesMax > 0, "a queue of \(bytesMax) bytes")
        self.bytesMax = bytesMax
    }

    /// Bytes that still fit.
    var room: Int { bytesMax - count }

    /// Appends bytes; false, with nothing taken, when they do not all fit.
    mutating func append(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= room else { return false }
        guard !bytes.isEmpty else { return true }
        defer { count += bytes.count }
        guard count > 0 else {
            first = bytes
            return true
        }
        let isAlone = next == rest.count
        let last = isAlone ? first.count : rest[rest.count - 1].count
        guard last + bytes.count <= Limits.joinedPieceBytesMax else {
            rest.append(bytes)
            return true
        }
        if isAlone { first += bytes } else { rest[rest.count - 1] += bytes }
        return true
    }

    /// One send call of the first two pieces, or of so many of their bytes.
    ///
    /// - Returns: Bytes sent, or the negative errno; and whether the kernel took all that it was offered.
    mutating func send(to fd: Int32, upTo limit: Int) -> (result: Int, isWhole: Bool) {
        let headCount = min(first.count - sent, limit)
        let tailRoom = limit - headCount
        let second = tailRoom > 0 && next < rest.count ? rest[next] : []
        let tailCount = min(second.count, tailRoom)
        // SAFETY: both pointers are used only inside the closures; `sent` is less than the first count.
        let result = unsafe first.withUnsafeBufferPointer { head in
            unsafe second.withUnsafeBufferPointer { tail in
                let rest = unsafe UnsafeBufferPointer(rebasing: head[sent..<sent + headCount])
                guard tailCount > 0 else {
                    return unsafe muster_send(fd, rest.baseAddress, headCount)
                }
                return unsafe muster_send_pair(
                    fd,
                    rest.baseAddress,
                    headCount,
                    tail.baseAddress,
                    tailCount
                )
            }
        }
        if result > 0 { consume(Int(result)) }
        return (Int(result), result == headCount + tailCount)
    }

    private mutating func consume(_ taken: Int) {
        count -= taken
        sent += taken
        while sent >= first.count, !first.isEmpty {
            sent -= first.count
            guard next < rest.count else {
                (first, rest, next) = ([], [], 0)
                return
            }
            first = rest[next]
            rest[next] = []
            next += 1
            if next > rest.count / 2 {
                rest.removeFirst(next)
                next = 0
            }
        }
    }
}
