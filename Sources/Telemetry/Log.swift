import Glibc
import Synchronization

/// One part's voice in the process's log: a line for each message, by default on descriptor 2.
///
/// A line is `2026-01-31T12:00:00.123Z warning registry: message`. Control characters of the message,
/// which may come from outside, are escaped, so that nobody writes lines in our name; a long message
/// is cut. Any thread may log; a line is written by one call and waits for no other line.
public struct Log: Sendable {
    /// How much a message matters.
    public enum Level: Int, Comparable, CaseIterable, Sendable, CustomStringConvertible {
        /// Of use only to who looks for a fault in the program.
        case debug
        /// What happens in the normal course of things.
        case info
        /// Normal, and worth a look: membership changes, starts and stops.
        case notice
        /// Something is not as it should be, and the program deals with it.
        case warning
        /// Something the program cannot do; an operator has to act.
        case error

        /// Less important levels are smaller.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// The level's name as configurations and lines have it.
        public var description: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .notice: "notice"
            case .warning: "warning"
            case .error: "error"
            }
        }

        /// The level of that name; nil for any other text.
        public init?(_ name: String) {
            guard let level = Level.allCases.first(where: { $0.description == name }) else {
                return nil
            }
            self = level
        }
    }

    private let component: String

    private static let threshold = Atomic<Int>(Level.info.rawValue)
    private static let sink = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// Creates the voice of a part, such as `registry` or `dns`.
    public init(_ component: String) { self.component = component }

    /// Sets what is written and where, for the whole process.
    ///
    /// - Parameters:
    ///   - level: The least important level that is still written; `info` at first.
    ///   - sink: Takes each line, without its line end, on the thread that logs; nil for descriptor 2.
    public static func configure(level: Level, sink: (@Sendable (String) -> Void)? = nil) {
        threshold.store(level.rawValue, ordering: .relaxed)
        self.sink.withLock { $0 = sink }
    }

    /// True when messages of the level are written.
    public static func writes(_ level: Level) -> Bool {
        level.rawValue >= threshold.load(ordering: .relaxed)
    }

    /// Logs a message that only helps to find faults.
    public func debug(_ message: @autoclosure () -> String) { log(.debug, message) }

    /// Logs a message about the normal course of things.
    public func info(_ message: @autoclosure () -> String) { log(.info, message) }

    /// Logs a message that is normal and worth a look.
    public func notice(_ message: @autoclosure () -> String) { log(.notice, message) }

    /// Logs a message about a fault that the program deals with.
    public func warning(_ message: @autoclosure () -> String) { log(.warning, message) }

    /// Logs a message about a fault that needs an operator.
    public func error(_ message: @autoclosure () -> String) { log(.error, message) }

    private func log(_ level: Level, _ message: () -> String) {
        guard Self.writes(level) else { return }
        let line = LogLine(
            unixMilliseconds: Self.unixMilliseconds(),
            level: level,
            component: component,
            message: message()
        )
        if let sink = Self.sink.withLock({ $0 }) {
            sink(line.text)
        } else {
            Self.writeToStandardError(line.text)
        }
    }

    private static func unixMilliseconds() -> Int64 {
        var time = timespec()
        // SAFETY: `time` is a local of the type that the call fills in.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Writes the line with its end; a reader that is gone or full loses it, and nobody waits.
    private static func writeToStandardError(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        var written = 0
        while written < bytes.count {
            // SAFETY: the buffer is valid for its own count during the call.
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe write(2, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}
