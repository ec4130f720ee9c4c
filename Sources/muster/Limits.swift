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
}
