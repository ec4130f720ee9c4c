public import Runtime
import ServiceModel
import Synchronization
public import Telemetry

/// The authoritative name server: UDP workers and TCP on one port, answering from one table.
///
/// Step of the data flow: the outermost one. It owns threads and sockets; what is answered stands in the
/// table alone. The sockets live as long as the server: changes go into the table.
public final class NameServer: Sendable {
    private struct Running {
        var workers: [DatagramWorker] = []
        var loop: EventLoop?
        var streams: StreamService?
        var counters: [QueryCounters] = []
    }

    private let configuration: NameServerConfiguration
    private let table: AnswerTable
    private let metrics: MetricsRegistry
    private let running = Mutex(Running())

    /// A server that is not started.
    public init(
        configuration: NameServerConfiguration,
        table: AnswerTable,
        metrics: MetricsRegistry
    ) {
        (self.configuration, self.table, self.metrics) = (configuration, table, metrics)
    }

    /// Binds both transports to one port and starts answering.
    ///
    /// - Returns: The address of UDP and that of TCP, with the port that was found.
    /// - Throws: `RuntimeError` when the address cannot be bound for both.
    public func start() throws(RuntimeError) -> (udp: SocketAddress, tcp: SocketAddress) {
        let workers = max(1, min(configuration.workers, Limits.workersMax))
        let sockets = try Self.bind(configuration.listen, count: workers)
        let loop = EventLoop(name: "dns-tcp")
        let counters = QueryCounters()
        let streams = StreamService(
            loop: loop,
            listener: sockets.stream,
            table: table,
            counters: counters,
            bounds: configuration.streams
        )
        let datagrams = sockets.datagrams.map(DatagramWorker.init)
        for (index, worker) in datagrams.enumerated() { worker.start(index: index, table: table) }
        loop.post { streams.assumeIsolated { $0.start() } }
        running.withLock { running in
            running = Running(
                workers: datagrams,
                loop: loop,
                streams: streams,
                counters: datagrams.map(\.counters) + [counters]
            )
        }
        let sources = [("udp", datagrams.map(\.counters)), ("tcp", [counters])]
        metrics.onRender { QuerySamples.samples(of: sources) }
        return (sockets.datagrams[0].localAddress, sockets.address)
    }

    /// Stops all threads and closes all connections; returns after that.
    ///
    /// Not from one of the server's own threads.
    public func stop() {
        let last = running.withLock { running in
            defer { running = Running() }
            return running
        }
        for worker in last.workers { worker.stop() }
        guard let loop = last.loop, let streams = last.streams else { return }
        loop.post { streams.assumeIsolated { $0.stop() } }
        loop.stop()
    }

    /// DNS messages received since the start, over both transports.
    public var queryCount: Int {
        running.withLock { running in
            running.counters.reduce(0) { $0 + $1.count(of: .received) }
        }
    }

    private struct Sockets: ~Copyable {
        let datagrams: [DatagramSocket]
        let stream: ListenSocket
        let address: SocketAddress
    }

    /// Sockets of both transports on one port; a free one is looked for several times.
    private static func bind(
        _ address: SocketAddress,
        count: Int
    ) throws(RuntimeError) -> Sockets {
        var attempts = address.port == 0 ? Limits.portAttemptsMax : 1
        while true {
            attempts -= 1
            var wanted = address
            let use = count > 1 ? DatagramSocket.PortUse.shared : .alone
            var datagrams = [try DatagramSocket(on: wanted, use)]
            wanted.port = datagrams[0].localAddress.port
            do throws(RuntimeError) {
                let stream = try ListenSocket(on: wanted)
                while datagrams.count < count {
                    datagrams.append(try DatagramSocket(on: wanted, use))
                }
                let bound = stream.localAddress ?? wanted
                return Sockets(datagrams: datagrams, stream: stream, address: bound)
            } catch {
                guard error.code == .addressInUse, attempts > 0 else { throw error }
            }
        }
    }
}
