internal import CLinux
internal import Glibc

/// How many bytes a stream keeps in each direction.
public struct StreamLimits: Sendable, Equatable {
    /// Bytes received and not consumed beyond which `fill` stops reading: the peer is pushed back.
    public var inboundBytesMax: Int
    /// Bytes accepted by `send` and not written beyond which `send` refuses.
    public var outboundBytesMax: Int

    /// Creates the pair; both are at least 1.
    public init(inboundBytesMax: Int, outboundBytesMax: Int) {
        (self.inboundBytesMax, self.outboundBytesMax) = (inboundBytesMax, outboundBytesMax)
    }
}

/// A non-blocking connection with bounded buffers in both directions.
///
/// Step of the data flow: between the kernel and the frames of a protocol. Its owner registers
/// `descriptor` with a loop, calls `fill` when it is readable and `flush` when it is writable, and
/// deregisters it before `close` or before letting go of it (which closes it). Invariant: after `close`
/// every call is harmless. Owner: one actor or one thread.
public struct StreamSocket: ~Copyable {
    /// What came of reading.
    public enum ReadOutcome: Equatable, Sendable {
        /// So many new bytes, at least one; more may wait in the kernel: `readable` comes again.
        case received(Int)
        /// Nothing to read now.
        case wouldBlock
        /// The inbound buffer is full: consume, or drop the read interest until there is room.
        case full
        /// The peer will send no more; drop the read interest, since `readable` would come for ever.
        case end
        /// The connection is lost.
        case failed(RuntimeError)
    }
    /// What came of writing.
    public enum WriteOutcome: Equatable, Sendable {
        /// Everything has been handed to the kernel.
        case done
        /// Bytes are left: ask for the write interest and flush again when writable.
        case pending
        /// The connection is lost.
        case failed(RuntimeError)
    }

    /// The descriptor, for registration; -1 after `close`.
    public private(set) var descriptor: Int32
    /// The peer's address; nil on a Unix socket or a socket pair.
    public let peer: SocketAddress?
    private var incoming: ByteQueue
    private var outgoing: PieceQueue

    init(fd: Int32, peer: SocketAddress?, limits: StreamLimits) {
        descriptor = fd
        self.peer = peer
        incoming = ByteQueue(bytesMax: limits.inboundBytesMax)
        outgoing = PieceQueue(bytesMax: limits.outboundBytesMax)
    }

    /// Takes over a connected descriptor, such as one end of `socketPair()`, and closes it at its end.
    ///
    /// - Throws: `RuntimeError` `.system` when it cannot be made non-blocking; it is closed then.
    public init(descriptor: Int32, limits: StreamLimits) throws(RuntimeError) {
        let result = muster_set_nonblocking(descriptor)
        guard result == 0 else {
            _ = muster_close(descriptor)
            throw RuntimeError("take over descriptor \(descriptor)", failure: result)
        }
        var kernel = muster_address()
        // SAFETY: the kernel fills one address struct, which outlives the call.
        _ = unsafe muster_peer_address(descriptor, &kernel)
        self.init(fd: descriptor, peer: SocketAddress(kernel), limits: limits)
    }

    deinit { if descriptor >= 0 { _ = muster_close(descriptor) } }

    /// Starts to connect; `writable` tells the end of the attempt, `connectionError` its outcome.
    ///
    /// - Throws: `RuntimeError` when the attempt fails at once.
    public static func connect(
        to address: SocketAddress,
        limits: StreamLimits
    ) throws(RuntimeError) -> StreamSocket {
        var kernel = address.kernel
        // SAFETY: the struct is read during the call only.
        let fd = unsafe muster_tcp_connect(&kernel)
        guard fd >= 0 else { throw RuntimeError("connect to \(address)", failure: fd) }
        return StreamSocket(fd: fd, peer: address, limits: limits)
    }

    /// Connects to a Unix socket; as with the other form, `connectionError` tells the outcome.
    ///
    /// - Throws: `RuntimeError` when the attempt fails at once.
    public static func connect(
        toUnixPath path: String,
        limits: StreamLimits
    ) throws(RuntimeError) -> StreamSocket {
        // SAFETY: the text is read during the call only and ends in a zero.
        let fd = unsafe muster_unix_connect(path)
        guard fd >= 0 else { throw RuntimeError("connect to \(path)", failure: fd) }
        return StreamSocket(fd: fd, peer: nil, limits: limits)
    }

    /// The error that ended a connection attempt or the connection, or nil; reading it clears it.
    public func connectionError() -> RuntimeError? {
        guard descriptor >= 0 else { return RuntimeError(.closed, "connection was closed here") }
        let result = muster_socket_error(descriptor)
        guard result != 0 else { return nil }
        return RuntimeError(peer.map { "connection to \($0)" } ?? "connection", failure: result)
    }

    /// This end's address; nil on a Unix socket or a socket pair.
    public var localAddress: SocketAddress? {
        var kernel = muster_address()
        // SAFETY: the kernel fills one address struct, which outlives the call.
        guard descriptor >= 0, unsafe muster_local_address(descriptor, &kernel) == 0 else {
            return nil
        }
        return SocketAddress(kernel)
    }

    // MARK: Reading

    /// Bytes received and not consumed.
    public var inboundCount: Int { incoming.count }

    /// The received bytes, oldest first; they stay until `consume`.
    public var inbound: Span<UInt8> {
        @_lifetime(borrow self)
        get { incoming.bytes }
    }

    /// Lends the received bytes, for owners that hold the socket in a class, where `inbound` cannot be used.
    ///
    /// - Returns: What the closure returned.
    public func withInbound<Value>(_ body: (Span<UInt8>) -> Value) -> Value { body(inbound) }

    /// Reads once from the kernel, at most 16 KiB.
    public mutating func fill() -> ReadOutcome {
        guard descriptor >= 0 else { return .end }
        guard incoming.room > 0 else { return .full }
        return outcome(of: incoming.receive(from: descriptor))
    }

    /// Reads once from the kernel into memory that is shared with other streams, at most 16 KiB.
    ///
    /// For streams with nothing in `inbound`; what the owner does not use of the space, it gives to `keep`
    /// before the space is used again.
    ///
    /// - Parameter space: Gets the bytes.
    /// - Returns: How many there are, as `fill` says it; `full` never.
    public mutating func receive(into space: inout ReceiveSpace) -> ReadOutcome {
        guard descriptor >= 0 else { return .end }
        precondition(incoming.count == 0, "\(incoming.count) older bytes would be overtaken")
        return outcome(of: space.receive(from: descriptor))
    }

    /// Keeps bytes as if `fill` had received them.
    ///
    /// - Returns: False, with nothing kept, when they exceed the inbound bound.
    public mutating func keep(_ bytes: Span<UInt8>) -> Bool { incoming.append(bytes) }

    private func outcome(of received: Int) -> ReadOutcome {
        switch received {
        case 1...: .received(received)
        case 0: .end
        case Int(-EAGAIN): .wouldBlock
        default: .failed(failure("receive", received))
        }
    }

    /// Drops bytes at the front of `inbound`, which has at least that many.
    public mutating func consume(_ count: Int) { incoming.consume(count) }

    // MARK: Writing

    /// Bytes accepted and not handed to the kernel yet.
    public var outboundCount: Int { outgoing.count }
    /// Bytes that `send` would still accept.
    public var outboundRoom: Int { outgoing.room }

    /// Accepts bytes for `flush` to write.
    ///
    /// - Returns: False, with nothing taken, when they would exceed the outbound bound.
    public mutating func send(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= outgoing.room else { return false }
        // SAFETY: the pointer is used only inside the call, which copies the bytes.
        return outgoing.append(unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) })
    }

    /// Accepts bytes for `flush` to write; they are not copied unless they are few.
    ///
    /// - Returns: False, with nothing taken, when they would exceed the outbound bound.
    public mutating func send(_ bytes: [UInt8]) -> Bool { outgoing.append(bytes) }

    /// Hands as much as possible to the kernel.
    ///
    /// - Parameter limit: Bytes after which it stops, with `pending`, although the kernel may take more.
    /// - Returns: Whether something is left.
    public mutating func flush(upTo limit: Int = .max) -> WriteOutcome {
        var left = limit
        while outgoing.count > 0 {
            guard descriptor >= 0 else { return .failed(RuntimeError(.closed, "closed here")) }
            guard left > 0 else { return .pending }
            let (sent, isWhole) = outgoing.send(to: descriptor, upTo: left)
            left -= max(0, sent)
            // Who took a part only has no room for more: another call would just say so.
            if isWhole { continue }
            return sent > 0 || sent == Int(-EAGAIN) ? .pending : .failed(failure("send", sent))
        }
        return .done
    }

    /// Sends a few bytes at once where nothing waits before them, else behind it.
    ///
    /// - Returns: As `flush`, which is for what is `pending`.
    public mutating func write(_ bytes: Span<UInt8>) -> WriteOutcome {
        guard descriptor >= 0 else { return .failed(RuntimeError(.closed, "closed here")) }
        var sent = 0
        if outgoing.count == 0 {
            // SAFETY: the pointer is used only inside the call, with the span's count.
            sent = unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe Int(muster_send(descriptor, bytes.baseAddress, bytes.count))
            }
            if sent == bytes.count { return .done }
            guard sent >= 0 || sent == Int(-EAGAIN) else { return .failed(failure("send", sent)) }
        }
        guard send(bytes.extracting(max(0, sent)...)) else {
            return .failed(RuntimeError(.overloaded, "\(outgoing.count) bytes wait"))
        }
        return .pending
    }

    /// Tells the peer that no more bytes follow; reading goes on.
    public func shutdownWrite() { if descriptor >= 0 { _ = muster_shutdown_write(descriptor) } }

    /// Gives the descriptor away, open, for another owner; bytes in the buffers are lost.
    public consuming func takeDescriptor() -> Int32 {
        let taken = descriptor
        descriptor = -1
        return taken
    }

    /// Closes the descriptor, which must be deregistered by then; what was not flushed is lost.
    public mutating func close() {
        guard descriptor >= 0 else { return }
        _ = muster_close(descriptor)
        descriptor = -1
    }

    private func failure(_ attempt: String, _ result: Int) -> RuntimeError {
        RuntimeError(peer.map { "\(attempt) (\($0))" } ?? attempt, failure: Int32(result))
    }
}

/// Two connected, non-blocking descriptors; whoever takes one closes it.
///
/// - Throws: `RuntimeError` `.exhausted` when the process has no descriptors left.
public func socketPair() throws(RuntimeError) -> (Int32, Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    // SAFETY: both numbers are written during the call only.
    let result = unsafe muster_socketpair(&ends.0, &ends.1)
    guard result == 0 else { throw RuntimeError("make a socket pair", failure: result) }
    return ends
}
