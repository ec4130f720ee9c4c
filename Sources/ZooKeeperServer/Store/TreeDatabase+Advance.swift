import Storage

extension TreeDatabase {
    /// Brings the tree at rest to a later place of the log, a window at a time, and lets go of the log before it.
    ///
    /// What a window covers is removed after it is durable, and not before.
    ///
    /// - Parameters:
    ///   - end: Where the log is known to be durable.
    ///   - directory: Where the log is.
    ///   - files: Where that is.
    /// - Throws: `StorageError`; `state` says how far it came.
    mutating func advance(
        to end: LogPosition,
        in directory: String,
        on files: any FileSystem
    ) throws(StorageError) {
        let reader = LogReader(in: directory, on: files)
        while state.position < end {
            let isSegment = state.position.segment == end.segment
            let bytes = isSegment ? end.offset - state.position.offset : Limits.windowBytesMax
            var window = NetChanges(expecting: bytes)
            let next = try reader.read(from: state.position, to: end) {
                zxid,
                payload throws(StorageError) in
                do throws(Contradiction) {
                    try window.add(zxid: zxid, payload)
                } catch {
                    throw StorageError(.damaged, directory, "\(error)")
                }
                return !window.isFull
            }
            try fold(window, upTo: next)
        }
        try Segment.removeCovered(by: state.position, in: directory, on: files)
    }
}
