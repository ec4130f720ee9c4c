internal import CLinux

/// What becomes of memory that is not in use any more.
public enum FreedMemory {
    /// From now on a block of so many bytes goes back to the kernel at once when it is freed.
    ///
    /// Otherwise glibc raises its threshold up to 32 MiB by what was freed, and keeps such blocks for good in
    /// the arena of the thread that once had them.
    ///
    /// - Parameter bytes: From a page to 32 MiB.
    /// - Returns: False when glibc does not take the figure.
    @discardableResult
    public static func giveBackBlocks(from bytes: Int32) -> Bool {
        muster_give_back_from(bytes) == 1
    }

    /// From now on so much of what smaller blocks leave free at the end of an arena is kept for what comes next.
    ///
    /// Otherwise glibc gives back what is over 128 KiB, and buffers that come and go with each batch have their
    /// pages cleared by the kernel each time. An arena without free memory asks for a sixteenth of this at once,
    /// in the place of 128 KiB.
    ///
    /// - Parameter bytes: An arena has 64 MiB.
    /// - Returns: False when glibc does not take the figure.
    @discardableResult
    public static func keep(upTo bytes: Int32) -> Bool { muster_keep_free(bytes) == 1 }
}
