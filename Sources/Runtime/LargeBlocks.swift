internal import CLinux

/// What becomes of large blocks of memory that are not in use any more.
public enum LargeBlocks {
    /// From now on a block of so many bytes goes back to the kernel at once when it is freed.
    ///
    /// Otherwise glibc raises its threshold up to 32 MiB by what was freed, and keeps such blocks for good in
    /// the arena of the thread that once had them.
    ///
    /// - Parameter bytes: From a page to 32 MiB.
    /// - Returns: False when glibc does not take the figure.
    @discardableResult
    public static func giveBack(from bytes: Int32) -> Bool {
        muster_give_back_from(bytes) == 1
    }
}
