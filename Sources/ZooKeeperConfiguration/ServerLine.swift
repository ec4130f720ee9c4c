/// A `server.N` line: where one server of an ensemble is, for the others and for clients.
///
/// Pure. Understood as by ZooKeeper 3.8 (QuorumPeer.QuorumServer), the form before 3.5 included, which
/// has no client part:
/// ```
/// server.1=host:2888:3888[:participant|:observer][|host:2888:3888...][;[address:]2181]
/// ```
public struct ServerLine: Equatable, Sendable {
    /// One of the addresses at which the other servers reach it.
    public struct Address: Equatable, Sendable {
        /// A name or an address, an IPv6 one in brackets.
        public let host: String
        /// Where followers connect to the leader.
        public let quorumPort: UInt16
        /// Where leaders are elected.
        public let electionPort: UInt16
    }
    /// Whether it has a vote.
    public enum Role: String, Equatable, Sendable {
        case participant, observer
    }
    /// What ZooKeeper would refuse.
    public struct Fault: Error, Equatable, Sendable {
        /// What is wrong and what is wanted, a clause for people.
        public let message: String
    }

    /// The number behind `server.`, which stands in the server's `myid` too.
    public let id: Int64
    /// At least one; more of them are for servers with several networks.
    public let addresses: [Address]
    /// Participant unless the line says otherwise.
    public let role: Role
    /// Where it listens for clients; nil when the line does not say, or names a port alone.
    public let clientHost: String?
    /// Its port for clients; nil when the line has no part behind `;`.
    public let clientPort: UInt16?

    /// Reads an entry of the file.
    ///
    /// - Parameters:
    ///   - key: `server.` and a number.
    ///   - value: What stands behind the separator, without blanks around it.
    /// - Throws: `Fault` with a clause for people.
    public init(key: String, value: String) throws(Fault) {
        let number = key.dropFirst("server.".count)
        guard key.hasPrefix("server."), let id = Int64(number) else {
            throw Fault(message: "the number of a server stands behind the point: server.1=...")
        }
        self.id = id
        guard !value.contains(where: \.isWhitespace) else {
            throw Fault(message: "'\(value)' has a blank inside, which ZooKeeper does not take")
        }
        let halves = value.split(separator: ";", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { throw Self.wrongForm(value) }
        (clientHost, clientPort) = halves.count == 2 ? try Self.client(halves[1]) : (nil, nil)
        var addresses: [Address] = []
        var roles: Set<Role> = []
        for text in halves[0].split(separator: "|", omittingEmptySubsequences: false) {
            let (address, role) = try Self.address(text, in: value)
            addresses.append(address)
            if let role { roles.insert(role) }
        }
        guard roles.count <= 1 else {
            throw Fault(message: "it is participant and observer in '\(value)': one of the two")
        }
        (self.addresses, role) = (addresses, roles.first ?? .participant)
    }

    private static func wrongForm(_ value: String) -> Fault {
        Fault(message: "takes HOST:PORT:PORT or HOST:PORT:PORT;CLIENTPORT, not '\(value)'")
    }

    /// Host and the parts behind it; a host in brackets may hold colons.
    private static func parts(_ text: Substring) -> [Substring]? {
        guard text.first == "[" else {
            return text.split(separator: ":", omittingEmptySubsequences: false)
        }
        guard let end = text.firstIndex(of: "]") else { return nil }
        let rest = text[text.index(after: end)...]
        guard rest.isEmpty || rest.first == ":" else { return nil }
        let behind = rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        return [text[...end]] + (rest.isEmpty ? [] : behind)
    }

    private static func address(
        _ text: Substring,
        in value: String
    ) throws(Fault) -> (Address, Role?) {
        guard let parts = parts(text), (3...4).contains(parts.count), !parts[0].isEmpty else {
            throw wrongForm(value)
        }
        let quorum = try port(parts[1], "quorum port")
        let election = try port(parts[2], "election port")
        guard quorum != election else {
            throw Fault(message: "\(quorum) cannot be both its quorum port and its election port")
        }
        let address = Address(
            host: String(parts[0]),
            quorumPort: quorum,
            electionPort: election
        )
        guard parts.count == 4 else { return (address, nil) }
        guard let role = Role(rawValue: parts[3].lowercased()) else {
            throw Fault(message: "'\(parts[3])' is neither participant nor observer")
        }
        return (address, role)
    }

    private static func client(_ text: Substring) throws(Fault) -> (String?, UInt16?) {
        guard let parts = parts(text), (1...2).contains(parts.count), let last = parts.last else {
            throw Fault(message: "'\(text)' behind ; is not [ADDRESS:]CLIENTPORT")
        }
        let port = try port(last, "client port")
        return (parts.count == 2 ? String(parts[0]) : nil, port)
    }

    private static func port(_ text: Substring, _ what: String) throws(Fault) -> UInt16 {
        guard let port = UInt16(text), port > 0 else {
            throw Fault(message: "'\(text)' is no \(what): a whole number from 1 to 65535")
        }
        return port
    }
}
