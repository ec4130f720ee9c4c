/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Connections to each of the two listeners: streams, and as many short requests.
    static let connectionsMax = 256
    /// Event streams on both listeners together: half of the connections, so that requests get through.
    static let streamsMax = 128
    /// Memory of one connection for the request line and header fields, in bytes.
    ///
    /// libmicrohttpd answers 414 and 431 for more than fits.
    static let connectionBytesMax = 32_768
    /// Largest request body in bytes; no route reads one, so it only has to bound what is thrown away.
    static let bodyBytesMax = 65_536
    /// Time in seconds after which an idle connection is closed; parked streams are not idle.
    static let idleSecondsMax = 30
    /// Rows in one answer: 10,000 x about 600 bytes = 6 MB, some 100 ms of the console's thread.
    static let rowsMax = 10_000
    /// Longest name in a query: a DNS name has 253 characters, a Dubbo interface may have group and more.
    static let nameBytesMax = 1_024
    /// Arguments of one request that are looked at.
    static let argumentsMax = 32
    /// Events that a stream takes from the feed at once: 32 x 1 KiB, one write of the library.
    static let eventsPerRead = 32
    /// Block that the library asks a stream to fill, in bytes.
    static let streamBlockBytes = 32_768
    /// Pause between two comment lines of a stream.
    ///
    /// A client that left is noticed by the second of them; proxies cut silent connections after 30 to 60 s.
    static let heartbeatInterval = Duration.seconds(15)
    /// Time that clients have to read the end of their streams when the daemon stops.
    static let drainTimeMax = Duration.seconds(1)
    /// Time after which a client of a broken stream is asked to come back, in milliseconds.
    static let reconnectMilliseconds = 2_000
    /// Time after which a client that found all streams taken is asked to try again, in seconds.
    static let retryAfterSeconds = 10
}
