import Glibc
import Runtime
import ServiceModel
import Telemetry

/// Says on standard error how far a long command is: a bar on a terminal, else a line now and then.
///
/// Nothing is said of what is done within a second.
struct ProgressLine {
    private let what: String
    private let total: Int?
    private let start = EventLoop.monotonicNow()
    private var next: Instant
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var isShown = false

    /// Starts the clock.
    ///
    /// - Parameters:
    ///   - what: What is going on, such as `reading zk1:2181`.
    ///   - total: How many znodes it is about, where that is known.
    init(_ what: String, total: Int?) {
        (self.what, self.total) = (what, total)
        next = start + (isTerminal ? Limits.progressFirstAfter : Limits.progressInterval)
    }

    /// So many znodes are done; nil where nobody counts.
    mutating func show(_ done: Int? = nil) {
        let now = EventLoop.monotonicNow()
        guard now >= next else { return }
        next = now + (isTerminal ? Limits.progressRedrawInterval : Limits.progressInterval)
        let time = now - start
        let text =
            done.map { self.text($0, after: time) }
            ?? "\(what): \(time.milliseconds / 1_000) s"
        guard isTerminal else { return StandardStreams.complain(text) }
        draw("\r\u{1b}[K" + text)
        isShown = true
    }

    /// Takes the bar off the screen.
    mutating func end() {
        guard isShown else { return }
        isShown = false
        draw("\r\u{1b}[K")
    }

    /// The line without anything around it.
    func text(_ done: Int, after time: Duration) -> String {
        let milliseconds = max(1, time.milliseconds)
        let rate = Int64(done) * 1_000 / milliseconds
        guard let total, total > 0, done <= total else {
            return "\(what): \(counted(done, "znode")), \(rate)/s"
        }
        let filled = done * Self.width / total
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: Self.width - filled)
        let left = rate > 0 ? ", \(Int64(total - done) / rate) s left" : ""
        return "\(what): [\(bar)] \(done * 100 / total) %, \(done) of \(total), \(rate)/s\(left)"
    }

    private static let width = 20

    private func draw(_ text: String) {
        do throws(OpenFile.Refusal) {
            try OpenFile(standard: STDERR_FILENO).write(Array(text.utf8))
        } catch {
            // A terminal that went away takes its bar with it.
        }
    }
}
