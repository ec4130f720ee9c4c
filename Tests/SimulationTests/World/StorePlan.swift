/// How a run with a store is to be crashed.
struct StorePlan {
    /// Power cuts and kills that are tried out at each operation of the disk, beside the run itself.
    var probesPerOperation = 2
    /// Of 1,000 operations of the disk so many are the last of their process.
    var crashes = 4
    /// Of 1,000 writes there is no room for so many.
    var shortages = 20
    /// Of 1,000 syncs so many fail.
    var failures = 10
    /// What is wrong with the store, for the checker to find.
    var fault: StoreFault?
}

/// A store that is not right, as the checker has to find out.
enum StoreFault: CaseIterable {
    /// The log's batches are written and not synced.
    case logNotSynced
    /// Replies leave when their changes are written, before the sync.
    case replyBeforeSync
    /// Headers of replies have the zxid of the last change, durable or not.
    case headerAhead
    /// Records are taken from the log whatever their checksum says.
    case checksumIgnored
    /// What a start replays is served and not synced.
    case replayNotSynced
    /// A sync that failed is called once more.
    case failedSyncRetried
    /// The names of new segments are not synced.
    case folderNotSynced
    /// Segments are removed before the commit of `tree.db` that covers them is synced.
    case removedTooEarly
}
