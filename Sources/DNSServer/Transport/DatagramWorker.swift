import Runtime
import ServiceModel
import Synchronization
import Telemetry

/// One thread with a UDP socket, buffers, an engine and counters of its own.
///
/// Step of the data flow: the kernel's datagrams in, answers out. It blocks in one receive call, answers
/// the whole batch in place under one epoch, and sends it with one call. Nothing is shared with other
/// workers but the table.
///
/// HOT: two system calls and two atomic additions per batch of up to 64; no allocation, no lock.
final class DatagramWorker: Sendable {
    let counters = QueryCounters()
    private let socket: DatagramSocket
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<WorkerThread?>(nil)

    init(socket: DatagramSocket) { self.socket = socket }

    /// Starts the thread.
    func start(index: Int, table: AnswerTable) {
        let thread = WorkerThread(name: "dns-udp-\(index)") { self.run(table) }
        self.thread.withLock { $0 = thread }
    }

    /// Ends the thread, and returns after that.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        socket.wake()
        thread.withLock { $0 }?.join()
    }

    private func run(_ table: AnswerTable) {
        guard var engine = QueryEngine(table, counters: counters) else {
            fatalError("more than \(Limits.tableReadersMax) engines look into one answer table")
        }
        var batch = DatagramBatch(
            count: Limits.datagramsPerBatch,
            receiveBytesMax: Limits.datagramBytesMax,
            capacity: Limits.datagramBytesMax
        )
        let own = socket.localAddress
        let (ownPort, ownWords) = (own.port, Self.words(own))
        while !isStopping.load(ordering: .acquiring) {
            let count: Int
            do { count = try socket.receive(into: &batch) } catch {
                Log("dns").error("UDP on \(own) stops: \(error)")
                return
            }
            engine.begin()
            for index in 0..<count {
                let port = batch.sourcePort(index)
                let isEcho = port == ownPort && batch.sourceWords(index) == ownWords
                guard port != 0, !isEcho else {
                    batch.setLength(index, 0)
                    continue
                }
                // SAFETY: `base` has `capacity` bytes and belongs to this thread; length <= capacity.
                let length = unsafe engine.answer(
                    batch.base(index),
                    count: batch.length(index),
                    capacity: batch.capacity,
                    transport: .datagram
                )
                batch.setLength(index, length)
            }
            engine.end()
            _ = socket.send(&batch, count: count)
        }
    }

    /// The address as `DatagramBatch.sourceWords` gives it.
    private static func words(_ address: SocketAddress) -> (high: UInt64, low: UInt64) {
        switch address.ip {
        case .v4(let bits): (high: 0, low: UInt64(bits))
        case .v6(let high, let low): (high: high, low: low)
        }
    }
}
