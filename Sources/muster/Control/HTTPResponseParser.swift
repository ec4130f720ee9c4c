/// Takes an HTTP/1.1 response apart as its bytes arrive (RFC 9112): head, then the body in pieces.
///
/// Step of the data flow: between the control socket and a command. Understands a body with a length,
/// in chunks, or up to the end of the connection. Invariant: never holds more than a head or a line.
struct HTTPResponseParser {
    /// What the fed bytes brought.
    enum Event: Equatable {
        /// The status code; comes once, first.
        case head(status: Int)
        /// A piece of the body.
        case body([UInt8])
        /// The body is complete.
        case end
    }

    /// Bytes that are not an HTTP response.
    struct Malformed: Error, Equatable {
        /// What is wrong with them.
        let reason: String
    }

    private enum Stage: Equatable {
        case head
        case counted(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        case untilEnd
        case done
    }

    private var stage = Stage.head
    private var line: [UInt8] = []
    private var status: Int?
    private var length: Int?
    private var isChunked = false

    /// Feeds bytes in the order in which they arrived.
    ///
    /// - Parameter bytes: Any number of them.
    /// - Returns: What they brought, in order.
    /// - Throws: `Malformed`; the parser is of no more use then.
    mutating func feed(_ bytes: [UInt8]) throws(Malformed) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            switch stage {
            case .head, .chunkSize, .chunkEnd, .trailer:
                guard let text = try takeLine(&rest) else { return events }
                try readLine(text, &events)
            case .counted(let count):
                take(&rest, count, &events) { $0 == 0 ? .done : .counted($0) }
                if stage == .done { events.append(.end) }
            case .chunk(let count): take(&rest, count, &events) { $0 == 0 ? .chunkEnd : .chunk($0) }
            case .untilEnd:
                events.append(.body(Array(rest)))
                return events
            case .done: return events
            }
        }
        return events
    }

    /// The connection ended.
    ///
    /// - Returns: True when the response was complete.
    mutating func end() -> Bool {
        if stage == .untilEnd { stage = .done }
        return stage == .done
    }

    private mutating func take(
        _ rest: inout ArraySlice<UInt8>,
        _ wanted: Int,
        _ events: inout [Event],
        then next: (Int) -> Stage
    ) {
        let piece = rest.prefix(wanted)
        rest = rest.dropFirst(piece.count)
        if !piece.isEmpty { events.append(.body(Array(piece))) }
        stage = next(wanted - piece.count)
    }

    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> String? {
        while let byte = rest.popFirst() {
            guard byte != 10 else {
                if line.last == 13 { line.removeLast() }
                defer { line.removeAll() }
                return String(decoding: line, as: UTF8.self)
            }
            line.append(byte)
            guard line.count <= Limits.headLineBytesMax else {
                throw Malformed(reason: "a line is longer than \(Limits.headLineBytesMax) bytes")
            }
        }
        return nil
    }

    private mutating func readLine(_ text: String, _ events: inout [Event]) throws(Malformed) {
        switch stage {
        case .head where text.isEmpty: endHead(&events)
        case .head: try readHead(text)
        case .chunkSize:
            let digits = text.prefix { $0 != ";" && $0 != " " }
            guard let count = Int(digits, radix: 16), count >= 0 else {
                throw Malformed(reason: "'\(text)' is no chunk size")
            }
            stage = count == 0 ? .trailer : .chunk(count)
        case .chunkEnd: stage = .chunkSize
        default:
            guard text.isEmpty else { return }
            stage = .done
            events.append(.end)
        }
    }

    private mutating func readHead(_ text: String) throws(Malformed) {
        guard status != nil else {
            let words = text.split(separator: " ")
            guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let code = Int(words[1]) else {
                throw Malformed(reason: "'\(text)' is no HTTP status line")
            }
            status = code
            return
        }
        guard let colon = text.firstIndex(of: ":") else { return }
        let value = text[text.index(after: colon)...].drop { $0 == " " }
        switch text[..<colon].lowercased() {
        case "content-length": length = Int(value)
        case "transfer-encoding": isChunked = value.lowercased() == "chunked"
        default: break
        }
    }

    private mutating func endHead(_ events: inout [Event]) {
        events.append(.head(status: status ?? 0))
        if isChunked {
            stage = .chunkSize
        } else if let length {
            stage = length == 0 ? .done : .counted(length)
            if length == 0 { events.append(.end) }
        } else {
            stage = .untilEnd
        }
    }
}
