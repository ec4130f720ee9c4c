internal import ZooKeeperProtocol

/// Who gets the answer to a request.
enum Origin: Hashable, Sendable {
    /// The sink, which chose the tag.
    case sink(tag: UInt64)
    /// An `async` call of that number.
    case call(UInt64)
    /// A batch of that number, and the place of the request in it.
    case batch(UInt64, index: Int)
    /// The router of watches, which chose the tag.
    case watching(tag: UInt64)
    /// A deletion in the background, of that number.
    case deletion(UInt64)
    /// A cache, which chose the tag.
    case port(UInt64, tag: UInt64)
}

/// A request on its way: what is needed when its answer or its failure comes.
struct PendingRequest {
    var xid: Int32
    let origin: Origin
    let opCode: OpCode
    let path: String
    let byteCount: Int
    let registration: WatchTable.Registration?
}

/// Requests in the order in which they were sent, which is the order of their replies.
///
/// Invariant: `bytes` is the sum of the requests' bytes. Bounds are kept by the engine.
struct PendingRequests {
    private var items: [PendingRequest?] = []
    private var head = 0
    /// Encoded bytes of all requests in the queue.
    private(set) var bytes = 0

    var count: Int { items.count - head }
    var first: PendingRequest? { head < items.count ? items[head] : nil }

    mutating func append(_ request: PendingRequest) {
        items.append(request)
        bytes += request.byteCount
    }

    mutating func removeFirst() {
        guard let first else { return }
        bytes -= first.byteCount
        items[head] = nil
        head += 1
        // Moving the rest costs less than what has been taken since the last time.
        guard head > 64, head * 2 > items.count else { return }
        items.removeFirst(head)
        head = 0
    }

    /// Takes all of them out, oldest first.
    mutating func removeAll() -> [PendingRequest] {
        let all = items[head...].compactMap { $0 }
        self = PendingRequests()
        return all
    }
}
