import CMicroHTTPD
import Glibc

/// One of libmicrohttpd's daemons on a socket that listens already; owns it, and stops it at its end.
///
/// SAFETY: nothing changes after `init`, and the pointer is used by `deinit` alone.
@safe final class HTTPListener: @unchecked Sendable {
    private let daemon: OpaquePointer
    /// What the daemon calls; kept until the daemon has stopped.
    private let handler: HTTPHandler
    /// Path of a Unix socket, removed at the end.
    private let path: String?

    /// Starts the library's thread.
    ///
    /// - Parameters:
    ///   - descriptor: A non-blocking listening socket; the library closes it.
    ///   - path: The Unix socket's path, nil for a port.
    ///   - handler: Answers the requests.
    /// - Returns: Nil when the library does not start.
    static func start(
        descriptor: Int32,
        path: String?,
        handler: HTTPHandler
    ) -> HTTPListener? {
        // SAFETY: the handler is kept by the listener, which stops the daemon before it lets go of it.
        let daemon = unsafe muster_http_start(
            descriptor,
            HTTPHandler.access,
            HTTPHandler.completed,
            Unmanaged.passUnretained(handler).toOpaque(),
            UInt32(Limits.connectionsMax),
            Limits.connectionBytesMax,
            UInt32(Limits.idleSecondsMax)
        )
        guard let daemon = unsafe daemon else { return nil }
        return unsafe HTTPListener(daemon: daemon, handler: handler, path: path)
    }

    private init(daemon: OpaquePointer, handler: HTTPHandler, path: String?) {
        unsafe (self.daemon, self.handler, self.path) = (daemon, handler, path)
    }

    /// Waits for the library's thread, which no handler keeps; parked streams must be closed before.
    deinit {
        unsafe MHD_stop_daemon(daemon)
        if let path { _ = unsafe unlink(path) }
    }
}
