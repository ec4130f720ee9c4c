/// One request as the routes see it: already taken apart and decoded by libmicrohttpd.
struct HTTPRequest: Equatable, Sendable {
    /// Which of the two listeners it came in on.
    enum Entrance: Equatable, Sendable {
        /// The port: anyone on this machine, and what their browsers are tricked into.
        case port
        /// The control socket: only who may open it.
        case controlSocket
    }

    var method = "GET"
    /// Absolute path without the query, percent escapes decoded.
    var path: String
    /// Arguments of the query in order, decoded; an argument without `=` has an empty value.
    var arguments: [Argument] = []
    /// The `Host` field.
    var host: String?
    /// The `Last-Event-ID` field.
    var lastEventID: String?
    var entrance = Entrance.port

    struct Argument: Equatable, Sendable {
        let name: String
        let value: String
    }

    /// The value of the last argument of that name, as most parsers take it.
    func argument(_ name: String) -> String? { arguments.last { $0.name == name }?.value }
}
