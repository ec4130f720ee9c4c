import Runtime
import ServiceModel
import ZNodeTree

extension ServerEngine {
    /// The registry at a glance.
    func status(at address: SocketAddress?) -> RegistryStatus {
        RegistryStatus(
            address: address,
            zxid: tree.lastZxid,
            sessions: tree.sessionCount,
            connections: connections.count,
            znodes: tree.nodeCount,
            ephemerals: tree.ephemeralNodeCount,
            watches: tree.watchCount,
            dataBytes: tree.approximateDataSize,
            received: earlier.received + statistics.received,
            sent: earlier.sent + statistics.sent,
            expired: earlier.expired + statistics.expired,
            quotaExcesses: earlier.quotaExcesses + statistics.quotaExcesses,
            reaped: earlier.reaped + statistics.reaped
        )
    }

    /// What the metrics show at once when it changes.
    struct Shape: Equatable {
        var zxid: Int64 = -1
        var sessions = 0
        var connections = 0
        var watches = 0
    }

    var shape: Shape {
        Shape(
            zxid: tree.lastZxid,
            sessions: tree.sessionCount,
            connections: connections.count,
            watches: tree.watchCount
        )
    }

    /// The turn ends: its answers leave now.
    mutating func settle(at now: Instant) {
        let milliseconds = Int(max(0, now.nanoseconds - turnStart.nanoseconds) / 1_000_000)
        statistics.settle(milliseconds: milliseconds)
        for connection in dirty {
            connection.statistics.settle(milliseconds: milliseconds, now: now)
        }
    }

    /// The word `srst`: what it shows begins anew, what `/metrics` shows goes on.
    mutating func resetStatistics() {
        earlier.received += statistics.received
        earlier.sent += statistics.sent
        earlier.expired += statistics.expired
        earlier.quotaExcesses += statistics.quotaExcesses
        earlier.reaped += statistics.reaped
        statistics = Statistics()
    }
}

extension ServerEngine.Settings {
    init(_ configuration: RegistryConfiguration) {
        let timeouts = configuration.timeouts
        self.init(
            timeouts: timeouts,
            tickTime: configuration.tickTime,
            requestBytesMax: configuration.requestBytesMax,
            connectionsMax: configuration.connectionsMax,
            connectionsPerAddressMax: configuration.connectionsPerAddressMax,
            superDigest: configuration.superDigest,
            heartbeat: min(Limits.heartbeat, timeouts.lowerBound / 4),
            enforceQuota: configuration.enforceQuota,
            reaperInterval: configuration.reaperInterval,
            words: configuration.words
        )
    }
}

extension ServerEngine.Settings {
    /// Takes over what may change while connections are open.
    mutating func takeOver(_ configuration: RegistryConfiguration) {
        let new = ServerEngine.Settings(configuration)
        (tickTime, timeouts, heartbeat) = (new.tickTime, new.timeouts, new.heartbeat)
        (connectionsMax, words) = (new.connectionsMax, new.words)
        connectionsPerAddressMax = new.connectionsPerAddressMax
        (superDigest, enforceQuota) = (new.superDigest, new.enforceQuota)
        reaperInterval = new.reaperInterval
    }
}

extension RegistryConfiguration {
    /// Refuses what no registry can be started with.
    ///
    /// - Throws: `RegistryError` `.badConfiguration` with the value and its bounds.
    public func check() throws(RegistryError) {
        func require(_ isRight: Bool, _ sentence: String) throws(RegistryError) {
            guard isRight else { throw RegistryError(.badConfiguration, sentence) }
        }
        try require(
            tickTime >= Limits.tickMin,
            "tick time is \(tickTime), at least \(Limits.tickMin) is needed"
        )
        try require(
            (1_024...Limits.requestBytesMax * 64).contains(requestBytesMax),
            "longest request is \(requestBytesMax) bytes, 1024 to 64 MiB can be"
        )
        let least = minSessionTimeout ?? tickTime * Limits.sessionTicksMin
        let most = maxSessionTimeout ?? tickTime * Limits.sessionTicksMax
        try require(
            least <= most,
            "minSessionTimeout is \(least.milliseconds) ms, and maxSessionTimeout with "
                + "\(most.milliseconds) ms must not be shorter"
        )
        try require(connectionsMax > 0, "connections are limited to \(connectionsMax)")
        try require(
            superDigest.map { DigestCredential.isIdentity($0) } ?? true,
            "superDigest is not super:BASE64 with the SHA-1 of super:PASSWORD, as it comes from "
                + "printf 'super:PASSWORD' | openssl dgst -sha1 -binary | base64"
        )
        try require(
            reaperInterval >= .milliseconds(1),
            "the reaper's interval is \(reaperInterval), at least 1 ms is needed"
        )
        try require(
            (firstZxid ?? 0) >= 0,
            "first zxid is \(firstZxid ?? 0), which no client can have seen"
        )
    }
}
