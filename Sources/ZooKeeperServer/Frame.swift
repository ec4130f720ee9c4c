import ZooKeeperProtocol

/// A frame on its way out: bytes of its own, in a listing around names that many readers share.
struct Frame {
    /// From the length field on; all of it, or what stands before the names.
    var head: [UInt8]
    var names: EncodedNames?
    /// What stands behind the names.
    var tail: [UInt8] = []

    var count: Int { head.count + (names?.bytes.count ?? 0) + tail.count }
}

/// Names that wait to be sent, of all connections: however many send them, they are in memory once.
struct SharedNames {
    private var senders: [ObjectIdentifier: Int] = [:]
    /// Bytes of all that somebody sends.
    private(set) var count = 0

    /// One more frame has the names.
    mutating func add(_ names: EncodedNames) {
        let others = senders[ObjectIdentifier(names), default: 0]
        if others == 0 { count += names.bytes.count }
        senders[ObjectIdentifier(names)] = others + 1
    }

    /// A frame with the names is sent or lost; the caller still holds them.
    mutating func remove(_ names: EncodedNames) {
        guard let others = senders[ObjectIdentifier(names)] else { return }
        senders[ObjectIdentifier(names)] = others > 1 ? others - 1 : nil
        if others == 1 { count -= names.bytes.count }
    }
}

/// What a connection has yet to send: small frames joined, shared names as they are.
struct Outbox {
    /// Bytes put in since the start.
    private(set) var added = 0
    /// Bytes not taken yet.
    private(set) var count = 0
    /// Bytes of names that were put in and are not all written.
    private(set) var sharedCount = 0
    private var pieces: [[UInt8]] = []
    private var last: [UInt8] = []
    /// Names that are not all written, and where among the added bytes they end.
    private var shared: [(end: Int, names: EncodedNames)] = []
    private var firstShared = 0

    private mutating func append(_ bytes: [UInt8]) {
        if last.isEmpty { last = bytes } else { last += bytes }
        added += bytes.count
        count += bytes.count
    }

    mutating func append(_ frame: Frame) {
        append(frame.head)
        guard let names = frame.names else { return }
        pieces.append(last)
        pieces.append(names.bytes)
        last = []
        added += names.bytes.count
        count += names.bytes.count
        sharedCount += names.bytes.count
        shared.append((added, names))
        append(frame.tail)
    }

    /// Hands over all that waits, in order.
    mutating func takePieces(_ take: ([UInt8]) -> Void) {
        for piece in pieces where !piece.isEmpty { take(piece) }
        if !last.isEmpty { take(last) }
        (pieces, last, count) = ([], [], 0)
    }

    /// Lets go of names that are written; `unwritten` bytes are not, taken or not.
    mutating func release(unwritten: Int, _ release: (EncodedNames) -> Void) {
        while firstShared < shared.count, shared[firstShared].end <= added - unwritten {
            let names = shared[firstShared].names
            sharedCount -= names.bytes.count
            release(names)
            firstShared += 1
        }
        if firstShared == shared.count {
            (shared, firstShared) = ([], 0)
        } else if firstShared > shared.count / 2 {
            shared.removeFirst(firstShared)
            firstShared = 0
        }
    }
}
