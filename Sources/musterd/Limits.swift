/// Every bound of this target, with its unit and source.
enum Limits {
    /// Signals that wait to be acted on; the kernel merges equal ones anyway.
    static let signalsWaitingMax = 16
    /// Longest configuration file and zoo.cfg; real ones have a few KiB.
    static let configurationBytesMax = 4 << 20
    /// Descriptors that may be open: the registry's 10,000 connections and 1,000 for all the rest.
    static let descriptorsWanted = 11_000
    /// Blocks of memory that go back to the kernel when they are freed, such as those of a fold: 100 MB in all.
    static let largeBlockBytes: Int32 = 1 << 20
    /// Free memory that an arena keeps: the answers of a batch, some MiB, come again with the next.
    static let freeBytesKept: Int32 = 16 << 20
    /// Warnings of one kind in a status.
    static let warningsMax = 20
    /// Longest file of a view that is read: a million instances of 1 KiB.
    static let viewBytesMax = 1 << 30
    /// Pause between two writes of the view's file on an ensemble, where it is all that a restart has.
    static let viewWritePause = Duration.seconds(5)
    /// The same beside the embedded registry, whose own store is read first.
    static let viewWritePauseEmbedded = Duration.seconds(60)
    /// Longest time after which a live view is written again; its age is wrong by no more after a crash.
    static let viewRefresh = Duration.seconds(300)
    /// Parts of `dns.maxStale` that the age may be wrong by, where that is short.
    static let viewRefreshParts = 20
    /// Times as long as a write took that the next one waits, so that writes take 5 % of the time.
    static let viewWriteShare = 20
    /// Credentials of the daemon's session, as many as the client takes.
    static let credentialsMax = 64
    /// Digits of a daemon's id: 64 bits.
    static let identityBytes = 16
    /// Daemons on one ensemble that are known to each other.
    static let daemonsMax = 256
    /// Times the session timeout, and more, within which a daemon's end is known to the others: its session ends
    /// up to one timeout after its last sign of life, and a server may take a tick to see it.
    static let deathTimeouts = 2
    /// What is added to that.
    static let deathSlack = Duration.seconds(5)
}
