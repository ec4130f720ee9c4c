public import ServiceModel

/// What tells one event from all others, also across restarts: `mbx2k4f1-42`.
///
/// The part before the dash names the daemon's run, the number is that of the delta in the view. A
/// reader who holds a view with delta number N has seen everything up to the event with that number.
public struct EventID: Hashable, Sendable, CustomStringConvertible {
    /// Names the run of the daemon: digits and small letters.
    public let stream: String
    /// Number of the delta; ascending within a stream.
    public let number: UInt64

    /// Creates an id; nothing is checked here.
    public init(stream: String, number: UInt64) { (self.stream, self.number) = (stream, number) }

    /// Reads `mbx2k4f1-42`.
    ///
    /// - Parameter text: From outside; any bytes.
    /// - Throws: `AlertsError` with code `badPosition` for any other form.
    public init(_ text: some StringProtocol) throws(AlertsError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...Limits.streamBytesMax).contains(parts[0].utf8.count),
            parts[0].utf8.allSatisfy(Self.isDigit), parts[1].utf8.first != UInt8(ascii: "+"),
            let number = UInt64(parts[1])
        else { throw AlertsError(.badPosition, "an event id looks like mbx2k4f1-42") }
        self.init(stream: String(parts[0]), number: number)
    }

    /// The name of a run that started then.
    public static func stream(startedAt: UnixTime) -> String {
        String(UInt64(max(0, startedAt.milliseconds)), radix: 36)
    }

    /// `mbx2k4f1-42`.
    public var description: String { "\(stream)-\(number)" }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }
}
