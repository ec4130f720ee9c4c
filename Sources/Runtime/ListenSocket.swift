internal import CLinux
internal import Glibc

/// A socket that accepts connections, on an address or on a path.
///
/// Its owner registers `descriptor` with a loop and calls `accept` until it gives nil. Owner: one actor.
public struct ListenSocket: ~Copyable {
    /// How many connections may wait to be accepted; the kernel may allow fewer.
    public static let backlog = Limits.listenBacklog
    /// The descriptor, for registration; -1 after `close`.
    public private(set) var descriptor: Int32
    /// The address it is bound to, with the port that the kernel chose; nil for a path.
    public let localAddress: SocketAddress?
    private let path: String?

    /// Listens on an address; port 0 takes any free one.
    ///
    /// - Throws: `RuntimeError` `.addressInUse`, `.exhausted` or `.system`.
    public init(on address: SocketAddress) throws(RuntimeError) {
        var kernel = address.kernel
        // SAFETY: the struct is read during the call only.
        descriptor = unsafe muster_tcp_listen(&kernel, Int32(Limits.listenBacklog))
        guard descriptor >= 0 else {
            throw RuntimeError("listen on \(address)", failure: descriptor)
        }
        // SAFETY: the kernel fills one address struct, which outlives the call.
        _ = unsafe muster_local_address(descriptor, &kernel)
        (localAddress, path) = (SocketAddress(kernel), nil)
    }

    /// Listens on a path; a socket there that nobody listens on any more is replaced.
    ///
    /// - Parameters:
    ///   - path: At most 107 bytes; removed again by `close`.
    ///   - mode: Who may connect: the permission bits, less the process's umask.
    /// - Throws: `RuntimeError` `.addressInUse` when someone listens there, else `.system`.
    public init(onUnixPath path: String, mode: UInt32 = 0o600) throws(RuntimeError) {
        // SAFETY: the text is read during the call only and ends in a zero.
        descriptor = unsafe muster_unix_listen(path, mode, Int32(Limits.listenBacklog))
        guard descriptor >= 0 else { throw RuntimeError("listen on \(path)", failure: descriptor) }
        (localAddress, self.path) = (nil, path)
    }

    deinit { if descriptor >= 0 { _ = muster_close(descriptor) } }

    /// The next waiting connection, or nil when none waits.
    ///
    /// - Throws: `RuntimeError` `.exhausted` when there is no descriptor for it: drop the read interest and
    ///   try again later, since `readable` would come for ever.
    public func accept(limits: StreamLimits) throws(RuntimeError) -> StreamSocket? {
        guard descriptor >= 0 else { return nil }
        var kernel = muster_address()
        // SAFETY: the kernel fills one address struct, which outlives the call.
        let fd = unsafe muster_accept(descriptor, &kernel)
        guard fd != -EAGAIN else { return nil }
        guard fd >= 0 else { throw RuntimeError("accept a connection", failure: fd) }
        return StreamSocket(fd: fd, peer: SocketAddress(kernel), limits: limits)
    }

    /// Gives the raw descriptor of the listening socket away, for a library that accepts by itself.
    public consuming func takeDescriptor() -> Int32 {
        let taken = descriptor
        descriptor = -1
        return taken
    }

    /// Closes the descriptor, which must be deregistered by then, and removes the path.
    public mutating func close() {
        guard descriptor >= 0 else { return }
        _ = muster_close(descriptor)
        descriptor = -1
        // SAFETY: the text is read during the call only and ends in a zero.
        if let path { _ = unsafe unlink(path) }
    }
}
