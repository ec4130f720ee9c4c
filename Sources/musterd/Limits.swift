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
}
