import FoundationEssentials

/// What a route answers: a value that the shell sends as it is.
struct HTTPResponse: Equatable, Sendable {
    /// What follows the header fields.
    enum Body: Equatable, Sendable {
        case text(String)
        /// The events from there, for as long as the client stays.
        case events(EventFeed.Position)
    }

    var status: Int
    var fields: [Field]
    var body: Body

    struct Field: Equatable, Sendable {
        let name: String
        let value: String
    }

    private init(status: Int, type: String, body: Body) {
        (self.status, self.body) = (status, body)
        fields = [
            Field(name: "Content-Type", value: type),
            Field(name: "Cache-Control", value: "no-store"),
            Field(name: "X-Content-Type-Options", value: "nosniff"),
        ]
    }

    /// A JSON answer, keys in order, one line with its end.
    static func json(status: Int = 200, _ value: some Encodable) -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let text = String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
            return HTTPResponse(status: status, type: "application/json", body: .text(text))
        } catch {
            return .failure(500, "the answer cannot be written as JSON: \(error)", "report this")
        }
    }

    /// Prometheus text.
    static func metrics(_ text: String) -> HTTPResponse {
        let type = "text/plain; version=0.0.4; charset=utf-8"
        return HTTPResponse(status: 200, type: type, body: .text(text))
    }

    /// A stream of server-sent events.
    static func events(from position: EventFeed.Position) -> HTTPResponse {
        HTTPResponse(status: 200, type: "text/event-stream", body: .events(position))
    }

    /// A refusal: `{"error": {"message": ..., "do": ...}}`.
    static func failure(
        _ status: Int,
        _ message: String,
        _ advice: String,
        fields: [Field] = []
    ) -> HTTPResponse {
        let value: JSONValue = [
            "error": ["message": .string(message), "do": .string(advice)]
        ]
        var response = HTTPResponse.json(status: status, value)
        response.fields += fields
        return response
    }

    /// The refusal of a request body over the bound.
    static let bodyTooLarge = failure(
        413,
        "the request has a body of more than \(Limits.bodyBytesMax) bytes",
        "send no body: no route reads one"
    )

    /// The refusal of one stream too many.
    static let streamsTaken = failure(
        503,
        "all event streams are taken",
        "close one, or try again later",
        fields: [Field(name: "Retry-After", value: String(Limits.retryAfterSeconds))]
    )
}
