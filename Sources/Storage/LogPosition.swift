/// A place in the log: between two records, or behind the last one.
public struct LogPosition: Comparable, Sendable {
    /// Number of the segment, from 1 on.
    public var segment: UInt32
    /// Bytes from the start of that segment's file.
    public var offset: Int
    /// What the record before it was synced with; tells nothing of the place.
    public var batch: UInt32

    /// Creates a position.
    ///
    /// - Parameters:
    ///   - segment: Number of the segment.
    ///   - offset: Bytes from the start of its file.
    ///   - batch: What the record before it was synced with.
    public init(segment: UInt32, offset: Int, batch: UInt32) {
        (self.segment, self.offset, self.batch) = (segment, offset, batch)
    }

    /// Before the first record that a log can have.
    public static let start = LogPosition(segment: 0, offset: 0, batch: 0)

    /// Earlier places are smaller.
    public static func < (left: Self, right: Self) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }

    /// The same place.
    public static func == (left: Self, right: Self) -> Bool {
        (left.segment, left.offset) == (right.segment, right.offset)
    }
}
