internal import ZooKeeperConfiguration

/// The servers that a `zoo.cfg`, or the file of its dynamic part, names to clients.
///
/// Of equal keys the last one holds, as in ZooKeeper. Where a server listens on all addresses of its machine,
/// clients use the name by which the other servers know it.
struct ZooCfgServers {
    /// `host:port`, in the order of the lines; at least one.
    let hosts: [String]

    /// Reads the text of a file.
    ///
    /// - Throws: `ZooKeeperError` `.badArgument` that names the bad line, or says what is missing.
    init(_ text: String) throws(ZooKeeperError) {
        let properties: JavaProperties
        do throws(JavaProperties.Fault) {
            properties = try JavaProperties(Array(text.utf8))
        } catch {
            throw ZooKeeperError(.badArgument, "line \(error.line): \(error.message)")
        }
        var values: [String: JavaProperties.Entry] = [:]
        var servers: [String] = []
        for entry in properties.entries {
            let isNew = values.updateValue(entry, forKey: entry.key) == nil
            if isNew, entry.key.hasPrefix("server.") { servers.append(entry.key) }
        }
        if let file = values["dynamicConfigFile"]?.value, servers.isEmpty {
            throw ZooKeeperError(.badArgument, "the servers are in \(file): read that file instead")
        }
        var port: UInt16?
        if let entry = values["clientPort"] { port = try Self.port(entry) }
        var hosts: [String] = []
        for key in servers {
            guard let entry = values[key] else { continue }
            hosts.append(try Self.client(entry, port))
        }
        if hosts.isEmpty {
            guard let port else {
                throw ZooKeeperError(.badArgument, "no line with server.N= or clientPort=")
            }
            hosts = [Self.address(values["clientPortAddress"]?.value, or: "127.0.0.1", port)]
        }
        guard hosts.count <= Limits.serversMax else {
            throw ZooKeeperError(
                .badArgument,
                "\(hosts.count) servers; \(Limits.serversMax) are possible"
            )
        }
        self.hosts = hosts
    }

    /// Where clients reach the server of a line.
    private static func client(
        _ entry: JavaProperties.Entry,
        _ port: UInt16?
    ) throws(ZooKeeperError) -> String {
        let line: ServerLine
        do throws(ServerLine.Fault) {
            line = try ServerLine(key: entry.key, value: entry.value)
        } catch {
            throw ZooKeeperError(
                .badArgument,
                "line \(entry.line): \(entry.key): \(error.message)"
            )
        }
        let port = line.clientPort ?? port ?? Limits.portDefault
        return address(line.clientHost, or: line.addresses[0].host, port)
    }

    private static func port(_ entry: JavaProperties.Entry) throws(ZooKeeperError) -> UInt16 {
        guard let port = UInt16(entry.value), port > 0 else {
            throw ZooKeeperError(
                .badArgument,
                "line \(entry.line): \(entry.key)=\(entry.value): a port is a number from 1 to 65535"
            )
        }
        return port
    }

    /// The address that a server listens on, or its name where that is every address there is.
    private static func address(_ own: String?, or name: String, _ port: UInt16) -> String {
        guard let own, !["", "0.0.0.0", "::", "[::]"].contains(own) else {
            return "\(name):\(port)"
        }
        return own.contains(":") && !own.hasPrefix("[") ? "[\(own)]:\(port)" : "\(own):\(port)"
    }
}
