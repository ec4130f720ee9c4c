import Flags
import FoundationEssentials

extension Subcommand {
    /// `muster watch`: every join, leave and change as it happens.
    static let watch = Subcommand(
        "watch",
        "Prints every join, leave and change as it happens.",
        options: [
            .value("after", "ID", "starts behind that event; `oldest` for all that are kept"),
            .value("count", "N", "ends after so many events"),
            .json, .control,
        ]
    ) { parsed, context throws(CommandFailure) in
        let limit = try parsed.number("count", in: 1...Int.max) ?? .max
        let path =
            "/v1/events" + (parsed.value("after").map { "?after=" + percentEncoded($0) } ?? "")
        let client = context.control(parsed)
        let pieces = try await client.open(path)
        try await check(client.status, pieces)
        var lines = EventLines()
        var seen = 0
        do {
            for try await piece in pieces {
                for event in lines.feed(piece) {
                    guard show(event, asJSON: parsed.has("json")) else { return }
                    if case .event = event { seen += 1 }
                    if seen == limit { return }
                }
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.failure, "the event stream broke: \(error)")
        }
        throw CommandFailure(.unreachable, "the daemon ended the event stream")
    }

    /// Turns an answer that is no event stream into a failure with the daemon's words.
    private static func check(
        _ status: Int,
        _ pieces: AsyncThrowingStream<[UInt8], any Error>
    ) async throws(CommandFailure) {
        guard status != 200 else { return }
        var body: [UInt8] = []
        do {
            for try await piece in pieces { body += piece }
        } catch {
            // The status alone says enough.
        }
        try CommandContext.check(status, body)
    }

    /// Prints an event; false when nobody reads it any more.
    private static func show(_ event: EventLines.Event, asJSON: Bool) -> Bool {
        switch event {
        case .gap(let text): return Output.isTaken(line: "some events were missed: " + text)
        case .event(let json) where asJSON: return Output.isTaken(line: json)
        case .event(let json):
            let decoded = try? JSONDecoder().decode(EventAnswer.self, from: Data(json.utf8))
            return Output.isTaken(line: decoded.map(line) ?? json)
        }
    }

    private static func line(_ event: EventAnswer) -> String {
        var words = ["#\(event.number)", event.at, event.kind, event.service]
        if let instance = event.instance {
            let host = instance.address.contains(":") ? "[\(instance.address)]" : instance.address
            words.append(
                (instance.scheme.isEmpty ? "" : instance.scheme + "://")
                    + "\(host):\(instance.port)"
            )
        }
        if let rejection = event.rejection { words.append(rejection.offender) }
        if !event.why.isEmpty { words.append("(\(event.why))") }
        return words.joined(separator: " ")
    }
}
