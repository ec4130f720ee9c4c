public import Runtime
public import ServiceModel

/// How the embedded registry behaves; the defaults are ZooKeeper's.
public struct RegistryConfiguration: Sendable {
    /// Where clients connect; nil for no listener, only descriptors that are handed in.
    public var listen: SocketAddress?
    /// The unit of the bounds on session timeouts.
    public var tickTime: Duration
    /// Shortest session timeout granted; nil for 2 ticks.
    public var minSessionTimeout: Duration?
    /// Longest session timeout granted; nil for 20 ticks.
    public var maxSessionTimeout: Duration?
    /// Longest request frame in bytes, its length field not counted.
    public var requestBytesMax: Int
    /// Connections in all; one more is closed at once.
    public var connectionsMax: Int
    /// Connections of one address, 0 for no limit; loopback and descriptors handed in are not counted.
    public var connectionsPerAddressMax: Int
    /// Who shows the credential of this digest passes every access check; nil for nobody.
    ///
    /// `super:` and the base64 of the SHA-1 of `super:PASSWORD`, as ZooKeeper's
    /// `zookeeper.DigestAuthenticationProvider.superDigest`.
    public var superDigest: String?
    /// Which four-letter words are answered.
    public var words: WordPolicy
    /// Hard limits of quotas refuse changes (ZooKeeper's `zookeeper.enforceQuota`); otherwise they only warn.
    public var enforceQuota: Bool
    /// How often empty containers and TTL nodes whose time is over are deleted.
    public var reaperInterval: Duration
    /// Where the tree and the sessions are kept; nil for a registry that forgets everything with its process.
    public var store: StoreConfiguration?
    /// The first change gets the next zxid; nil to take one from the calendar.
    ///
    /// For a registry in memory, which starts empty. With its zxids above all that clients saw before, they
    /// are told that their sessions are over and start anew, instead of being turned away for ever.
    public var firstZxid: Int64?

    /// Creates a configuration with ZooKeeper's defaults.
    public init(
        listen: SocketAddress? = .loopback(2181),
        tickTime: Duration = .seconds(2),
        minSessionTimeout: Duration? = nil,
        maxSessionTimeout: Duration? = nil,
        requestBytesMax: Int = 0xfffff,
        connectionsMax: Int = 10_000,
        connectionsPerAddressMax: Int = 60,
        superDigest: String? = nil,
        words: WordPolicy = .allOnLoopback,
        enforceQuota: Bool = false,
        reaperInterval: Duration = .seconds(60),
        store: StoreConfiguration? = nil,
        firstZxid: Int64? = nil
    ) {
        (self.listen, self.tickTime) = (listen, tickTime)
        self.minSessionTimeout = minSessionTimeout
        self.maxSessionTimeout = maxSessionTimeout
        (self.requestBytesMax, self.connectionsMax) = (requestBytesMax, connectionsMax)
        self.connectionsPerAddressMax = connectionsPerAddressMax
        (self.superDigest, self.words, self.firstZxid) = (superDigest, words, firstZxid)
        (self.enforceQuota, self.reaperInterval) = (enforceQuota, reaperInterval)
        self.store = store
    }

    /// Where a registry in memory starts: seconds since 2024 in the upper half, the rest of the time below.
    ///
    /// Each millisecond has room for 4,194,304 changes, far more than can be made in one.
    ///
    /// - Parameter time: The calendar time of the start; before 2024 it counts as 2024.
    /// - Returns: A zxid above all that an earlier start gave out, unless the clock was set back.
    public static func firstZxid(at time: UnixTime) -> Int64 {
        let origin: Int64 = 1_704_067_200_000
        let milliseconds = max(origin, time.milliseconds) - origin
        let seconds = min(milliseconds / 1_000, Int64(Int32.max) - 1)
        return seconds << 32 + (milliseconds % 1_000) << 22
    }

    /// Session timeouts that are granted.
    public var timeouts: ClosedRange<Duration> {
        let least = max(minSessionTimeout ?? tickTime * Limits.sessionTicksMin, .milliseconds(1))
        return least...max(least, maxSessionTimeout ?? tickTime * Limits.sessionTicksMax)
    }
}
