/// What one ZooKeeper server says of itself, as far as it does.
struct ServerReport: Encodable, Equatable, Sendable {
    /// Whether it can be worked with.
    enum State: String, Encodable, Sendable {
        /// It serves.
        case up
        /// It is there and serves nobody, as without a quorum.
        case notServing
        /// It is there, but its whitelist keeps what it is a secret.
        case unknown
        /// Nobody answers there.
        case down
        /// Something else answers there.
        case foreign
    }
    /// Milliseconds.
    struct Latency: Encodable, Equatable, Sendable {
        let min: Double
        let average: Double
        let max: Double
    }

    /// As it was asked for, with the port.
    let server: String
    var state = State.down
    /// `standalone`, `leader`, `follower`, `observer`, `read-only`.
    var mode: String?
    var version: String?
    var zxid: String?
    var sessions: Int?
    var connections: Int?
    var outstanding: Int?
    var received: Int?
    var sent: Int?
    var latency: Latency?
    var nodes: Int?
    var watches: Int?
    var ephemerals: Int?
    /// Followers that are in step, of a leader.
    var syncedFollowers: Int?
    /// True while it takes no writes.
    var readOnly: Bool?
    /// What is wrong or not shown, and why.
    var problem: String?
    /// What to do about it.
    var advice: String?

    init(_ server: String) { self.server = server }

    /// Nothing came, or no connection.
    init(_ server: String, down problem: String, advice: String? = nil) {
        self.init(server)
        (self.problem, self.advice) = (problem, advice)
    }

    /// From the answer to `srvr`.
    ///
    /// - Parameters:
    ///   - server: As it was asked for, with the port.
    ///   - text: The whole answer.
    init(_ server: String, srvr text: String) {
        self.init(server)
        let lines = text.split(whereSeparator: \.isNewline)
        guard text.hasPrefix("Zookeeper version: ") else {
            explain(text)
            return
        }
        state = .up
        for line in lines {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let value = String(pair[1].drop { $0 == " " })
            switch pair[0] {
            case "Zookeeper version": version = Self.number(value)
            case "Latency min/avg/max": latency = Self.latency(value)
            case "Received": received = Int(value)
            case "Sent": sent = Int(value)
            case "Connections": connections = Int(value)
            case "Outstanding": outstanding = Int(value)
            case "Zxid": zxid = value
            case "Mode": mode = value
            case "Node count": nodes = Int(value)
            default: continue
            }
        }
    }

    /// Adds what the answer to `mntr` has beyond `srvr`, or why it has nothing.
    mutating func add(mntr text: String) {
        guard text.hasPrefix("zk_") else {
            if text.contains("not in the whitelist") {
                problem = "srvr only: mntr is not in its whitelist, so sessions are not shown"
                advice = "add 4lw.commands.whitelist=srvr,mntr to its zoo.cfg and restart it"
            }
            return
        }
        for line in text.split(whereSeparator: \.isNewline) {
            let pair = line.split(separator: "\t", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let number = Double(pair[1]).flatMap { Int(exactly: $0) }
            switch pair[0] {
            case "zk_global_sessions": sessions = number
            case "zk_watch_count": watches = number
            case "zk_ephemerals_count": ephemerals = number
            case "zk_synced_followers": syncedFollowers = number
            default: continue
            }
        }
    }

    /// Adds the answer to `isro`.
    mutating func add(isro text: String) {
        switch text {
        case "rw": readOnly = false
        case "ro": readOnly = true
        default: break
        }
    }

    /// What an answer means that is no `srvr`.
    private mutating func explain(_ text: String) {
        if text.contains("not in the whitelist") {
            state = .unknown
            problem = "it is there, but its whitelist does not let it say what it is"
            advice = "add 4lw.commands.whitelist=srvr,mntr to its zoo.cfg and restart it"
        } else if text.contains("not currently serving requests") {
            state = .notServing
            problem = "it is there, but serves nobody: its ensemble has no quorum"
            advice = "look at the other servers of the ensemble, and at the log of this one"
        } else if text.isEmpty {
            state = .foreign
            problem =
                "it closes the connection without an answer: not ZooKeeper, its TLS port, or all of "
                + "its connections are taken"
            advice =
                "name its clientPort, 2181 unless its zoo.cfg says otherwise; its log tells of refused "
                + "connections (maxClientCnxns, maxCnxns)"
        } else {
            state = .foreign
            let line = text.split(whereSeparator: \.isNewline).first ?? ""
            problem = "what answers there is not ZooKeeper: '\(line.prefix(60))'"
            advice = "name the clientPort of the server, 2181 unless its zoo.cfg says otherwise"
        }
    }

    /// `3.8.0` of `3.8.0-COMMIT, built on DATE`.
    private static func number(_ text: String) -> String {
        String(text.prefix { $0 != "," }.prefix { $0 != "-" })
    }

    private static func latency(_ text: String) -> Latency? {
        let numbers = text.split(separator: "/").compactMap { Double($0) }
        guard numbers.count == 3 else { return nil }
        return Latency(min: numbers[0], average: numbers[1], max: numbers[2])
    }
}
