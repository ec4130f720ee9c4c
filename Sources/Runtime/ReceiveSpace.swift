internal import CLinux

/// Memory that all streams of one owner receive into, one after the other.
///
/// Step of the data flow: between the kernel and the owner, for streams that have nothing left over: what
/// arrives is used where it stands, and only an unfinished rest is kept by its stream. So an idle stream
/// holds no memory, and a busy one allocates none. Why unsafe memory: the kernel writes straight into it, and
/// it is never cleared. Invariant: `0 <= filled <= Limits.receiveBytes`. Owner: whoever owns the streams.
@safe public struct ReceiveSpace: ~Copyable {
    private let base: UnsafeMutableRawPointer
    private var filled = 0

    /// Allocates 16 KiB.
    public init() {
        unsafe base = .allocate(byteCount: Limits.receiveBytes, alignment: 8)
    }

    deinit { unsafe base.deallocate() }

    /// What was received last.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: 0..<filled was written by the kernel; the span borrows self, so neither can change
            // before it ends.
            let start = unsafe base.assumingMemoryBound(to: UInt8.self)
            let buffer = unsafe UnsafeBufferPointer(start: start, count: filled)
            return unsafe _overrideLifetime(buffer.span, borrowing: self)
        }
    }

    /// One receive call: bytes received, 0 at the end, or the negative errno.
    mutating func receive(from fd: Int32) -> Int {
        // SAFETY: the allocation has as many bytes, and the kernel writes no more than that.
        let received = unsafe Int(muster_receive(fd, base, Limits.receiveBytes))
        filled = max(0, received)
        return received
    }
}
