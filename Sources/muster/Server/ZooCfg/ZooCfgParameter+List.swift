/// The keys, from ZooKeeper 3.8's administrator's guide and the names in its classes.
extension ZooCfgParameter {
    private static let port = Form.whole(1...65_535)
    private static let count = Form.whole(0...Int(Int32.max))
    private static let positive = Form.whole(1...Int(Int32.max))
    private static let signed = Form.whole(-1...Int.max)

    static let basic: [ZooCfgParameter] = [
        .init(
            "tickTime",
            positive,
            "3000",
            "Unit of time in ms: pings, and the bounds of session timeouts, 2 to 20 ticks."
        ),
        .init("dataDir", .text, "", "Folder of snapshots and of myid, and of the log by default."),
        .init(
            "dataLogDir",
            .text,
            "dataDir",
            "Folder of the transaction log; on a disk of its own writes are fastest."
        ),
        .init("clientPort", port, "", "Where clients connect."),
        .init("clientPortAddress", .text, "all addresses", "The address that clients connect to."),
        .init("clientPortListenBacklog", signed, "the system's", "Connections not accepted yet."),
        .init("secureClientPort", port, "", "Where clients connect with TLS."),
        .init("secureClientPortAddress", .text, "all addresses", "The address for TLS."),
        .init(
            "4lw.commands.whitelist",
            .text,
            "srvr",
            "Four-letter words that are answered, separated by commas, * for all."
        ),
        .init("dynamicConfigFile", .text, "", "File with the server.N lines, changed by reconfig."),
    ]

    static let ensemble: [ZooCfgParameter] = [
        .init(
            "initLimit",
            positive,
            "",
            "Ticks that a follower has to connect to the leader and to load its snapshot."
        ),
        .init(
            "syncLimit",
            positive,
            "",
            "Ticks after which a follower that the leader hears nothing of is given up."
        ),
        .init("electionAlg", .whole(3...3), "3", "The way of electing; 3 is the only one left."),
        .init("cnxTimeout", positive, "5", "Seconds for a connection to another server."),
        .init("quorumCnxnTimeoutMs", signed, "-1", "Read timeout of election connections, in ms."),
        .init("leaderServes", .answer, "yes", "Whether the leader takes clients too."),
        .init("peerType", .text, "participant", "participant or observer, for this server."),
        .init(
            "standaloneEnabled",
            .boolean,
            "true",
            "Whether one server alone runs without quorum; false lets it grow by reconfig."
        ),
        .init("reconfigEnabled", .boolean, "false", "Whether servers can be changed at run time."),
        .init(
            "quorumListenOnAllIPs",
            .boolean,
            "false",
            "Whether quorum and election ports listen on all addresses."
        ),
        .init("syncEnabled", .boolean, "true", "Whether observers keep a log."),
        .init("observer.syncEnabled", .boolean, "true", "Whether observers keep a log."),
        .init("observerMasterPort", port, "", "Where followers let observers connect to them."),
        .init("observerMaster.sizeLimit", signed, "33554432", "Bytes queued for observers."),
        .init("observer.reconnectDelayMs", count, "0", "Wait of observers before they reconnect."),
        .init("observer.election.DelayMs", count, "200", "Wait of observers in an election."),
        .init("connectToLearnerMasterLimit", count, "initLimit", "Ticks to connect to a leader."),
        .init("localSessionsEnabled", .boolean, "false", "Sessions that only their server knows."),
        .init(
            "localSessionsUpgradingEnabled",
            .boolean,
            "false",
            "Local sessions become global when they need to."
        ),
        .init("electionPortBindRetry", count, "3", "Tries to listen on the election port."),
        .init(
            "fastleader.minNotificationInterval",
            positive,
            "200",
            "First wait for votes, in ms."
        ),
        .init("fastleader.maxNotificationInterval", positive, "60000", "Longest wait for votes."),
        .init(
            "multiAddress.enabled",
            .boolean,
            "false",
            "Whether server.N may have several hosts."
        ),
        .init(
            "multiAddress.reachabilityCheckEnabled",
            .boolean,
            "true",
            "Whether hosts are pinged."
        ),
        .init("multiAddress.reachabilityCheckTimeoutMs", positive, "1000", "Wait for that ping."),
        .init("leader.maxConcurrentSnapSyncs", positive, "10", "Snapshots sent at once."),
        .init("leader.maxConcurrentDiffSyncs", positive, "100", "Differences sent at once."),
        .init("leader.maxTimeToWaitForEpoch", signed, "-1", "Wait for followers' epochs, in ms."),
        .init("leader.ackLoggingFrequency", positive, "1000", "How many acks make a log line."),
        .init(
            "leader.closeSocketAsync",
            .boolean,
            "false",
            "Sockets are closed on another thread."
        ),
        .init(
            "learner.closeSocketAsync",
            .boolean,
            "false",
            "Sockets are closed on another thread."
        ),
        .init("learner.asyncSending", .boolean, "false", "Packets are sent on another thread."),
        .init("leaderConnectDelayDuringRetryMs", count, "100", "Wait between tries to connect."),
        .init("forceSnapshotSync", .boolean, "false", "Followers always load a whole snapshot."),
        .init("oraclePath", .text, "", "File whose content breaks the tie of two servers."),
    ]

    static let limits: [ZooCfgParameter] = [
        .init("minSessionTimeout", signed, "2 ticks", "Shortest session timeout granted, in ms."),
        .init("maxSessionTimeout", signed, "20 ticks", "Longest session timeout granted, in ms."),
        .init("maxClientCnxns", count, "60", "Connections of one address, 0 for no limit."),
        .init("maxCnxns", count, "0", "Connections in all, 0 for no limit."),
        .init(
            "globalOutstandingLimit",
            positive,
            "1000",
            "Requests that may wait, of all clients."
        ),
        .init("largeRequestMaxBytes", positive, "104857600", "Bytes of large requests at once."),
        .init("largeRequestThreshold", signed, "-1", "Bytes from which a request is large."),
        .init("enforceQuota", .boolean, "false", "Whether writes over a quota are refused."),
        .init("request_throttle_max_requests", count, "0", "Requests at once, 0 for no limit."),
        .init("request_throttle_stall_time", count, "100", "Wait of a throttled request, in ms."),
        .init("request_throttle_drop_stale", .boolean, "true", "Stale requests are dropped."),
        .init(
            "request_stale_connection_check",
            .boolean,
            "true",
            "Stale are those of lost connections."
        ),
        .init(
            "request_stale_latency_check",
            .boolean,
            "false",
            "Stale are those older than a session's timeout."
        ),
        .init(
            "request_throttler.shutdownTimeout",
            positive,
            "10000",
            "Wait for throttled requests at the end, in ms."
        ),
        .init(
            "throttled_op_wait_time",
            signed,
            "-1",
            "Age in ms after which a request is refused."
        ),
        .init("connection_throttle_tokens", count, "0", "Connections at once, 0 for no limit."),
        .init(
            "connection_throttle_fill_time",
            positive,
            "1",
            "How often new connections are allowed, in ms."
        ),
        .init("connection_throttle_fill_count", positive, "1", "How many are allowed then."),
        .init(
            "connection_throttle_freeze_time",
            signed,
            "-1",
            "Wait before the throttle adapts, in ms; -1 never."
        ),
        .init(
            "connection_throttle_drop_increase",
            .text,
            "0.02",
            "By how much the share of dropped connections grows."
        ),
        .init("connection_throttle_drop_decrease", .text, "0.002", "By how much that share falls."),
        .init("connection_throttle_decrease_ratio", .text, "0", "How often that share falls."),
        .init(
            "connection_throttle_weight_enabled",
            .boolean,
            "false",
            "Whether sessions count by their weights."
        ),
        .init(
            "connection_throttle_global_session_weight",
            positive,
            "3",
            "Weight of a new session."
        ),
        .init(
            "connection_throttle_renew_session_weight",
            positive,
            "2",
            "Weight of a resumed session."
        ),
        .init(
            "connection_throttle_local_session_weight",
            positive,
            "1",
            "Weight of a local session."
        ),
    ]

    static let files: [ZooCfgParameter] = [
        .init(
            "autopurge.purgeInterval",
            count,
            "0",
            "Hours between two purges of old snapshots and logs; 0 keeps them for ever."
        ),
        .init("autopurge.snapRetainCount", .whole(3...Int(Int32.max)), "3", "Snapshots to keep."),
        .init("snapCount", .whole(2...Int(Int32.max)), "100000", "Writes between two snapshots."),
        .init("snapSizeLimitInKb", signed, "4194304", "Size of the log that makes a snapshot."),
        .init("txnLogSizeLimitInKb", signed, "-1", "Size after which a log file is closed."),
        .init("commitLogCount", positive, "500", "Writes kept in memory for followers."),
        .init("snapshotSizeFactor", .text, "0.33", "When a log is sent in a snapshot's place."),
        .init("preAllocSize", positive, "65536", "KiB by which a log file grows."),
        .init(
            "forceSync",
            .answer,
            "yes",
            "Whether a write is on the disk before it is answered; no loses writes."
        ),
        .init("fsync.warningthresholdms", count, "1000", "Sync time in ms that is warned of."),
        .init("datadir.autocreate", .boolean, "true", "Whether missing folders are made."),
        .init("db.autocreate", .boolean, "true", "Whether a missing snapshot is an empty tree."),
        .init(
            "snapshot.trust.empty",
            .boolean,
            "false",
            "Whether logs without a snapshot are taken."
        ),
        .init("snapshot.compression.method", .text, "", "gz, snappy, or nothing."),
        .init("digest.enabled", .boolean, "true", "Whether servers compare digests of the tree."),
        .init("closeSessionTxn.enabled", .boolean, "true", "Whether a close lists its ephemerals."),
    ]

    static let network: [ZooCfgParameter] = [
        .init("serverCnxnFactory", .text, "NIOServerCnxnFactory", "Class for connections."),
        .init("tcpKeepAlive", .boolean, "false", "Keepalive of the servers' connections."),
        .init("clientTcpKeepAlive", .boolean, "false", "Keepalive of clients' connections."),
        .init("sslQuorum", .boolean, "false", "TLS between the servers."),
        .init("sslQuorumReloadCertFiles", .boolean, "false", "New certificates are read."),
        .init("portUnification", .boolean, "false", "Servers with and without TLS on one port."),
        .init(
            "client.portUnification",
            .boolean,
            "false",
            "Clients with and without TLS on one port."
        ),
        .init("nio.numSelectorThreads", positive, "sqrt(cores / 2)", "Threads that select."),
        .init("nio.numWorkerThreads", count, "2 x cores", "Threads that read and write."),
        .init("nio.directBufferBytes", count, "65536", "Bytes of a direct buffer."),
        .init("nio.sessionlessCnxnTimeout", positive, "10000", "ms without a session."),
        .init("nio.shutdownTimeout", count, "5000", "ms for the workers to end."),
        .init("netty.advancedFlowControl.enabled", .boolean, "false", "Reads as memory allows."),
        .init("netty.server.outstandingHandshake.limit", signed, "-1", "TLS handshakes at once."),
        .init(
            "netty.server.earlyDropSecureConnectionHandshakes",
            .boolean,
            "false",
            "TLS connections past the limit are dropped at once."
        ),
        .init("admin.enableServer", .boolean, "true", "The HTTP server with commands."),
        .init("admin.serverPort", port, "8080", "Port of AdminServer; a taken one ends ZooKeeper."),
        .init("admin.serverAddress", .text, "all addresses", "Address of AdminServer."),
        .init("admin.commandURL", .text, "/commands", "Path of its commands."),
        .init(
            "admin.idleTimeout",
            positive,
            "30000",
            "When its idle connections are closed, in ms."
        ),
        .init("admin.httpVersion", positive, "11", "HTTP version of AdminServer."),
        .init(
            "admin.portUnification",
            .boolean,
            "false",
            "AdminServer takes HTTP and HTTPS on one port."
        ),
        .init("admin.forceHttps", .boolean, "false", "AdminServer takes HTTPS alone."),
        .init("metricsProvider.className", .text, "", "Class that gives metrics away."),
        .init("metricsProvider.httpPort", .whole(0...65_535), "7000", "Port for Prometheus."),
        .init("quorum.cnxn.threads.size", positive, "20", "Threads that accept for elections."),
    ]

    static let access: [ZooCfgParameter] = [
        .init("skipACL", .answer, "no", "yes lets everyone do everything."),
        .init("extendedTypesEnabled", .boolean, "false", "TTL znodes; server ids up to 254."),
        .init("emulate353TTLNodes", .boolean, "false", "Reads TTL znodes of 3.5.3."),
        .init("superUser", .text, "", "An identity that passes all access lists."),
        .init(
            "X509AuthenticationProvider.superUser",
            .text,
            "",
            "The same for an owner of a certificate."
        ),
        .init(
            "SASLAuthenticationProvider.superPassword",
            .text,
            "",
            "Password of the SASL user super, who passes all."
        ),
        .init("letAnySaslUserDoX", .text, "", "Lets all SASL users do what an identity may."),
        .init("DigestAuthenticationProvider.superDigest", .text, "", "super:DIGEST; passes all."),
        .init("DigestAuthenticationProvider.digestAlg", .text, "SHA1", "Digest of passwords."),
        .init("DigestAuthenticationProvider.enabled", .boolean, "true", "Scheme digest."),
        .init("sessionRequireClientSASLAuth", .boolean, "false", "Only clients that log in."),
        .init("enforce.auth.enabled", .boolean, "false", "Only clients that authenticate."),
        .init("enforce.auth.schemes", .text, "", "The schemes of which a client needs one."),
        .init("ensembleAuthName", .text, "", "Names that clients may expect of the ensemble."),
        .init("allowSaslFailedClients", .boolean, "false", "Clients whose login failed too."),
        .init("enableEagerACLCheck", .boolean, "false", "The server that is asked checks too."),
        .init("audit.enable", .boolean, "false", "A log of who changed what."),
        .init("audit.impl.class", .text, "", "Class that writes that log."),
        .init("quorum.auth.enableSasl", .boolean, "false", "Servers log in at each other."),
        .init(
            "quorum.auth.learnerRequireSasl",
            .boolean,
            "false",
            "Followers must log in at the leader."
        ),
        .init(
            "quorum.auth.serverRequireSasl",
            .boolean,
            "false",
            "Servers accept only those that log in."
        ),
        .init(
            "quorum.auth.learner.saslLoginContext",
            .text,
            "QuorumLearner",
            "Login context of those who connect."
        ),
        .init(
            "quorum.auth.server.saslLoginContext",
            .text,
            "QuorumServer",
            "Login context of those who accept."
        ),
        .init(
            "quorum.auth.kerberos.servicePrincipal",
            .text,
            "zkquorum/localhost",
            "Kerberos principal of the servers."
        ),
        .init("kerberos.canonicalizeHostNames", .boolean, "false", "Host names of principals."),
        .init("kerberos.removeHostFromPrincipal", .boolean, "false", "Names without the host."),
        .init("kerberos.removeRealmFromPrincipal", .boolean, "false", "Names without the realm."),
        .init("security.auth_to_local", .text, "", "Rules from principals to names."),
    ]

    static let tuning: [ZooCfgParameter] = [
        .init("commitProcessor.numWorkerThreads", count, "cores", "Threads that answer reads."),
        .init("commitProcessor.maxReadBatchSize", signed, "-1", "Reads before a commit."),
        .init("commitProcessor.maxCommitBatchSize", positive, "1", "Commits before reads."),
        .init("commitProcessor.shutdownTimeout", count, "5000", "ms that they have to end."),
        .init("flushDelay", count, "0", "ms that a sync waits for more writes."),
        .init("maxWriteQueuePollTime", count, "flushDelay / 3", "ms before an early sync."),
        .init("maxBatchSize", count, "1000", "Writes of one sync."),
        .init("maxResponseCacheSize", signed, "400", "Kept answers to getData."),
        .init("maxGetChildrenResponseCacheSize", signed, "400", "Kept answers to getChildren."),
        .init("intBufferStartingSizeBytes", positive, "1024", "First size of an answer."),
        .init("request.timeout", signed, "", "ms that a request may take."),
        .init(
            "forward_learner_requests_to_commit_processor_disabled",
            .boolean,
            "false",
            "Followers handle their own requests first."
        ),
        .init(
            "follower.skipLearnerRequestToNextProcessor",
            .boolean,
            "false",
            "Followers pass over requests of learners."
        ),
        .init("watchManagerName", .text, "WatchManager", "Class that keeps watches."),
        .init("watcherCleanThreadsNum", positive, "2", "Threads that forget dead watchers."),
        .init("watcherCleanThreshold", positive, "1000", "Dead watchers before they do."),
        .init(
            "watcherCleanIntervalInSeconds",
            positive,
            "600",
            "Seconds after which they do anyway."
        ),
        .init("maxInProcessingDeadWatchers", signed, "-1", "Dead watchers at most."),
        .init("bitHashCacheSize", positive, "10", "Cache of watch sets."),
        .init("messageTracker.Enabled", .boolean, "false", "Last packets are kept for the log."),
        .init("messageTracker.BufferSize", positive, "10", "How many packets are kept."),
        .init("jvm.pause.monitor", .boolean, "false", "Warns of pauses of the Java machine."),
        .init("jvm.pause.sleep.time.ms", positive, "500", "How often it looks, in ms."),
        .init("jvm.pause.warn-threshold.ms", positive, "10000", "A pause to warn of, in ms."),
        .init("jvm.pause.info-threshold.ms", positive, "1000", "A pause to tell of, in ms."),
    ]
}
