public import Wire

/// Cuts a stream of bytes into frames, whatever the pieces it arrives in.
///
/// Step of the data flow: between a socket and the records. Append what arrived, then take frames until
/// `next()` returns false:
/// ```
/// decoder.append(bytes)
/// while try decoder.next() {
///     var reader = ByteReader(decoder.frame)
///     ...
/// }
/// ```
/// Wire format: `int length | length bytes`, with `0 < length <= frameBytesMax`.
/// Invariants: at most one incomplete frame is kept once `next()` returned false, so that the buffer holds
/// at most `frameBytesMax + 4` bytes and one append. After an error the stream is of no more use: where
/// the next frame starts is not known. Owner: the connection.
public struct FrameDecoder: Sendable {
    /// Longest frame accepted, in bytes, without its length field.
    public let frameBytesMax: Int
    private var buffer: [UInt8] = []
    /// Start and end of the current frame's bytes in the buffer; equal when there is none.
    private var current = 0..<0

    /// Starts with an empty buffer.
    ///
    /// - Parameter frameBytesMax: Longest frame accepted, in bytes, without its length field.
    public init(frameBytesMax: Int = Limits.frameBytesMax) { self.frameBytesMax = frameBytesMax }

    /// The frame that `next()` found, without its length field.
    public var frame: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { buffer.span.extracting(current) }
    }

    /// Bytes behind the current frame.
    public var pendingBytes: Int { buffer.count - current.upperBound }

    /// The next four bytes as they are, before they are taken for a length; nil when fewer arrived.
    ///
    /// At the start of a connection they may be a four-letter word instead.
    public var nextFourBytes: UInt32? {
        guard pendingBytes >= 4 else { return nil }
        return buffer[current.upperBound..<current.upperBound + 4].reduce(0) {
            $0 << 8 | UInt32($1)
        }
    }

    /// Adds what arrived; ends the current frame.
    ///
    /// - Complexity: O(bytes added), amortised.
    public mutating func append(_ bytes: Span<UInt8>) {
        makeRoom()
        buffer.append(addingCapacity: bytes.count) { room in
            for index in bytes.indices { room.append(bytes[index]) }
        }
    }

    /// Moves on to the next frame.
    ///
    /// - Returns: True when `frame` is one; false when its bytes are not all there.
    /// - Throws: `WireError` for a length that is not positive or over the bound, offset 0.
    public mutating func next() throws(WireError) -> Bool {
        let start = current.upperBound
        guard let length = try Self.frameLength(in: buffer.span.extracting(start...), frameBytesMax)
        else {
            makeRoom()
            return false
        }
        let body = start + Limits.frameLengthBytes
        current = body..<body + length
        return true
    }

    /// Length of the frame at the start of the bytes, for callers that have a buffer of their own.
    ///
    /// - Parameters:
    ///   - bytes: From the length field of a frame on.
    ///   - frameBytesMax: Longest frame accepted, in bytes, without its length field.
    /// - Returns: Bytes of the frame without the four of its length field; nil when not all are there.
    /// - Throws: `WireError` for a length that is not positive or over the bound, as soon as it is there.
    public static func frameLength(
        in bytes: Span<UInt8>,
        _ frameBytesMax: Int = Limits.frameBytesMax
    ) throws(WireError) -> Int? {
        guard bytes.count >= Limits.frameLengthBytes else { return nil }
        var reader = ByteReader(bytes)
        let length = Int(try reader.readInt32())
        guard length > 0, length <= frameBytesMax else {
            throw WireError(.badLength(length), at: 0)
        }
        return reader.remaining >= length ? length : nil
    }

    /// Lets go of the frames taken; the bytes behind them move to the front, a big buffer is given back.
    private mutating func makeRoom() {
        guard current.upperBound > 0 else { return }
        let isBig = buffer.capacity > Limits.idleBufferBytesMax
        if pendingBytes == 0 {
            buffer.removeAll(keepingCapacity: !isBig)
        } else {
            buffer.removeFirst(current.upperBound)
        }
        current = 0..<0
    }
}
