/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Ready descriptors taken from the kernel per wait; the C shim's stack array has this size.
    static let eventsPerWaitMax = 256
    /// Inbox batches run in a row before the loop looks at its sockets again.
    ///
    /// A job that enqueues itself would otherwise starve them.
    static let jobBatchesPerTurnMax = 8
    /// Waits in a row that came back full while timers are held back.
    ///
    /// 40 x 256 = 10,240 covers the 10,000 connections of a server, so that after a stall of the process
    /// every socket is read before anyone is timed out.
    static let fullWaitsBeforeTimersMax = 40
    /// Due timers delivered per turn; the rest follow after the next look at the sockets.
    static let timersPerTurnMax = 1_024
    /// Closures and jobs waiting for a loop beyond which `post` refuses.
    ///
    /// About 48 bytes each: 1,048,576 x 48 = 50 MiB, far above any healthy backlog.
    static let inboxMax = 1 << 20
    /// First allocation of a stream's buffer: a page.
    static let streamBufferBytesMin = 4_096
    /// Free space offered to one receive call; more calls follow while there is more to read.
    static let receiveBytes = 16_384
    /// Pieces that wait to be sent are joined up to this size: a copy of it costs less than a send call.
    static let joinedPieceBytesMax = 8_192
    /// Connections that wait to be accepted (the kernel cuts it to net.core.somaxconn, 4,096).
    static let listenBacklog = 1_024
    /// Kernel buffers of a datagram socket: about 3,000 queries of 1,344 bytes (kernel cuts to rmem_max).
    static let datagramBufferBytes = 4 << 20
    /// One cache line of the machines this runs on.
    static let cacheLineBytes = 64
    /// Bytes readable behind each message's capacity, for code that loads eight bytes at once.
    static let datagramSlackBytes = 8
    /// Work waiting for a blocking thread unless its owner says otherwise.
    static let blockingQueueMax = 256
    /// Look-ups under way at once; more wait.
    ///
    /// Each has a thread, with some 100 KiB of it in use. Two sessions whose names all hang have 8 each.
    static let lookUpThreadsMax = 16
    /// Addresses taken from one name.
    static let addressesPerNameMax = 64
    /// Longest host name that is looked up: RFC 1035 section 2.3.4, 255 on the wire, 253 as text.
    static let hostNameBytesMax = 253
}
