import ServiceModel

/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Requests of an aggregator that wait for their replies, reads counted one by one; more wait in its
    /// queue.
    ///
    /// Far below the 1,000 after which a ZooKeeper server stops reading (globalOutstandingLimit), and at
    /// 1 ms a round trip still 128,000 znodes a second.
    static let requestsInFlightMax = 128
    /// Reads of one request: four requests keep a server busy while replies are on the way, and 32 znodes
    /// of ZooKeeper's longest data (jute.maxbuffer, 1 MiB) are half of the longest reply that is taken.
    static let readsTogetherMax = 32
    /// Bytes of paths in one request of reads, unless it has one alone; a request may have 1 MiB.
    static let readPathBytesMax = 128 << 10
    /// Pause before a request is sent again that the registry refused for no lasting reason.
    static let retryWait = Duration.seconds(1)
    /// Ends of sessions that are remembered, and that may wait for the aggregator; the oldest goes first.
    ///
    /// More than the 100,000 ephemerals of the largest mass expiry, if each had its own session; 32 bytes
    /// each make 4 MiB. A forgotten one makes a departure `deleted` that was `expired` or `closed`.
    static let factsMax = 131_072
    /// Ends of sessions that may wait for the next event before the aggregator is woken to take them.
    static let factsPostedAt = 1_024
    /// Registrations of one registrar; each has a watch and an ephemeral in its session.
    static let registrationsMax = 10_000
    /// Parts of the map of znodes; a part of a million znodes has 4,000, and grows in 0.2 ms.
    static let shards = 256
    /// Times a registration is taken away by another live process before its owner backs off.
    static let lossesMax = 3
    /// Time within which these losses count together: a hand deletion a minute is no fight.
    static let lossWindow = Duration.seconds(60)
    /// Pause of a registration that lost too often.
    static let backOff = Duration.seconds(30)
    /// Bad entries of one list that are named; the others are counted.
    static let offendersNamedMax = 8
}
