/// Takes a stream of server-sent events apart (WHATWG HTML section 9.2, `text/event-stream`).
struct EventLines {
    /// What a block of lines says.
    enum Event: Equatable {
        /// An event's data.
        case event(String)
        /// Events were missed; the sentence says which and why.
        case gap(String)
    }

    private var line: [UInt8] = []
    private var name = ""
    private var text: [String] = []

    /// Feeds bytes in the order in which they arrived.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Returns: The events that they complete, in order.
    mutating func feed(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            guard byte == 10 else {
                line.append(byte)
                continue
            }
            if line.last == 13 { line.removeLast() }
            if let event = take(String(decoding: line, as: UTF8.self)) { events.append(event) }
            line.removeAll(keepingCapacity: true)
        }
        return events
    }

    private mutating func take(_ line: String) -> Event? {
        if line.isEmpty {
            defer { (name, text) = ("", []) }
            guard !text.isEmpty else { return nil }
            let whole = text.joined(separator: "\n")
            return name == "reset" ? .gap(whole) : .event(whole)
        }
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
        var value = line[line.index(after: colon)...]
        if value.first == " " { value = value.dropFirst() }
        switch line[..<colon] {
        case "event": name = String(value)
        case "data": text.append(String(value))
        default: break
        }
        return nil
    }
}
