import Storage

/// What the store's threads tell the registry.
enum StoreNews: Sendable {
    /// Changes are durable, or there is more room.
    case progress(LogThread.Progress)
    /// There is no room for what the log has to write, or for its next segment; tried again when the registry asks for it.
    case noRoom(StorageError)
    /// There is room again.
    case roomAgain
    /// The tree at rest could not be brought forward; tried again when the log has grown further.
    case notFolded(StorageError)
    /// The disk has failed, and what became of the last changes is not known: nothing is written any more.
    case failed(StorageError)
}
