import ZooKeeperProtocol

/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest line of a response's head or chunk size, in bytes: far above what the daemon sends.
    static let headLineBytesMax = 16_384
    /// Bytes received and not read yet on the control socket.
    static let controlInboundBytesMax = 1 << 20
    /// Longest request on the control socket; its line holds a name of at most 255 bytes, escaped.
    static let controlOutboundBytesMax = 16_384
    /// Largest whole answer that a command takes: 100,000 instances of 1 KiB each fit twice.
    static let controlAnswerBytesMax = 256 << 20
    /// Pieces of an event stream that wait for the command; more close the stream.
    static let streamPiecesMax = 10_000
    /// Longest answer to a four-letter word that is taken: `mntr` of ZooKeeper 3.8 has 16 KiB.
    static let wordAnswerBytesMax = 1 << 20
    /// Servers of one `muster server status`; each takes a connection at a time.
    static let serversAskedMax = 256
    /// Most picks of one `muster resolve`.
    static let picksMax = 1_000_000
    /// Longest TTL of a znode in milliseconds (ZooKeeper 3.8 EphemeralType: 40 bits).
    static let ttlMillisecondsMax: Int64 = (1 << 40) - 1
    /// Deletes of `deleteall` in one multi unless `-b` says otherwise (ZooKeeper 3.8 ZKUtil).
    static let deletesPerBatch = 1_000
    /// Bytes of paths in one multi of `deleteall`: half of a request, the rest is for headers.
    static let deleteBytesPerBatch = 512 << 10
    /// What a delete in a multi takes beside its path: header of 9 bytes, length and version of 4 each.
    static let deleteOverheadBytes = 9 + 4 + 4
    /// Lines that the shell remembers for `redo`; older ones are out of its range.
    static let shellCommandsKept = 10_000
    /// Lines that `history` shows before the present one (zkCli 3.8).
    static let shellHistoryShown = 10
    /// Lines in the shell's history file.
    static let shellHistoryLinesMax = 1_000
    /// Texts that wait to be printed around the line being typed; more are dropped, with a note.
    static let shellTextsWaitingMax = 10_000
    /// Names shown as possible completions.
    static let shellCompletionsShownMax = 200
    /// Longest request of an import unless `--max-buffer` says otherwise: servers' jute.maxbuffer.
    static let requestBytesDefault = ZooKeeperProtocol.Limits.frameBytesMax
    /// Most that `--max-buffer` takes: what the client takes of a reply, too.
    static let requestBytesLargest = 64 << 20
    /// What a create takes beside path, data and access list: header of 8 bytes, three lengths and the
    /// flags of 4 each, a TTL of 8, and room for a chroot.
    static let createOverheadBytes = 8 + 4 * 4 + 8 + 512
    /// An entry of an access list beside scheme and id: permissions and two lengths of 4 bytes each.
    static let aclBytes = 3 * 4
    /// Znodes that an export has asked for at once; of the largest, 1 MiB each, that is 256 MiB.
    static let znodesPerBatch = 256
    /// Znodes that an import has on their way at once.
    ///
    /// One bound of a server's own on outstanding requests (ZooKeeper 3.8 globalOutstandingLimit).
    static let creationsPerBatch = 1_000
    /// Bytes of lines after which an import's batch is full.
    static let creationBytesPerBatch = 4 << 20
    /// How long no server may answer in the middle of a transfer: restarts and elections take less.
    static let transferPatience = Duration.seconds(60)
    /// The same for giving access lists back at the end of an import that failed: nothing else hangs on it.
    static let lockPatience = Duration.seconds(10)
    /// Unreadable znodes that are named.
    static let unreadableShownMax = 100
    /// Existing znodes that are named when an import is refused.
    static let conflictsShownMax = 10
    /// Links followed from an export's name on (Linux, MAXSYMLINKS).
    static let linksMax = 40
    /// Bytes read of a file at once.
    static let fileChunkBytes = 1 << 20
    /// What a line of an export has beside its values.
    static let lineKeysBytes = 64 << 10
    /// Commands that are done sooner show no bar.
    static let progressFirstAfter = Duration.seconds(1)
    /// How often a bar is drawn.
    static let progressRedrawInterval = Duration.milliseconds(200)
    /// How often a line is written where there is no terminal.
    static let progressInterval = Duration.seconds(5)
    /// Between two questions how far a backup is.
    static let backupPause = Duration.milliseconds(50)
    /// Largest `zoo.cfg` that is read, in bytes: a thousand servers have 100 KiB.
    static let zooCfgBytesMax = 1 << 20
    /// Files of one check; each is compared with each.
    static let zooCfgFilesMax = 64
    /// What is read of a `myid`, which holds a number.
    static let myidBytesMax = 256
    /// Bytes of one answer that other clients take (ZooKeeper 3.8 jute.maxbuffer).
    static let listBytesMax = ZooKeeperProtocol.Limits.frameBytesMax
    /// Share of that from which an audit speaks of a list: where our own client warns, too.
    static let listPermilleMax = 800
    /// Share of that from which a list is reported at all: 10 KiB.
    static let listPermilleKept = 10
    /// Lists that a report has.
    static let listsKeptMax = 100
    /// A list that would be full sooner is spoken of whatever its length.
    static let listDaysLeftMin = 7.0
    /// Consumers of a service that are named.
    static let consumersShownMax = 5
    /// Sessions that are named for one address.
    static let holdersShownMax = 3
    /// Findings of one kind that are printed; JSON has more of them.
    static let findingsShownMax = 20
    /// Findings that JSON has; what is wrong more often than that has one cause.
    static let findingsMax = 10_000
    /// Znodes that an audit asks for at once; a Stat has 80 bytes.
    static let statsPerBatch = 1_000
    /// Lists of children that an audit asks for at once; at 1 MiB each that is 32 MiB.
    static let listsPerBatch = 32
    /// Connections that are tried at once, so that no network takes it for an attack.
    static let knocksAtOnce = 32
    /// How long one may take: three tries of TCP, which come after 0, 1 and 3 s, are not waited for.
    static let knockTime = Duration.seconds(2)
    /// Addresses that are tried: 10,000 silent ones at 32 a time take ten minutes.
    static let knocksMax = 10_000
    /// How long each server may take for its list of sessions.
    static let sessionsTime = Duration.seconds(5)
    /// Largest earlier report that is read.
    static let earlierReportBytesMax = 64 << 20
}
