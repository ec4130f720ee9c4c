import Wire

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

    /// What was kept of a place, if there can be such a one.
    ///
    /// - Parameters:
    ///   - segment: Number of the segment; 0 before the first.
    ///   - offset: Bytes from the start of its file.
    ///   - batch: What the record before it was synced with.
    public init?(segment: Int64, offset: Int64, batch: Int64) {
        guard let segment = UInt32(exactly: segment), let batch = UInt32(exactly: batch),
            0...Limits.segmentBytesMax ~= offset
        else { return nil }
        self.init(segment: segment, offset: Int(offset), batch: batch)
    }

    /// The place in the payload of a segment's first record; nil for other bytes.
    init?(startPayload: Span<UInt8>) {
        var reader = ByteReader(startPayload)
        do throws(WireError) {
            let (segment, offset) = (Int64(try reader.readUInt32()), try reader.readInt64())
            self.init(segment: segment, offset: offset, batch: 0)
        } catch {
            return nil
        }
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
