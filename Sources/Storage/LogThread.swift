internal import CLinux
import Runtime
import ServiceModel
import Synchronization

/// The thread that makes changes durable: while it syncs one batch, the next is gathered.
///
/// So one fdatasync is shared by everyone who waits. A batch that there is no room for is held back until
/// `report` asks for another try. Owner of the queue: whoever appends, from one thread; `tell` is called on the
/// log's thread, once for each batch that is durable and once for a failure, after which nothing is written any
/// more.
public final class LogThread: Sendable {
    /// How far the log has come.
    public struct Progress: Sendable {
        /// Every change up to this one survives a crash.
        public var zxid: Int64
        /// Where the log ends.
        public var position: LogPosition
        /// How long the last batch took to become durable; nil for none.
        public var took: Duration?
        /// Bytes written since the thread started.
        public var written: Int
        /// Bytes that may have been appended in all, from the start on, before there is no room.
        public var limit: Int
        /// The number of the segment that is to be reserved; nil while one is in reserve.
        public var wanted: UInt32?
        /// Why the next batch is held back: the disk has no room for it, or a limit of file sizes is in the way.
        ///
        /// Then `limit` is what is written.
        public var obstacle: StorageError?
    }

    private struct Queue {
        var records = LogBatch()
        var segment: Segment?
        var wantsReport = false
        var isIdle = false
        var isStopping = false
    }
    private final class Shared: Sendable {
        let queue = Mutex(Queue())
        let writer: Mutex<LogWriter?>
        let arrivals = muster_eventfd(0, 1)
        init(_ writer: consuming LogWriter) { self.writer = Mutex(writer) }
        deinit { _ = muster_close(arrivals) }
    }

    private let shared: Shared
    private let thread: WorkerThread

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - writer: At the end of the log.
    ///   - tell: Called with each step, and with the error that ends it all.
    public init(
        _ writer: consuming LogWriter,
        tell: @escaping @Sendable (Result<Progress, StorageError>) -> Void
    ) {
        let shared = Shared(writer)
        guard shared.arrivals >= 0 else { fatalError("the log's eventfd: \(shared.arrivals)") }
        self.shared = shared
        thread = WorkerThread(name: "log") { Self.run(shared, tell) }
    }

    /// Queues records without waiting for them.
    ///
    /// - Parameter records: Taken over; empty afterwards.
    public func append(_ records: inout LogBatch) {
        change { queue in
            if queue.records.isEmpty {
                swap(&queue.records, &records)
            } else {
                queue.records.append(records)
            }
        }
        records.removeAll()
    }

    /// Hands over the segment that was wanted.
    public func add(_ segment: Segment) { change { $0.segment = segment } }

    /// Tells soon how far the log is, which nobody hears before this or the first batch.
    ///
    /// A batch that is held back is tried again before.
    public func report() { change { $0.wantsReport = true } }

    /// Writes what is queued, marks the log's end, and ends the thread; returns after that.
    public func stop() {
        change { $0.isStopping = true }
        thread.join()
    }

    private func change(_ body: (inout Queue) -> Void) {
        let wakes = shared.queue.withLock { queue in
            body(&queue)
            defer { queue.isIdle = false }
            return queue.isIdle
        }
        if wakes { _ = muster_eventfd_add(shared.arrivals) }
    }

    private static func run(
        _ shared: Shared,
        _ tell: @Sendable (Result<Progress, StorageError>) -> Void
    ) {
        shared.writer.withLock { writer in
            guard var log = writer.take() else { return }
            do throws(StorageError) {
                try write(shared, &log, tell)
                try log.end()
            } catch {
                tell(.failure(error))
                waitForStop(shared)
            }
            log.close()
        }
    }

    /// Returns when it is told to stop and everything queued is durable.
    private static func write(
        _ shared: Shared,
        _ log: inout LogWriter,
        _ tell: (Result<Progress, StorageError>) -> Void
    ) throws(StorageError) {
        var records = LogBatch()
        var written = 0
        var obstacle: StorageError?
        while true {
            let (segment, isAsked, isStopping) = take(shared, &records, isHeld: obstacle != nil)
            if let segment { log.add(segment) }
            var took: Duration?
            if !records.isEmpty, obstacle == nil || isAsked || isStopping {
                let start = EventLoop.monotonicNow()
                do throws(StorageError) {
                    try log.write(&records)
                    written += records.byteCount
                    records.recycle()
                    took = EventLoop.monotonicNow() - start
                    obstacle = nil
                } catch {
                    guard error.code == .noSpace, !isStopping else { throw error }
                    obstacle = error
                }
            } else if segment == nil, !isAsked {
                if isStopping { return }
                _ = muster_eventfd_take(shared.arrivals)
                continue
            }
            tell(.success(progress(log, written, took: took, obstacle)))
        }
    }

    /// What came meanwhile, but for records behind some that are held; without anything the thread counts as idle.
    private static func take(
        _ shared: Shared,
        _ records: inout LogBatch,
        isHeld: Bool
    ) -> (Segment?, isAsked: Bool, isStopping: Bool) {
        shared.queue.withLock { queue in
            if !isHeld { swap(&queue.records, &records) }
            let (segment, isAsked) = (queue.segment, queue.wantsReport)
            (queue.segment, queue.wantsReport) = (nil, false)
            let hasNothing = isHeld || records.isEmpty
            queue.isIdle = hasNothing && segment == nil && !isAsked && !queue.isStopping
            return (segment, isAsked, queue.isStopping)
        }
    }

    private static func progress(
        _ log: borrowing LogWriter,
        _ written: Int,
        took: Duration?,
        _ obstacle: StorageError?
    ) -> Progress {
        Progress(
            zxid: log.zxid,
            position: log.position,
            took: took,
            written: written,
            limit: obstacle == nil ? written + log.room : written,
            wanted: log.wantsSegment ? log.nextNumber : nil,
            obstacle: obstacle
        )
    }

    /// Nothing is written after a failure; what still comes is dropped.
    private static func waitForStop(_ shared: Shared) {
        while true {
            let isStopping = shared.queue.withLock { queue in
                queue.records = LogBatch()
                queue.isIdle = !queue.isStopping
                return queue.isStopping
            }
            if isStopping { return }
            _ = muster_eventfd_take(shared.arrivals)
        }
    }
}
