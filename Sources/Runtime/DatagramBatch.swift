internal import CLinux
internal import ServiceModel

/// Memory for one receive and send of many datagrams, allocated once.
///
/// Step of the data flow: between the kernel and the query engine; the answer is written over the question
/// and goes back to its source. Why unsafe memory: headers, buffers and addresses are the kernel's
/// structures. Invariants: message `i` starts at `i * stride` and has `capacity` bytes, with at least 8
/// more that may be read; the stride is an odd number of cache lines, since an even one puts all headers
/// into the same cache sets; `length(i) <= capacity`. Owner: one thread.
///
/// HOT: no allocation after creation; two system calls per batch.
@safe public struct DatagramBatch: ~Copyable {
    /// Messages in the batch.
    public let count: Int
    /// Bytes that an answer may have.
    public let capacity: Int
    /// Bytes from one message's start to the next.
    public let stride: Int
    private var kernel: muster_batch
    @usableFromInline let storage: UnsafeMutableRawPointer
    @usableFromInline let lengths: UnsafeMutablePointer<UInt32>
    @usableFromInline let marks: UnsafeMutablePointer<UInt32>
    @usableFromInline let names: UnsafeMutablePointer<UInt8>

    /// Allocates everything.
    ///
    /// - Parameters:
    ///   - count: Messages, 1 to 1,024.
    ///   - receiveBytesMax: Longer datagrams are cut and marked; at most `capacity`.
    ///   - capacity: Bytes of the longest answer, at most 65,535.
    public init(count: Int, receiveBytesMax: Int, capacity: Int) {
        guard (1...1_024).contains(count), (1...65_535).contains(capacity),
            (1...capacity).contains(receiveBytesMax)
        else { fatalError("batch of \(count) x \(capacity) bytes, \(receiveBytesMax) received") }
        let line = Limits.cacheLineBytes
        let lines = (capacity + Limits.datagramSlackBytes + line - 1) / line
        (self.count, self.capacity) = (count, capacity)
        stride = (lines | 1) * line
        var kernel = unsafe muster_batch()
        let result = unsafe muster_batch_create(
            &kernel,
            UInt32(count),
            UInt32(stride),
            UInt32(receiveBytesMax)
        )
        guard result == 0, let bytes = unsafe kernel.bytes, let lengths = unsafe kernel.lengths,
            let marks = unsafe kernel.flags, let names = unsafe kernel.names
        else { fatalError("no memory for \(count) datagrams of \(stride) bytes") }
        unsafe storage = UnsafeMutableRawPointer(bytes)
        unsafe (self.lengths, self.marks, self.names) = (lengths, marks, names)
        unsafe self.kernel = kernel
    }

    deinit {
        var last = unsafe kernel
        unsafe muster_batch_free(&last)
    }

    mutating func receive(from fd: Int32) -> Int {
        // SAFETY: all pointers of `kernel` were allocated for `count` messages and live as long as self.
        Int(unsafe muster_batch_receive(&kernel, fd))
    }

    mutating func send(to fd: Int32, count sent: Int) -> Int {
        guard (0...count).contains(sent) else { fatalError("\(sent) of \(count) datagrams sent") }
        // SAFETY: as above; lengths were checked by `setLength`.
        return Int(unsafe muster_batch_send(&kernel, fd, UInt32(sent)))
    }

    // MARK: One message

    /// Bytes received, then to be sent; 0 sends nothing.
    @inlinable
    public func length(_ index: Int) -> Int {
        check(index)
        // SAFETY: the array has `count` elements.
        return unsafe Int(lengths[index])
    }

    /// Sets how many bytes are sent; 0 sends nothing.
    @inlinable
    public mutating func setLength(_ index: Int, _ length: Int) {
        check(index)
        precondition(length >= 0 && length <= capacity, "datagram length out of bounds")
        // SAFETY: the array has `count` elements.
        unsafe lengths[index] = UInt32(truncatingIfNeeded: length)
    }

    /// True when the datagram was longer than `receiveBytesMax` and is cut.
    @inlinable
    public func isTruncated(_ index: Int) -> Bool {
        check(index)
        // SAFETY: the array has `count` elements.
        return unsafe marks[index] != 0
    }

    /// The bytes received.
    @inlinable
    @_lifetime(borrow self)
    public func message(_ index: Int) -> Span<UInt8> {
        let length = length(index)
        // SAFETY: length <= capacity bytes were initialised at creation; the span borrows self.
        let start = unsafe (storage + index &* stride).assumingMemoryBound(to: UInt8.self)
        let buffer = unsafe UnsafeBufferPointer(start: start, count: length)
        return unsafe _overrideLifetime(buffer.span, borrowing: self)
    }

    /// All `capacity` bytes of a message, to write the answer into.
    @inlinable
    @_lifetime(&self)
    public mutating func buffer(_ index: Int) -> MutableSpan<UInt8> {
        check(index)
        // SAFETY: `capacity` bytes were initialised at creation; the span borrows self exclusively.
        let start = unsafe (storage + index &* stride).assumingMemoryBound(to: UInt8.self)
        let buffer = unsafe UnsafeMutableBufferPointer(start: start, count: capacity)
        return unsafe _overrideLifetime(buffer.mutableSpan, mutating: &self)
    }

    /// The start of a message: `capacity` bytes to write, 8 more to read, while the batch lives.
    @unsafe
    @inlinable
    public func base(_ index: Int) -> UnsafeMutableRawPointer {
        check(index)
        return unsafe storage + index &* stride
    }

    // MARK: Where it came from

    /// The sender's port; 0 is legal on the wire and cannot be answered.
    @inlinable
    public func sourcePort(_ index: Int) -> UInt16 {
        check(index)
        // SAFETY: 32 bytes per name; sockaddr_in and sockaddr_in6 both have the port at bytes 2 and 3.
        let name = unsafe names + index &* 32
        return unsafe UInt16(name[2]) << 8 | UInt16(name[3])
    }

    /// The sender's address as two words, IPv4 in the lower 32 bits of `low` with `high` 0.
    @inlinable
    public func sourceWords(_ index: Int) -> (high: UInt64, low: UInt64) {
        check(index)
        // SAFETY: 32 bytes per name, 8-aligned; sockaddr_in has the address at byte 4, sockaddr_in6 at 8.
        let name = unsafe UnsafeRawPointer(names + index &* 32)
        if unsafe name.load(as: UInt16.self) == 2 {
            let bits = unsafe name.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            return (0, UInt64(UInt32(bigEndian: bits)))
        }
        let high = unsafe name.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        let low = unsafe name.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        return (UInt64(bigEndian: high), UInt64(bigEndian: low))
    }

    /// The sender's address and port.
    public func source(_ index: Int) -> SocketAddress {
        check(index)
        var address = muster_address()
        // SAFETY: 32 bytes per name, zeroed at creation.
        unsafe muster_batch_address(names + index * 32, &address)
        return SocketAddress(address) ?? SocketAddress(ip: .v4(0), port: 0)
    }

    @inlinable
    func check(_ index: Int) {
        precondition(index >= 0 && index < count, "datagram index out of bounds")
    }
}
