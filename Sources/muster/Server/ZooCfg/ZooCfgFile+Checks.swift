import ZooKeeperConfiguration

// What one file must have to make a server that starts and goes on running.
extension ZooCfgFile {
    /// True with two servers or more; one alone ZooKeeper ignores.
    var isEnsemble: Bool { servers.count > 1 }

    /// The number in `myid`; nil when it was not looked at, or is none.
    var ownID: Int64? {
        guard case .there(let text?)? = folder else { return nil }
        return Int64(text)
    }

    /// The line of the server that the file is for.
    var ownServer: Server? { ownID.flatMap { id in servers.first { $0.server.id == id } } }

    /// The host of that line.
    var ownHost: String? { ownServer?.server.host }

    /// Milliseconds of a tick.
    var tickMilliseconds: Int { number("tickTime") ?? 3_000 }

    /// Ports that the server listens on beside those of its server line, each with its key.
    var ownPorts: [(key: String, port: Int)] {
        var ports: [(key: String, port: Int)] = []
        if let port = ownServer?.server.clientPort {
            ports.append(("clientPort", Int(port)))
        } else if let port = number("clientPort") {
            ports.append(("clientPort", port))
        }
        for key in ["secureClientPort", "observerMasterPort"] {
            if let port = number(key) { ports.append((key, port)) }
        }
        if value("admin.enableServer")?.lowercased() != "false" {
            ports.append(("admin.serverPort", number("admin.serverPort") ?? 8_080))
        }
        if value("metricsProvider.className")?.hasSuffix("PrometheusMetricsProvider") == true {
            ports.append(("metricsProvider.httpPort", number("metricsProvider.httpPort") ?? 7_000))
        }
        return ports
    }

    // MARK: Folders

    mutating func checkFolders() {
        guard let data = value("dataDir") else {
            note(
                .error,
                "dataDir",
                "is missing: ZooKeeper does not start without it",
                advice: "dataDir=/var/lib/zookeeper, a folder that its user may write"
            )
            return
        }
        for key in ["dataDir", "dataLogDir"] {
            guard let folder = value(key), !folder.isEmpty, !folder.hasPrefix("/") else { continue }
            note(.warning, key, "'\(folder)' is below wherever ZooKeeper is started from")
        }
        // The value of ZooKeeper's own sample.
        if ["/tmp", "/tmp/zookeeper"].contains(data.trimmingSlashes) {
            note(.warning, "dataDir", "'\(data)' is emptied at a start of the machine")
        }
        if folder == .noFolder { note(.error, "dataDir", "'\(data)' is no folder") }
        if number("autopurge.purgeInterval") ?? 0 == 0 {
            note(
                .warning,
                "autopurge.purgeInterval",
                "nothing is purged: snapshots and logs fill the disk in time",
                advice: "autopurge.purgeInterval=24"
            )
        }
    }

    // MARK: Times

    mutating func checkTimes() {
        let (least, most) = (number("minSessionTimeout") ?? -1, number("maxSessionTimeout") ?? -1)
        let shortest = least == -1 ? 2 * tickMilliseconds : least
        let longest = most == -1 ? 20 * tickMilliseconds : most
        if shortest > longest {
            let key = most == -1 ? "minSessionTimeout" : "maxSessionTimeout"
            note(
                .error,
                key,
                "the shortest session timeout (\(shortest) ms) is above the longest (\(longest) ms)",
                advice: "they are 2 and 20 ticks of \(tickMilliseconds) ms where no line says else"
            )
        }
        guard isEnsemble else { return }
        for key in ["initLimit", "syncLimit"] where settings[key] == nil {
            note(
                .error,
                key,
                "is missing: servers of an ensemble do not start without it",
                advice: key == "initLimit" ? "initLimit=10" : "syncLimit=5"
            )
        }
    }

    // MARK: Clients

    mutating func checkListening() {
        let hasPort = value("clientPort") != nil || value("secureClientPort") != nil
        let withPort = servers.filter { $0.server.clientPort != nil }
        if !hasPort, withPort.isEmpty {
            note(
                .error,
                "clientPort",
                "is missing: no client can connect",
                advice: "clientPort=2181, or ;2181 behind each server.N line"
            )
        }
        if value("clientPort") == nil, value("clientPortAddress") != nil {
            note(.error, "clientPortAddress", "without clientPort ZooKeeper does not start")
        }
        if !withPort.isEmpty, withPort.count < servers.count, !hasPort {
            for server in servers where server.server.clientPort == nil {
                note(
                    .error,
                    server.key,
                    "no client can connect to it: it has no ;CLIENTPORT, and there is no clientPort",
                    at: (server.file, server.line)
                )
            }
        }
        if let own = ownServer, let port = own.server.clientPort, let other = number("clientPort"),
            Int(port) != other
        {
            note(.error, "clientPort", "differs from \(port) in \(own.key), line \(own.line)")
        }
        let words = (value("4lw.commands.whitelist") ?? "").split(separator: ",").map {
            String($0.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
        }
        let unknown = words.filter { $0 != "*" && !Self.words.contains($0) }
        guard !unknown.isEmpty else { return }
        note(
            .warning,
            "4lw.commands.whitelist",
            "no such words: \(unknown.joined(separator: ", "))"
        )
    }

    /// ZooKeeper 3.8 FourLetterCommands.
    private static let words: Set<String> = [
        "conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr", "ruok",
        "srst", "srvr", "stat", "stmk", "wchc", "wchp", "wchs",
    ]

    // MARK: Servers

    mutating func checkEnsemble() {
        if let dynamic = settings["dynamicConfigFile"] {
            for server in servers where server.file == dynamic.file {
                note(
                    .error,
                    server.key,
                    "stands here although dynamicConfigFile names a file for it",
                    advice: "move it to \(dynamic.value)",
                    at: (server.file, server.line)
                )
            }
        }
        for (key, setting) in order where key.hasPrefix("weight.") || key.hasPrefix("group.") {
            let ids = key.hasPrefix("group.") ? setting.value : String(key.dropFirst(7))
            for id in ids.split(separator: ":")
            where !servers.contains(where: { String($0.server.id) == id }) {
                note(.error, key, "there is no server.\(id)", at: (setting.file, setting.line))
            }
        }
        guard let first = servers.first else { return }
        let place = (first.file, first.line)
        guard isEnsemble else {
            let text = "a single server is no ensemble: ZooKeeper ignores it and runs stand-alone"
            note(
                .warning,
                first.key,
                text,
                advice: "three servers survive the loss of one",
                at: place
            )
            return
        }
        let voters = voters.count
        if voters == 0 {
            note(.error, "server.N", "all are observers: somebody has to vote", at: place)
        } else if voters == 2 {
            note(
                .warning,
                "server.N",
                "2 servers stop when either of them does: that is less safe than one alone",
                advice: "three servers survive the loss of one",
                at: place
            )
        } else if voters % 2 == 0 {
            note(
                .warning,
                "server.N",
                "\(voters) servers survive the loss of \((voters - 1) / 2), as \(voters - 1) do",
                advice: "an odd number, or one of them as an observer",
                at: place
            )
        }
        checkHosts()
    }

    private mutating func checkHosts() {
        let hosts = Set(servers.map(\.server.host))
        for server in servers {
            let place = (server.file, server.line)
            let line = server.server
            if line.addresses.count > 1, value("multiAddress.enabled")?.lowercased() != "true" {
                note(
                    .error,
                    server.key,
                    "several addresses need multiAddress.enabled=true",
                    at: place
                )
            }
            if !(1...255).contains(line.id) {
                note(.warning, server.key, "a myid is to be from 1 to 255", at: place)
            }
            if line.namesNoHost {
                note(
                    .warning,
                    server.key,
                    "'\(line.addresses[0].host)' is no address that the others can connect to",
                    advice:
                        "the host's name, and quorumListenOnAllIPs=true where it has to listen on all",
                    at: place
                )
            } else if line.host == "localhost", hosts.count > 1 {
                note(
                    .warning,
                    server.key,
                    "'\(line.addresses[0].host)' is another machine on each host",
                    advice: "the host's name, the same in all files",
                    at: place
                )
            }
        }
    }

    // MARK: Who it is

    mutating func checkIdentity() {
        guard isEnsemble, let folder, let data = value("dataDir") else { return }
        let path = data.trimmingSlashes + "/myid"
        let known = servers.map { String($0.server.id) }.joined(separator: ", ")
        let advice = "write the number of this server's line there, one of \(known)"
        switch folder {
        case .noFolder: break
        case .absent, .there(myid: nil):
            note(
                .error,
                "myid",
                "\(path) is missing: servers of an ensemble need it",
                advice: advice
            )
        case .there(let text?):
            guard let id = Int64(text) else {
                note(
                    .error,
                    "myid",
                    "\(path) holds '\(text.prefix(40))', not a number",
                    advice: advice
                )
                return
            }
            guard !servers.contains(where: { $0.server.id == id }) else { return }
            note(.error, "myid", "\(path) says \(id), and there is no server.\(id)", advice: advice)
        }
    }

    // MARK: Ports

    mutating func checkPorts() {
        struct Use {
            let key: String
            let what: String
            let line: Int
            let file: String
        }
        var uses: [String: Use] = [:]
        for server in servers {
            for address in server.server.addresses {
                let ports = [
                    ("quorum port", address.quorumPort), ("election port", address.electionPort),
                ]
                let client = server.server.clientPort.map { [("client port", $0)] } ?? []
                for (what, port) in ports + client {
                    let use = Use(key: server.key, what: what, line: server.line, file: server.file)
                    guard let other = uses["\(address.place) \(port)"] else {
                        uses["\(address.place) \(port)"] = use
                        continue
                    }
                    note(
                        .error,
                        use.key,
                        "\(what) \(port) on \(address.host) is the \(other.what) of \(other.key) too",
                        advice: "servers on one host need ports of their own",
                        at: (use.file, use.line)
                    )
                }
            }
        }
        checkOwnPorts()
    }

    /// What the server listens on beside its line, against that line and against each other.
    private mutating func checkOwnPorts() {
        var seen: [Int: String] = [:]
        for (key, port) in ownPorts {
            if let other = seen.updateValue(key, forKey: port) {
                note(.error, key, "port \(port) is that of \(other) too")
            }
            // Which line is its own is known by its myid; else each may be, and one is enough to say so.
            let own = ownServer
            let clashes = servers.filter { own == nil || $0.server.host == own?.server.host }
                .flatMap { server in
                    server.server.addresses.compactMap { address -> String? in
                        if Int(address.quorumPort) == port { return "quorum port of \(server.key)" }
                        guard Int(address.electionPort) == port else { return nil }
                        return "election port of \(server.key)"
                    }
                }
            if let clash = clashes.first { note(.error, key, "port \(port) is the \(clash) too") }
        }
    }
}
