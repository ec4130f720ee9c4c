import Glibc

/// Standard output and error of a program that people and pipes read.
public enum StandardStreams {
    /// Hands on what was printed; without it a pipe's reader sees it when the program ends.
    ///
    /// - Returns: False when something could not be written, as when a pipe's reader has gone.
    @discardableResult
    public static func flush() -> Bool {
        // A null stream means all streams of the process.
        fflush(nil) == 0
    }

    /// Writes a line to standard error, behind everything printed so far.
    ///
    /// - Parameter line: Without a line feed at its end.
    public static func complain(_ line: String) {
        flush()
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the buffer lives for the call, and the count is its own.
            let written = unsafe rest.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
