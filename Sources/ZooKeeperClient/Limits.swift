internal import ServiceModel
internal import ZooKeeperProtocol

/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Requests submitted and not answered; more are refused with `.overloaded`.
    ///
    /// Sixteen times a server's own bound on outstanding requests (ZooKeeper 3.8 globalOutstandingLimit,
    /// 1,000), so that the pipe is always full; at about 150 bytes each under 3 MiB.
    static let requestsInFlightMax = 16_384
    /// Encoded bytes of requests not answered: 64 of the largest there are (jute.maxbuffer, 1 MiB).
    static let requestBytesInFlightMax = 64 << 20
    /// Requests of one batch on the way at once; the others follow as answers come.
    ///
    /// A server's own bound on outstanding requests (ZooKeeper 3.8 globalOutstandingLimit): more would
    /// only wait in its buffers, and sixteen batches fit into `requestsInFlightMax`.
    static let batchRequestsInFlightMax = 1_000
    /// Bytes of all requests on the way beyond which a batch sends nothing more until answers come.
    ///
    /// A quarter of what the session takes, so that calls beside a batch are not refused.
    static let batchBytesInFlightMax = requestBytesInFlightMax / 4
    /// Bytes handed to the connection and not written: the requests, and as much again for watches that
    /// are set anew (100,000 paths of 600 bytes are 60 MB).
    static let outboundBytesMax = 2 * requestBytesInFlightMax
    /// Bytes received and not yet cut into frames; the rest of a long frame waits in the decoder.
    static let inboundBytesMax = 256 << 10
    /// Longest reply taken: 64 MiB, some 600,000 child names of 100 bytes.
    ///
    /// Servers do not limit replies.
    static let replyBytesMax = 64 << 20
    /// A reply without a body, which no word about a session is as short as: xid, zxid and error.
    static let replyHeaderBytes = 4 + 8 + 4
    /// Child lists from here on are warned about: 80 % of the 1 MiB at which Java clients give up.
    static let childListWarnBytes = ZooKeeperProtocol.Limits.frameBytesMax / 5 * 4
    /// Watches that are set anew after each reconnect; requests for more are refused.
    static let watchesMax = 100_000
    /// Credentials of one session; each is sent on every connection.
    static let credentialsMax = 64
    /// Bytes of one credential with its scheme: tokens of 16 KiB are the longest in use, and 64 of them
    /// still fit a single request.
    static let credentialBytesMax = 16 << 10
    /// Bytes of paths in one setWatches message (ZooKeeper 3.8 ClientCnxn SET_WATCHES_MAX_LENGTH).
    static let setWatchesBytesMax = 128 << 10
    /// Receive calls per wake-up, 16 KiB each: 1 MiB, then the loop's other handlers have their turn.
    static let receivesPerTurnMax = 64
    /// Rounds of events and what their receivers submit in answer, before the loop has its turn again.
    static let drainRoundsMax = 64
    /// Pause after the first round in which no server answered.
    static let reconnectWaitMin = Duration.milliseconds(100)
    /// Longest pause; a session of 4 s, the shortest that ZooKeeper grants by default, still gets two
    /// rounds after a silent server was given up: 4 s / 3 > 1 s.
    static let reconnectWaitMax = Duration.seconds(1)
    /// 100 ms x 2^4 = 1.6 s, the first value over `reconnectWaitMax`; more would overflow for nothing.
    static let reconnectDoublingsMax = 4
    /// A connection that held shorter counts as a failed attempt, so that a server which accepts sessions
    /// and drops them, or two processes that take one session from each other, meet the pauses above.
    static let connectionHeldMin = Duration.seconds(1)
    /// Least and most time for one server to be connected, and as much again to accept the session.
    static let attemptTimeoutMin = Duration.seconds(1)
    /// See `attemptTimeoutMin`.
    static let attemptTimeoutMax = Duration.seconds(10)
    /// How long other servers wait for a look-up of one's name.
    ///
    /// A name server on duty answers within milliseconds; behind one that is not, the system asks the next
    /// after 5 s (resolv.conf(5), RES_TIMEOUT).
    static let lookUpWaitMax = Duration.seconds(1)
    /// Look-ups of one session under way: as many as the largest ensembles have servers, with one over.
    ///
    /// Two sessions full of them fill the threads of Runtime's `Resolver`.
    static let lookUpsMax = 8
    /// How old an answer may be that came too late for its attempt: the shortest TTL in common use.
    static let lookUpAnswerAgeMax = Duration.seconds(60)
    /// Pause before servers are first asked for one that writes (ZooKeeper 3.8 ClientCnxn minPingRwTimeout).
    static let searchWaitMin = Duration.milliseconds(100)
    /// Longest of these pauses (ZooKeeper 3.8 ClientCnxn maxPingRwTimeout).
    static let searchWaitMax = Duration.seconds(60)
    /// 100 ms x 2^10 = 102 s, the first value over `searchWaitMax`; more would overflow for nothing.
    static let searchDoublingsMax = 10
    /// Longest time for one server to say whether it writes, and for its name to be looked up before that
    /// (ZooKeeper 3.8 ClientCnxn pingRwServer: a socket timeout of 1,000 ms).
    static let probeTimeout = Duration.seconds(1)
    /// How long answers are waited for on a server that only reads before the session moves to another.
    static let moveWaitMax = Duration.seconds(1)
    /// Longest silence of ours on an idle connection (ZooKeeper 3.8 ClientCnxn MAX_SEND_PING_INTERVAL).
    static let pingIntervalMax = Duration.seconds(10)
    /// How long a close waits for the server's word before the connection is dropped all the same.
    static let closeWaitMax = Duration.seconds(2)
    /// Shortest and longest session timeout that can be asked for; servers grant 2 to 20 ticks.
    static let sessionTimeoutMilliseconds = 1...Int64(Int32.max)
    /// Addresses of one host tried in one attempt.
    static let addressesPerHostMax = 8
    /// Servers of one connect string.
    static let serversMax = 64
    /// Elements waiting in a stream of watch events unless its reader says otherwise.
    static let watchEventsBufferedMax = 1_024
    /// Watches that users hold at once, of all kinds; more are refused.
    static let watchSubscribersMax = watchesMax
    /// Connections lost in a row behind the first addWatch, from which on a server is taken for one that
    /// closes at requests it does not know.
    static let addWatchLossesMax = 3
    /// Doublings of a retry's pause: 2^20 x 1 ms is a quarter of an hour, more than anybody waits.
    static let retryDoublingsMax = 20
    /// Rounds of a write that others undo as fast as it is done.
    static let writeRoundsMax = 16
    /// Znodes of one recursive deletion: at some 150 bytes a path, 150 MB.
    static let recursiveDeletionsMax = 1_000_000
    /// Deletions that wait for a server in the background; at some 150 bytes each under 2 MB.
    static let backgroundDeletionsMax = 10_000
    /// Znodes of a cache unless its user says otherwise; at some 500 bytes each with small data, 500 MB.
    static let cachedZNodesMax = 1_000_000
    /// Changes of a cache that wait to be read unless their reader says otherwise.
    static let cacheChangesBufferedMax = 16_384
    /// Pause of a cache after a server or the session had too much to do.
    static let cachePause = Duration.milliseconds(100)
    /// States waiting in a stream of states; the oldest are dropped.
    static let statesBufferedMax = 16
    /// Streams of one session.
    static let streamsMax = 1_024
    /// ZooKeeper's client port where a connect string names none.
    static let portDefault: UInt16 = 2_181
}
