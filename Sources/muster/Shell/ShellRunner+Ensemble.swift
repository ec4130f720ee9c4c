import ZooKeeperClient
import ZooKeeperProtocol

// The ensemble's configuration.
extension ShellRunner {
    func configuration(
        _ isForClients: Bool,
        _ watch: Bool,
        _ hasStat: Bool
    ) async throws(ShellFailure) {
        let path = "/zookeeper/config"
        let (data, stat) = try await ask(path) { () throws(ZooKeeperError) in
            try await session.getData(path, watch: watch)
        }
        let text = text(data)
        show([isForClients ? ClientConfiguration.text(text) : text])
        if hasStat { show(StatText.lines(stat)) }
    }

    func reconfigure(_ request: ReconfigRequest, _ hasStat: Bool) async throws(ShellFailure) {
        let (data, stat) = try await ask(nil) { () throws(ZooKeeperError) in
            try await session.reconfig(
                joining: request.joiningServers,
                leaving: request.leavingServers,
                members: request.newMembers,
                version: request.currentConfigID
            )
        }
        show(["Committed new configuration:\n" + text(data)])
        if hasStat { show(StatText.lines(stat)) }
    }
}

/// An ensemble's configuration as clients need it: its version and where clients connect.
enum ClientConfiguration {
    /// `100000000 zk1:2181,zk2:2181`, from lines of `server.N=...;ADDRESS:PORT` and `version=HEX`.
    static func text(_ configuration: String) -> String {
        var version = ""
        var servers: [String] = []
        for line in configuration.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            if parts[0] == "version" { version = String(parts[1]) }
            guard parts[0].hasPrefix("server."), let mark = parts[1].lastIndex(of: ";") else {
                continue
            }
            let address = parts[1][parts[1].index(after: mark)...]
            servers.append(address.contains(":") ? String(address) : "0.0.0.0:\(address)")
        }
        return version + " " + servers.joined(separator: ",")
    }
}
