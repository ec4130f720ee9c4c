internal import CLinux

/// Bytes that arrive at the back and leave at the front, in memory that grows up to a bound.
///
/// Step of the data flow: between a socket and the frames cut from its stream. Why unsafe memory: the
/// kernel writes straight into it, and no byte is cleared or moved more than once on its way. Invariants:
/// `0 <= head <= tail <= capacity <= bytesMax`; memory is given back when the queue runs empty, so that an
/// idle connection holds none. Owner: the stream that holds it.
@safe struct ByteQueue: ~Copyable {
    let bytesMax: Int
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private var tail = 0

    init(bytesMax: Int) {
        precondition(bytesMax > 0, "a queue of \(bytesMax) bytes")
        unsafe (self.bytesMax, base) = (bytesMax, nil)
    }

    deinit { unsafe base?.deallocate() }

    /// Bytes in the queue.
    var count: Int { tail - head }
    /// Bytes that still fit.
    var room: Int { bytesMax - count }

    /// The bytes in the queue, oldest first.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: head..<tail lies inside the allocation and was written; the span borrows self, so
            // neither can change before it ends.
            let start = unsafe base?.advanced(by: head).assumingMemoryBound(to: UInt8.self)
            let buffer = unsafe UnsafeBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(buffer.span, borrowing: self)
        }
    }

    /// Takes bytes out at the front.
    mutating func consume(_ taken: Int) {
        guard (0...count).contains(taken) else {
            fatalError("\(taken) bytes consumed of \(count) in the queue")
        }
        head += taken
        guard head == tail else { return }
        unsafe base?.deallocate()
        unsafe base = nil
        (capacity, head, tail) = (0, 0, 0)
    }

    /// Appends bytes; false, with nothing taken, when they do not all fit.
    mutating func append(_ new: Span<UInt8>) -> Bool {
        guard new.count <= room else { return false }
        guard !new.isEmpty, let destination = unsafe reserve(new.count) else { return true }
        // SAFETY: reserve gave at least `new.count` writable bytes behind the tail.
        unsafe new.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe destination.copyMemory(from: start, byteCount: source.count)
        }
        tail += new.count
        return true
    }

    /// One receive call into the free space: bytes received, 0 at the end, or the negative errno.
    mutating func receive(from fd: Int32) -> Int {
        let wanted = min(Limits.receiveBytes, room)
        guard let destination = unsafe reserve(wanted) else { return 0 }
        // SAFETY: reserve gave at least `wanted` writable bytes, and the kernel writes no more than that.
        let received = unsafe Int(muster_receive(fd, destination, wanted))
        if received > 0 { tail += received } else if count == 0 { consume(0) }
        return received
    }

    /// Makes room behind the tail: by moving the bytes to the front if that is cheap, else by growing.
    private mutating func reserve(_ more: Int) -> UnsafeMutableRawPointer? {
        guard more > 0, more <= room else { return nil }
        if capacity - tail >= more { return unsafe base?.advanced(by: tail) }
        if capacity - count >= more, head >= count {
            // SAFETY: both ranges lie inside the allocation; head >= count, so they do not overlap.
            if let base = unsafe base {
                unsafe base.copyMemory(from: base.advanced(by: head), byteCount: count)
            }
        } else {
            grow(to: min(bytesMax, max(2 * capacity, count + more, Limits.streamBufferBytesMin)))
        }
        (head, tail) = (0, count)
        return unsafe base?.advanced(by: tail)
    }

    private mutating func grow(to newCapacity: Int) {
        let new = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 8)
        if let old = unsafe base {
            // SAFETY: count <= newCapacity, and the old range head..<tail was written.
            unsafe new.copyMemory(from: old.advanced(by: head), byteCount: count)
            unsafe old.deallocate()
        }
        unsafe base = new
        capacity = newCapacity
    }
}
