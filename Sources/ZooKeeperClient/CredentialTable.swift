internal import ZooKeeperProtocol

/// The credentials of a session, and who waits for the server's word about one.
///
/// Step of the data flow: credentials of the configuration and those added later enter it; all of them
/// go out, in order, on each new connection, and the server answers them in that order, whatever it does
/// with requests around them. Bound: `Limits.credentialsMax`.
struct CredentialTable {
    struct Entry {
        let credential: SessionConfiguration.Credential
        var origin: Origin?
    }

    private(set) var entries: [Entry]
    /// Indices of entries whose packets are on the way, oldest first.
    private var inFlight: [Int] = []

    init(_ credentials: [SessionConfiguration.Credential]) {
        entries = credentials.map { Entry(credential: $0, origin: nil) }
    }

    var count: Int { entries.count }

    /// Adds a credential for this and all later connections.
    ///
    /// - Returns: Its index.
    mutating func add(_ credential: SessionConfiguration.Credential, _ origin: Origin) -> Int {
        entries.append(Entry(credential: credential, origin: origin))
        return entries.count - 1
    }

    /// The packet of an entry goes out.
    mutating func sent(_ index: Int) { inFlight.append(index) }

    /// The connection is gone, and with it the answers that were on the way.
    mutating func connectionLost() { inFlight.removeAll() }

    /// The server has accepted the oldest packet on the way.
    ///
    /// - Returns: Who waits for that.
    mutating func accepted() -> Origin? {
        guard !inFlight.isEmpty else { return nil }
        let index = inFlight.removeFirst()
        defer { entries[index].origin = nil }
        return entries[index].origin
    }

    /// Everybody who still waits, in order; the credentials stay.
    mutating func takeOrigins() -> [Origin] {
        var origins: [Origin] = []
        for index in entries.indices {
            if let origin = entries[index].origin { origins.append(origin) }
            entries[index].origin = nil
        }
        return origins
    }

    /// The form in which an entry goes to the server.
    func packet(_ index: Int) -> Request {
        let credential = entries[index].credential
        return .auth(AuthPacket(type: 0, scheme: credential.scheme, credential: credential.bytes))
    }
}
