internal import ZooKeeperProtocol

/// Which servers a session is for, and what it asks of them.
public struct SessionConfiguration: Sendable {
    /// How a connection is made.
    public enum Servers: Sendable {
        /// `host:port` texts, 1 to 64 of them; names are looked up at each attempt.
        case hosts([String])
        /// A connected stream descriptor, made anew for each attempt and taken over by the session.
        case descriptor(@Sendable () async throws -> Int32)

        /// What each is called in messages.
        var names: [String] {
            switch self {
            case .hosts(let hosts): hosts
            case .descriptor: ["the local server"]
            }
        }
    }
    /// A credential that is sent on every connection.
    public struct Credential: Equatable, Sendable {
        /// Such as `digest`.
        public var scheme: String
        /// Such as `user:password` in UTF-8.
        public var bytes: [UInt8]
        /// Creates the pair.
        public init(scheme: String, bytes: [UInt8]) { (self.scheme, self.bytes) = (scheme, bytes) }
    }

    /// How a connection is made.
    public var servers: Servers
    /// The session timeout asked for; servers grant 2 to 20 of their ticks.
    public var sessionTimeout: Duration
    /// Path in front of all paths, or empty; the znode is for others to create.
    public var chroot: String
    /// Sent in this order on every connection.
    public var credentials: [Credential]
    /// An earlier session to take over, or nil for a new one.
    public var identity: SessionIdentity?
    /// A server that has lost its ensemble and only reads will do.
    public var allowsReadOnly = false
    /// Longest request in bytes; servers close the connection at longer ones.
    public var requestBytesMax: Int

    /// A configuration with defaults: no chroot, no credentials, a new session of 30 s.
    public init(servers: Servers, sessionTimeout: Duration = .seconds(30)) {
        (self.servers, self.sessionTimeout) = (servers, sessionTimeout)
        (chroot, credentials, identity) = ("", [], nil)
        requestBytesMax = ZooKeeperProtocol.Limits.frameBytesMax
    }

    /// Reads a connect string: `zk1:2181,zk2:2181,[::1]:2181/chroot`.
    ///
    /// - Parameters:
    ///   - text: Hosts with or without port (2181), separated by commas; then, if wanted, a path.
    ///   - sessionTimeout: As in the other initialiser.
    /// - Throws: `ZooKeeperError` `.badArgument` that names the bad part.
    public init(
        connectString text: String,
        sessionTimeout: Duration = .seconds(30)
    ) throws(ZooKeeperError) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        let hosts = try Self.hosts(text[..<slash])
        self.init(servers: .hosts(hosts), sessionTimeout: sessionTimeout)
        let path = String(text[slash...])
        guard !path.isEmpty, path != ZNodePath.root else { return }
        guard ZNodePath.isValid(path) else {
            throw ZooKeeperError(.badArgument, "\"\(path)\" in \"\(text)\" is not a path")
        }
        chroot = path
    }

    /// Reads the servers out of a `zoo.cfg`, or out of the file of its dynamic part.
    ///
    /// From `server.N=HOST:PORT:PORT[:ROLE][;[ADDRESS:]CLIENTPORT]` lines, where a client port is missing with
    /// `clientPort`, else 2181; without such lines the machine itself. All else in the file is for servers.
    ///
    /// - Parameters:
    ///   - text: The file's content.
    ///   - chroot: Path in front of all paths, or empty.
    ///   - sessionTimeout: As in the other initialisers.
    /// - Throws: `ZooKeeperError` `.badArgument` that names the bad line, or says what is missing.
    public init(
        zooCfg text: String,
        chroot: String = "",
        sessionTimeout: Duration = .seconds(30)
    ) throws(ZooKeeperError) {
        self.init(
            servers: .hosts(try ZooCfgServers(text).hosts),
            sessionTimeout: sessionTimeout
        )
        guard !chroot.isEmpty, chroot != ZNodePath.root else { return }
        guard ZNodePath.isValid(chroot) else {
            throw ZooKeeperError(.badArgument, "chroot \"\(chroot)\" is not a path")
        }
        self.chroot = chroot
    }

    private static func hosts(_ text: Substring) throws(ZooKeeperError) -> [String] {
        var hosts: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let host = part.trimmingSpaces
            guard !host.isEmpty else { continue }
            hosts.append(try withPort(host))
        }
        guard (1...Limits.serversMax).contains(hosts.count) else {
            throw ZooKeeperError(
                .badArgument,
                "\"\(text)\" names \(hosts.count) servers; 1 to \(Limits.serversMax) are possible"
            )
        }
        return hosts
    }

    private static func withPort(_ host: Substring) throws(ZooKeeperError) -> String {
        let isIPv6 = host.first == "["
        guard let colon = host.lastIndex(of: ":"), !isIPv6 || host[..<colon].last == "]" else {
            guard !isIPv6 || host.last == "]" else {
                throw ZooKeeperError(.badArgument, "\"\(host)\" has no closing bracket")
            }
            return "\(host):\(Limits.portDefault)"
        }
        let port = host[host.index(after: colon)...]
        guard !port.isEmpty, port.utf8.allSatisfy({ (48...57).contains($0) }),
            colon != host.startIndex, isIPv6 || !host[..<colon].contains(":")
        else { throw ZooKeeperError(.badArgument, "\"\(host)\" is not host:port") }
        guard let number = UInt16(port), number > 0 else {
            throw ZooKeeperError(.badArgument, "\"\(host)\": a port is a number from 1 to 65535")
        }
        return String(host)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
