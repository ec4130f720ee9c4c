/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest line of a response's head or chunk size, in bytes: far above what the daemon sends.
    static let headLineBytesMax = 16_384
    /// Bytes received and not read yet on the control socket.
    static let controlInboundBytesMax = 1 << 20
    /// Longest request on the control socket; its line holds a name of at most 255 bytes, escaped.
    static let controlOutboundBytesMax = 16_384
    /// Largest whole answer that a command takes: 100,000 instances of 1 KiB each fit twice.
    static let controlAnswerBytesMax = 256 << 20
    /// Pieces of an event stream that wait for the command; more close the stream.
    static let streamPiecesMax = 10_000
    /// Most picks of one `muster resolve`.
    static let picksMax = 1_000_000
}
