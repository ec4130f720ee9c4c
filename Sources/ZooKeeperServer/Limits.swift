/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest request frame without its length field: ZooKeeper 3.8's default `jute.maxbuffer`.
    static let requestBytesMax = 0xfffff
    /// A connection without a session is closed after this time (ZooKeeper 3.8 NIOServerCnxnFactory).
    static let handshakeWaitMax = Duration.seconds(10)
    /// Connections in all, unless configured; each holds about 1 KiB while idle.
    static let connectionsMax = 10_000
    /// Connections of one address that is not loopback (ZooKeeper 3.8 maxClientCnxns).
    static let connectionsPerAddressMax = 60
    /// Session timeouts are this many ticks at least, unless configured (ZooKeeper 3.8).
    static let sessionTicksMin = 2
    /// Session timeouts are this many ticks at most, unless configured (ZooKeeper 3.8).
    static let sessionTicksMax = 20
    /// Shortest tick: a session of two of them still outlives the expiry grain of 100 ms.
    static let tickMin = Duration.milliseconds(50)
    /// Work of one connection carried out before the others get their turn.
    ///
    /// A unit is a small request, 1 to 4 microseconds, so a slice takes about 40: less than a round trip.
    static let workPerSliceMin = 12
    /// The same while nobody else was heard for `othersHeardTime`: fewer turns for the same work.
    static let workPerSliceMax = 64
    /// Bytes of a request, an answer or an event that count as one more unit of work.
    static let bytesPerWorkUnit = 512
    /// What a unit of work takes at most.
    static let workUnitTime = Duration.microseconds(2)
    /// A connection that used up a slice stands in line with the others like it for so long.
    ///
    /// Longer by what it did in one go: a multi is one piece however much it does. 1 MiB of it has 55,000
    /// checks, 45,000 setData or 19,000 creates, 15 to 35 ms, and 75 with events for each.
    static let heavyTime = Duration.milliseconds(10)
    /// Watches of connections that are gone, taken out in one slice: about 20 microseconds.
    static let watchesSweptPerSlice = 24
    /// The same while nobody else was heard lately.
    static let watchesSweptPerSliceMax = 1_024
    /// Watches that one setWatches sets in a slice, about 40 microseconds; the rest follow in the next ones.
    static let watchesPerSlice = 16
    /// A setWatches of fewer bytes is carried out in one go.
    static let catchUpBytesMin = 2_048
    /// Connections closed in one turn for the room that they hold: up to 0.2 ms each for the kernel.
    static let reliefsPerTurnMax = 2
    /// Behind a slice others come first for so many times as long, if they have something to ask for.
    ///
    /// So the line has a quarter of the time at least, and all of it that nobody else needs.
    static let othersFirstFactor = 3
    /// What takes longer in one turn of the line is followed by a rest of the line that is as long.
    ///
    /// Well above any slice, so that only multis of some hundred operations and their like get there: they
    /// have half of the time at most while others are served.
    static let heavyTurnTime = Duration.microseconds(200)
    /// The line rests for others only if one of them was heard within this time.
    static let othersHeardTime = Duration.milliseconds(20)
    /// Unsent bytes from which a connection's requests wait: its reader is slow.
    ///
    /// One answer may pass it by its own size, since ZooKeeper does not limit replies.
    static let unsentBytesHigh = 1 << 18
    /// Unsent bytes at which a connection's requests go on.
    static let unsentBytesLow = 1 << 16
    /// An answer of so many bytes is only made when there is room for it in `heldBytesMax`.
    static let bigAnswerBytesMin = 1 << 16
    /// A multiRead is taken to answer with so many times its own bytes: 16 MiB at most, see ZNodeTree.
    static let multiReadFactor = 16
    /// Bytes of all connections, unread answers and unfinished requests, beyond which big answers wait.
    ///
    /// 60 unread listings of 100,000 names; 10,000 connections can have 12 KiB each.
    static let heldBytesMax = 128 << 20
    /// Bytes of all connections at which those that hold theirs for longest are closed, until it is less.
    static let heldBytesLimit = 2 * heldBytesMax
    /// While big answers wait, who has taken nothing for so long is closed.
    static let stuckReaderTime = Duration.seconds(1)
    /// While big answers wait, who has not taken everything within this time is closed.
    static let slowReaderTime = Duration.seconds(10)
    /// A connection that is closed after its last answer waits so long for its peer to read it.
    static let finishWaitMax = Duration.seconds(5)
    /// Answers longer than that stand in line to be written, while others are heard.
    static let promptBytesMax = 4_096
    /// Bytes given to the kernel in the first call: 5 to 100 microseconds, as it has memory at hand or not.
    static let flushBytesPerCall = 1 << 15
    /// How much longer the next call may be.
    static let flushGrowthMax = 16.0
    /// Calls for one connection go on for so long in a turn; what is left then stands in line.
    static let flushTimeMax = Duration.microseconds(60)
    /// Lines of the log about connections closed or held back, a second and kind of reason.
    static let logLinesPerSecondMax = 5
    /// Bytes of events beyond the unsent bytes above at which a connection that reads nothing is closed.
    ///
    /// 100,000 watches of 100-byte paths fire at once into 14 MB.
    static let unsentEventBytesMax = 32 << 20
    /// Names of children from this size on are sent from where they are; fewer are copied into the frame.
    static let sharedNamesBytesMin = 4_096
    /// Answers up to this size are encoded in memory that is used again: the longest path and some.
    static let scratchBytesMax = 4_096
    /// Answers of one connection that wait for durability (ZooKeeper 3.8 globalOutstandingLimit).
    static let heldAnswersMax = 1_000
    /// Lateness of the engine's own timer that counts as a stall of the process.
    ///
    /// Half of the 100 ms by which an expiry may be late.
    static let stallMin = Duration.milliseconds(50)
    /// After a stall nobody expires for this long: clients that are back get to say so.
    static let stallGrace = Duration.milliseconds(50)
    /// The engine wakes at least this often while there are sessions, so that it sees its own stalls.
    static let heartbeat = Duration.seconds(1)
    /// Sessions are looked at for expiry at multiples of this: 25 wake-ups a second for any number.
    ///
    /// An expiry may be late by 100 ms: 40, and 50 of a stall that is just too short to be seen.
    static let expiryGrid = Duration.milliseconds(40)
    /// Expired sessions ended in one go; the rest follow in the next turn.
    static let expiriesPerTurnMax = 256
    /// Lines of a four-letter word's answer written in one turn, well under 1 ms of work.
    static let wordLinesPerTurnMax = 256
    /// Nodes below /zookeeper/quota that the word `mntr` looks at, about 1 ms of work.
    static let quotaNodesShownMax = 4_096
    /// Buckets of latencies: 16 single milliseconds, then 8 for each doubling up to 2^28 ms, three days.
    static let latencyBuckets = 16 + 24 * 8
    /// How often containers and TTL nodes are looked at (ZooKeeper 3.8 znode.container.checkIntervalMs).
    static let reaperInterval = Duration.seconds(60)
    /// Deletions of the reaper in one turn, about 0.3 ms of work.
    static let reapsPerSliceMax = 100
    /// Pause behind a full slice: 100 in 600 ms are ZooKeeper 3.8's 10,000 a minute (znode.container.maxPerMinute).
    static let reapPause = Duration.milliseconds(600)
    /// The log tells of one quota this often at most.
    static let quotaWarningPause = Duration.seconds(10)
    /// Quotas that are told of within one such pause; more are counted only.
    static let quotaWarningsMax = 64
    /// Metrics of a registry in which nothing changes but the count of requests are renewed so often.
    static let metricsPause = Duration.milliseconds(100)
    /// Connections accepted in one turn, each about 20 microseconds; the others wait in the kernel.
    static let acceptsPerTurnMax = 4
    /// Pause of the listener when no descriptor is left.
    static let acceptPause = Duration.milliseconds(100)
    /// Reads of one connection in a turn: 8 x 16 KiB.
    static let readsPerTurnMax = 8
    /// Room of the inbound buffer behind the longest frame, so that a full one can always be completed.
    static let inboundSlackBytes = 16_384
    /// Characters of a text from outside that a line of the log shows.
    static let loggedCharactersMax = 40
    /// Identities that one connection may collect by auth packets, its address included.
    static let identitiesMax = 64
    /// Bytes of all identities of one connection; a user's name may be as long as a frame.
    ///
    /// 64 of 256 bytes; at the default of 10,000 connections 160 MB.
    static let identityBytesMax = 16_384
    /// Bytes of records that are folded into the tree at rest at once: as many as a segment of the log has.
    ///
    /// Paths and data are held, 64 MiB of each at most, and 180 bytes for each path beside them.
    static let windowBytesMax = 64 << 20
    /// Shortest record of the log that a window makes room for: more of shorter ones make it grow.
    static let recordBytesMin = 128
    /// Paths that are folded into the tree at rest at once; 100 MB beside the records' own bytes.
    ///
    /// 64 MiB have 240,000 creations with names of 200 bytes; one multi can go beyond by 100,000 paths.
    static let windowPathsMax = 400_000
    /// Bytes of the texts of access lists from which the tree at rest looks for those that no znode has.
    ///
    /// 300,000 lists of one entry. After that, when there are twice as many bytes as were in use.
    static let aclBytesUnswept = 16 << 20
    /// Greatest zxid that a store can be as of: an epoch is left for a restore.
    static let zxidMax = Int64.max - 1 << 33
    /// Bytes of an SQLite file before its first page's content (file format, section 1.3).
    static let databaseHeaderBytes = 100
    /// Znodes that a start makes room for before it has read them, as the figure may be damaged: 80 MB.
    static let reservedNodesMax = 4_000_000
    /// Rows between two reports of a start's progress: some 5 ms.
    static let rowsPerReport = 4_096
    /// Room in the log below which sessions do not begin any more: what is left has room for 4,000 ends.
    static let logRoomForSessions = 256 << 10
    /// Room in the log below which sessions do not end any more; the end of one takes 48 bytes.
    static let logRoomForEnds = 64 << 10
    /// Greatest id of a session: its top byte is 0; 2 to the 40th ms of calendar time are 65,536 ids each.
    static let sessionIDMax = Int64(1) << 56 - 1
    /// Bytes on their way to the disk beyond which requests wait: about a second of a slow disk.
    static let logBehindMax = 32 << 20
    /// Bytes of a segment of the log: half a second of 100,000 changes a second, zero-filled in 20 ms.
    static let segmentBytes = 16 << 20
    /// Bytes of the log at which `tree.db` is brought forward: 200,000 changes, replayed in half a second.
    static let foldBytes = 64 << 20
    /// How often a long start says how far it is.
    static let progressPause = Duration.seconds(1)
    /// How long after the last look for room on the disk the next comes.
    static let roomPause = Duration.seconds(1)
    /// Longest record of the log, as a multiple of the longest request; what needs more is refused.
    static let recordFactor = 4
    /// Longest records that a segment has room for, so that little is left unused at its end.
    static let recordsPerSegment = 4
    /// How long the loop looks for requests before it sleeps, after changes have become durable.
    ///
    /// Who writes one change after the other has the next one ready in less; a write to the log takes longer.
    static let awakeAfterSync = Duration.microseconds(60)
    /// A write to the log that takes longer is said, as ZooKeeper says it (fsync.warningthresholdms).
    static let slowSync = Duration.seconds(1)
    /// How often at most.
    static let slowSyncPause = Duration.seconds(10)
    /// Bits of a zxid below its epoch (ZooKeeper 3.8 ZxidUtils).
    static let epochBits: Int64 = 32
}
