/// What one event stream sends next, and whether its connection waits: the engine of `EventStream`.
///
/// ```
/// id: mbx2k4f1-42
/// event: leave
/// data: {"kind":"leave",...}
/// ```
/// (WHATWG HTML section 9.2, server-sent events.) Invariant: at most one portion of the feed waits here.
/// Nothing here blocks; owner: the stream's lock.
struct StreamState {
    /// What the network gets.
    enum Portion: Equatable {
        case bytes([UInt8])
        /// Nothing to send: the connection waits for `wake`, `beat` or `close`.
        case park
        case end
    }

    private var pending: [UInt8]
    private var sent = 0
    private var isEnding = false
    private(set) var isParked = false

    /// A stream that greets first, so that its client sees at once that it stands.
    init() { pending = Array("retry: \(Limits.reconnectMilliseconds)\n: muster\n\n".utf8) }

    /// The next bytes.
    ///
    /// - Parameters:
    ///   - bytesMax: Room that there is, at least 1.
    ///   - next: Asked when nothing waits.
    /// - Returns: At most that many bytes, or what to do instead.
    mutating func take(bytesMax: Int, next: () -> EventFeed.Next) -> Portion {
        if sent == pending.count, !isEnding { refill(next()) }
        guard sent < pending.count else {
            if isEnding { return .end }
            isParked = true
            return .park
        }
        let upTo = min(sent + bytesMax, pending.count)
        defer { sent = upTo }
        return .bytes(Array(pending[sent..<upTo]))
    }

    /// There may be something new.
    ///
    /// - Returns: True when the connection has to be resumed.
    mutating func wake() -> Bool {
        defer { isParked = false }
        return isParked
    }

    /// Sends a comment line if the stream has been silent, so that a client that left is noticed.
    ///
    /// - Returns: True when the connection has to be resumed.
    mutating func beat() -> Bool {
        guard isParked else { return false }
        set(": still here\n\n")
        return wake()
    }

    /// Lets the stream end behind what waits.
    ///
    /// - Returns: True when the connection has to be resumed.
    mutating func close() -> Bool {
        isEnding = true
        return wake()
    }

    private mutating func refill(_ next: EventFeed.Next) {
        switch next {
        case .nothing: set("")
        case .items(let items): set(items.map(Self.text).joined())
        case .gap(let id, let reason):
            set("id: \(id)\nevent: reset\ndata: {\"reason\":\"\(Self.plain(reason))\"}\n\n")
        case .closed(let reason):
            set(": \(Self.plain(reason))\n\n")
            isEnding = true
        }
    }

    private mutating func set(_ text: String) { (pending, sent) = (Array(text.utf8), 0) }

    private static func text(_ item: EventFeed.Item) -> String {
        "id: \(item.id)\nevent: \(item.kind)\ndata: \(item.json)\n\n"
    }

    /// A reason without what would end a line or a JSON text.
    private static func plain(_ reason: String) -> String {
        String(reason.filter { !$0.isNewline && $0 != "\"" && $0 != "\\" })
    }
}
