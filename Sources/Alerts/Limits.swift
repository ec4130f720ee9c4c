/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Events that can be resumed from: 8,192 x about 1 KiB of JSON = 8 MiB.
    ///
    /// The oldest leaves when one more comes; who asks for it is told to read the view anew.
    static let historyCount = 8_192
    /// Deltas that wait to become events: two whole fleets of 100,000 instances at about 200 bytes.
    ///
    /// The newest is dropped at it, and subscribers see the gap.
    static let pendingDeltasMax = 200_000
    /// Events of other daemons' services that are kept: as many as the history has; the oldest goes first.
    static let sharedEventsMax = 8_192
    /// How much later than another daemon this one may learn of a change: ZooKeeper's servers are at most
    /// syncLimit apart, 5 ticks of 2 s in its sample, and nearly always some milliseconds.
    static let shareOverlap = Duration.seconds(5)
    /// Events made between two looks at other tasks: 128 x about 30 microseconds = 4 ms of a pool thread.
    static let eventsPerSlice = 128
    /// Subscribers at once; each costs one wake-up an event.
    static let subscribersMax = 256
    /// Longest stream name of an event id: 13 digits of base 36 hold 64 bits.
    static let streamBytesMax = 13
    /// Webhooks in one configuration.
    static let webhooksMax = 16
    /// Longest URL of a webhook in bytes: what common servers take as a request line.
    static let urlBytesMax = 8_000
    /// Events that wait for one webhook: 10,000 x 1 KiB = 10 MiB; the oldest is dropped at it.
    static let webhookQueueCount = 10_000
    /// Time for one delivery, connecting included.
    static let deliveryTimeMax = Duration.seconds(10)
    /// Time to connect.
    static let connectTimeMax = Duration.seconds(3)
    /// Pause after the first failed delivery.
    static let retryWaitMin = Duration.milliseconds(500)
    /// Longest pause: a receiver that is back waits at most this long for its events.
    static let retryWaitMax = Duration.seconds(60)
    /// 0.5 s x 2^7 = 64 s, the first value over `retryWaitMax`; more would overflow for nothing.
    static let retryDoublingsMax = 7
    /// Deliveries of one event to a receiver that answers and refuses it; then the next one has its turn.
    ///
    /// With the pauses above: 0.5 + 1 + 2 + 4 + 8 + 16 + 32 s, about a minute in which to mend it.
    static let refusalsMax = 8
    /// Age at which an event is given up, however it failed: a day, as long as a view may be stale.
    static let deliveryAgeMax = Duration.seconds(86_400)
    /// Time that what waits for webhooks has when the daemon stops; systemd kills after 90 s by default.
    static let stopTimeMax = Duration.seconds(2)
    /// Longest wait in one call of libcurl; only a bound, as deadlines and wake-ups end it sooner.
    static let pollTimeMax = Duration.seconds(60)
}
