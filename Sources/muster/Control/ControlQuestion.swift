import Flags
import FoundationEssentials

extension CommandContext {
    /// Asks the daemon for a path and reads the answer.
    ///
    /// - Parameters:
    ///   - path: Path and query, already percent-encoded.
    ///   - parsed: Looked at for `--control`.
    ///   - type: What the answer is read as.
    /// - Returns: The answer as a value, and as the daemon sent it.
    /// - Throws: `CommandFailure`: no daemon, its error, or an answer of another version.
    func ask<Answer: Decodable>(
        _ path: String,
        _ parsed: ParsedCommand,
        as type: Answer.Type
    ) async throws(CommandFailure) -> (answer: Answer, json: String) {
        let (status, body) = try await control(parsed).get(path)
        return try Self.read(status, body, path, as: type)
    }

    /// Orders something of the daemon and reads the answer.
    ///
    /// - Parameters:
    ///   - path: Path and query, already percent-encoded.
    ///   - parsed: Looked at for `--control`.
    ///   - type: What the answer is read as.
    /// - Returns: The answer as a value, and as the daemon sent it.
    /// - Throws: `CommandFailure`: no daemon, its error, or an answer of another version.
    func order<Answer: Decodable>(
        _ path: String,
        _ parsed: ParsedCommand,
        as type: Answer.Type
    ) async throws(CommandFailure) -> (answer: Answer, json: String) {
        let (status, body) = try await control(parsed).post(path)
        return try Self.read(status, body, path, as: type)
    }

    private static func read<Answer: Decodable>(
        _ status: Int,
        _ body: [UInt8],
        _ path: String,
        as type: Answer.Type
    ) throws(CommandFailure) -> (answer: Answer, json: String) {
        try check(status, body)
        do {
            let answer = try JSONDecoder().decode(Answer.self, from: Data(body))
            return (answer, String(decoding: body, as: UTF8.self))
        } catch {
            throw CommandFailure(
                .failure,
                "the daemon's answer to \(path) is not understood: \(error)",
                advice: "use the muster of the same version as musterd"
            )
        }
    }

    /// Asks for what belongs to one service.
    ///
    /// - Parameters:
    ///   - service: The service as the user typed it.
    ///   - path: Path and query, already percent-encoded.
    ///   - parsed: Looked at for `--control`.
    ///   - type: What the answer is read as.
    /// - Returns: The answer as a value, and as the daemon sent it.
    /// - Throws: `CommandFailure`, with the service's name when there is none of that name.
    func ask<Answer: Decodable>(
        about service: String,
        _ path: String,
        _ parsed: ParsedCommand,
        as type: Answer.Type
    ) async throws(CommandFailure) -> (answer: Answer, json: String) {
        do throws(CommandFailure) {
            return try await ask(path, parsed, as: type)
        } catch  where error.status == .notFound {
            throw CommandFailure(
                .notFound,
                "\(service) is not registered",
                advice: "muster service ls lists what is"
            )
        }
    }

    /// A client of the daemon named by `--control`, or of the default one.
    func control(_ parsed: ParsedCommand) -> ControlClient {
        ControlClient(loop: loop, socketPath: parsed.value("control") ?? defaultControl)
    }

    /// Turns an error answer into a failure.
    ///
    /// - Parameters:
    ///   - status: HTTP status.
    ///   - body: The answer's body.
    /// - Throws: `CommandFailure` for every status but 200 and 202.
    static func check(_ status: Int, _ body: [UInt8]) throws(CommandFailure) {
        guard ![200, 202].contains(status) else { return }
        let detail = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(body))
        let code: ExitStatus =
            switch status {
            case 400: .usage
            case 404: .notFound
            case 409: .refused
            default: .failure
            }
        throw CommandFailure(
            code,
            detail?.error.message ?? "the daemon answered with HTTP status \(status)",
            advice: detail?.error.do ?? ""
        )
    }
}

/// Percent-encodes a value for a path or a query (RFC 3986 section 2.3).
func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        switch byte {
        case 65...90, 97...122, 48...57, 45, 46, 95, 126: String(UnicodeScalar(byte))
        default:
            "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }.joined()
}
