import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized) struct LogTests {
    @Test func `a line has time, level, component and message`() {
        let line = LogLine(
            unixMilliseconds: 1_769_860_800_123,
            level: .warning,
            component: "registry",
            message: "connection lost"
        )
        #expect(line.text == "2026-01-31T12:00:00.123Z warning registry: connection lost")
    }

    @Test(arguments: [
        ("a\nb", "a\\nb"), ("a\r\n", "a\\r\\n"), ("\u{1b}[31m", "\\u{1b}[31m"),
        ("\u{202e}x", "\\u{202e}x"), ("\u{7f}\u{85}\0", "\\u{7f}\\u{85}\\u{0}"), ("größe", "größe"),
    ])
    func `control characters of a message cannot make a line`(message: String, escaped: String) {
        #expect(LogLine.escape(message) == escaped)
    }

    @Test func `a long message is cut at the border of a character`() {
        let message = String(repeating: "ä", count: 10_000)
        let line = LogLine(unixMilliseconds: 0, level: .info, component: "x", message: message)
        #expect(line.text.utf8.count < Limits.lineBytesMax)
        #expect(line.text.utf8.count > Limits.lineBytesMax - 8)
        #expect(line.text.hasSuffix("ä..."))
    }

    @Test func `the sink gets what the level lets through`() {
        let lines = Lines()
        Log.configure(level: .notice) { lines.append($0) }
        defer { Log.configure(level: .info) }
        let log = Log("log-test")
        log.info("not written")
        log.notice("written")
        log.error("written too")
        let ours = lines.all.filter { $0.contains("log-test") }
        #expect(
            ours.map { $0.split(separator: " ", maxSplits: 1)[1] }
                == ["notice log-test: written", "error log-test: written too"]
        )
    }

    @Test func `levels are found by their names`() {
        #expect(Log.Level.allCases.map { Log.Level($0.description) } == Log.Level.allCases)
        #expect(Log.Level("loud") == nil)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func append(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }
}
