/// Every bound of this target, with its unit and source.
enum Limits {
    /// Signals that wait to be acted on; the kernel merges equal ones anyway.
    static let signalsWaitingMax = 16
    /// Warnings of one kind in a status.
    static let warningsMax = 20
}
