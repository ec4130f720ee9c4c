public import Runtime

/// Where the name server listens, and how much of it strangers may use.
public struct NameServerConfiguration: Sendable {
    /// Address and port of both transports; port 0 takes any one that is free for both.
    public var listen: SocketAddress
    /// Threads and sockets that answer UDP, 1 to 32; one is enough for one core.
    public var workers: Int
    /// Bounds of TCP.
    public var streams: StreamBounds

    /// What TCP clients may use; what each bound does when reached stands beside it.
    public struct StreamBounds: Sendable {
        /// Connections in total; a new one closes the one that was idle for longest.
        public var connectionsMax: Int
        /// Connections from one address other than loopback; more are closed at once.
        public var connectionsPerAddressMax: Int
        /// Time without a complete question or a written answer, after which a connection is closed.
        public var idleMax: Duration

        /// Creates the bounds; the defaults are meant for a server inside a company.
        public init(
            connectionsMax: Int = 512,
            connectionsPerAddressMax: Int = 64,
            idleMax: Duration = .seconds(10)
        ) {
            self.connectionsMax = connectionsMax
            self.connectionsPerAddressMax = connectionsPerAddressMax
            self.idleMax = idleMax
        }
    }

    /// Creates a configuration.
    public init(listen: SocketAddress, workers: Int = 1, streams: StreamBounds = StreamBounds()) {
        (self.listen, self.workers, self.streams) = (listen, workers, streams)
    }
}
