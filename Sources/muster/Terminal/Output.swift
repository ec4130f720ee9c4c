import FoundationEssentials
import Telemetry

/// What commands print: lines for people, JSON for programs.
enum Output {
    /// Prints a line and hands it on at once, so that a pipe's reader sees it.
    static func line(_ text: String) { _ = isTaken(line: text) }

    /// Prints a line as `line` does; false when nobody reads it any more, as behind `| head -1`.
    static func isTaken(line text: String) -> Bool {
        print(Terminal.printable(text))
        return StandardStreams.flush()
    }

    /// Prints a text that ends in a line feed, as tables and help do.
    static func text(_ text: String) {
        print(text, terminator: "")
        StandardStreams.flush()
    }

    /// Prints JSON as the daemon sent it, with one line feed at its end.
    static func answer(_ json: String) { text(json.hasSuffix("\n") ? json : json + "\n") }

    /// Prints a value as JSON with sorted keys.
    ///
    /// - Parameter value: Anything encodable.
    /// - Throws: `CommandFailure` when a value has no JSON form.
    static func json(_ value: some Encodable) throws(CommandFailure) {
        text(try jsonText(value) + "\n")
    }

    /// A value as JSON with sorted keys, without a line feed at the end.
    ///
    /// - Parameter value: Anything encodable.
    /// - Returns: Lines.
    /// - Throws: `CommandFailure` when a value has no JSON form.
    static func jsonText(_ value: some Encodable) throws(CommandFailure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw CommandFailure(.failure, "the result has no JSON form: \(error)")
        }
    }
}
