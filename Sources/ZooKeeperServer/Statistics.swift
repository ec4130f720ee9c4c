/// Counts since the start, or since `srst`.
struct Statistics {
    /// Frames from clients.
    var received = 0
    /// Replies, events and texts to clients.
    var sent = 0
    /// Sessions that expired.
    var expired = 0
    /// Times that the process stood still.
    var stalls = 0
}
