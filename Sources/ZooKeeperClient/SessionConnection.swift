internal import Runtime

/// One connection of a session, or one probe, from the first dialled address to its end.
///
/// Owner: the session's actor.
final class SessionConnection {
    static var limits: StreamLimits {
        StreamLimits(
            inboundBytesMax: Limits.inboundBytesMax,
            outboundBytesMax: Limits.outboundBytesMax
        )
    }

    /// The number of the attempt or of the probe.
    let attempt: UInt64
    /// What the loop's events are marked with.
    let token: UInt64
    var socket: StreamSocket
    /// The connection is still being made.
    var isDialing = true
    /// The loop has been asked for `writable` beside `readable`.
    var wantsWrites = false
    /// Other addresses of the same host, should this one fail.
    var addressesLeft: [SocketAddress] = []

    init(_ socket: consuming StreamSocket, attempt: UInt64) {
        self.socket = socket
        (self.attempt, token) = (attempt, attempt)
    }

    /// Attempts and probes are counted from 1 each; none comes to half of the numbers there are.
    init(_ socket: consuming StreamSocket, probe: UInt64) {
        self.socket = socket
        (attempt, token) = (probe, probe | 1 << 63)
    }

    /// Why the connection could not be made, or nil when it was.
    ///
    /// A dialler on one machine can meet itself where nobody listens (the kernel picks the same port for
    /// both ends): that is no server.
    var dialFailure: String? {
        if let error = socket.connectionError() { return error.message }
        guard let peer = socket.peer, peer == socket.localAddress else { return nil }
        return "connection to \(peer) met itself"
    }
}
