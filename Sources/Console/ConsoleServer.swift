public import Runtime
import ServiceModel
import Synchronization
import Telemetry

/// Where the console listens.
public struct ConsoleConfiguration: Equatable, Sendable {
    /// Address of the port, loopback unless the operator knows why; nil for none.
    public var listen: SocketAddress?
    /// Path of the control socket, at most 107 bytes; nil for none.
    public var controlSocket: String?
    /// Host names that requests to the port may have beside addresses and `localhost`.
    public var hosts: [String]

    /// Creates a configuration.
    public init(listen: SocketAddress?, controlSocket: String?, hosts: [String] = []) {
        (self.listen, self.controlSocket, self.hosts) = (listen, controlSocket, hosts)
    }
}

/// The API, the event stream, metrics and health over HTTP, on a port and on the control socket.
///
/// Step of the data flow: reads the view's snapshots and what the wiring hands over; changes nothing.
/// libmicrohttpd has one thread for each of the two listeners; the loop only beats the streams' heart.
public final class ConsoleServer: Sendable {
    private let configuration: ConsoleConfiguration
    private let sources: ConsoleSources
    let streams: EventStreams
    private let heartbeat: Heartbeat
    private let loop: EventLoop
    private let listeners = Mutex<[HTTPListener]>([])
    private let log = Log("console")

    /// Creates the console; nothing listens before `start`.
    ///
    /// - Parameters:
    ///   - configuration: Where it listens.
    ///   - sources: What it shows.
    ///   - loop: Has a timer for the event streams; any loop of the daemon.
    public init(configuration: ConsoleConfiguration, sources: ConsoleSources, loop: EventLoop) {
        (self.configuration, self.sources, self.loop) = (configuration, sources, loop)
        streams = EventStreams(feed: sources.events, metrics: sources.metrics)
        heartbeat = Heartbeat(loop: loop, streams: streams)
    }

    /// Listens; call it once.
    ///
    /// - Returns: The port's address, with the number that port 0 became; nil when there is none.
    /// - Throws: `ConsoleError` with code `listen` or `library`; nothing listens then.
    public func start() throws(ConsoleError) -> SocketAddress? {
        let (port, address) = try startPort()
        let controlSocket = try startControlSocket()
        listeners.withLock { $0 = [port, controlSocket].compactMap { $0 } }
        heartbeat.start()
        if let address { log.info("API on http://\(address)/") }
        if let path = configuration.controlSocket { log.info("control socket at \(path)") }
        return address
    }

    /// Ends all streams and listens no more; returns when the library's threads have ended.
    ///
    /// Clients of streams have a second to read the end; no other request waits for anything.
    public func stop() async {
        heartbeat.stop()
        await streams.close(loop: loop)
        listeners.withLock { $0 = [] }
    }
}

extension ConsoleServer {
    private func startPort() throws(ConsoleError) -> (HTTPListener?, SocketAddress?) {
        guard let listen = configuration.listen else { return (nil, nil) }
        let descriptor: Int32
        let address: SocketAddress?
        do throws(RuntimeError) {
            let socket = try ListenSocket(on: listen)
            address = socket.localAddress
            descriptor = socket.takeDescriptor()
        } catch {
            throw ConsoleError(.listen, "the console cannot listen on \(listen)", cause: error)
        }
        return (try serve(descriptor, path: nil, entrance: .port), address)
    }

    private func startControlSocket() throws(ConsoleError) -> HTTPListener? {
        guard let path = configuration.controlSocket else { return nil }
        let descriptor: Int32
        do throws(RuntimeError) {
            descriptor = try ListenSocket(onUnixPath: path, mode: 0o600).takeDescriptor()
        } catch {
            throw ConsoleError(.listen, "the control socket \(path) cannot be opened", cause: error)
        }
        return try serve(descriptor, path: path, entrance: .controlSocket)
    }

    private func serve(
        _ descriptor: Int32,
        path: String?,
        entrance: HTTPRequest.Entrance
    ) throws(ConsoleError) -> HTTPListener {
        let handler = HTTPHandler(
            router: Router(sources: sources, hosts: HostRule(names: configuration.hosts)),
            streams: streams,
            entrance: entrance,
            metrics: sources.metrics
        )
        let started = HTTPListener.start(descriptor: descriptor, path: path, handler: handler)
        guard let started else {
            throw ConsoleError(.library, "libmicrohttpd does not start")
        }
        return started
    }
}
