import ZooKeeperConfiguration

/// Finds what is wrong with `zoo.cfg` files, each by itself and all of one ensemble together.
///
/// Step of the data flow: between files that were read and what `muster server check` prints. Pure. What
/// ZooKeeper 3.8 refuses or does differently is an error (QuorumPeerConfig), the rest a warning.
struct ZooCfgCheck {
    /// The files, findings about their lines included.
    private(set) var files: [ZooCfgFile]

    /// Everything that was found, file by file, in the order of the lines.
    var findings: [ZooCfgFinding] {
        files.flatMap { file in
            file.findings.enumerated().sorted { left, right in
                (left.element.line ?? .max, left.offset) < (
                    right.element.line ?? .max, right.offset
                )
            }.map(\.element)
        }
    }

    /// Checks files.
    ///
    /// - Parameter files: One or more; several are those of one ensemble.
    init(_ files: [ZooCfgFile]) {
        self.files = files
        for index in self.files.indices {
            self.files[index].checkFolders()
            self.files[index].checkTimes()
            self.files[index].checkListening()
            self.files[index].checkEnsemble()
            self.files[index].checkIdentity()
            self.files[index].checkPorts()
        }
        compareServers()
        compareSettings()
        compareHosts()
    }

    // MARK: Files of one ensemble

    /// The server lines are to be the same in all files.
    private mutating func compareServers() {
        guard let first = files.first else { return }
        for index in files.indices.dropFirst() {
            let mine = Dictionary(grouping: files[index].servers, by: \.server.id)
            let theirs = Dictionary(grouping: first.servers, by: \.server.id)
            for id in Set(mine.keys).union(theirs.keys).sorted() {
                let (here, there) = (mine[id]?.first, theirs[id]?.first)
                guard here?.server != there?.server else { continue }
                let isOpen = [here, there].contains { $0?.server.namesNoHost == true }
                let place = there.map { "\($0.file):\($0.line)" } ?? first.path
                files[index].note(
                    isOpen && here != nil && there != nil ? .warning : .error,
                    "server.\(id)",
                    here == nil || there == nil
                        ? "is only in \(here == nil ? place : files[index].path)"
                        : "differs from \(place)",
                    advice: "one list of servers in all files, best one file under version control",
                    at: here.map { ($0.file, $0.line) }
                )
            }
        }
    }

    /// What each server takes from its own file, and all should agree on.
    private static let shared = [
        "tickTime", "initLimit", "syncLimit", "minSessionTimeout", "maxSessionTimeout",
        "electionAlg", "standaloneEnabled", "reconfigEnabled", "localSessionsEnabled",
        "localSessionsUpgradingEnabled", "sslQuorum", "multiAddress.enabled",
        "extendedTypesEnabled", "enforceQuota", "skipACL", "digest.enabled",
        "DigestAuthenticationProvider.superDigest",
    ]

    private mutating func compareSettings() {
        guard let first = files.first else { return }
        for index in files.indices.dropFirst() {
            let keys = first.settings.keys.filter {
                $0.hasPrefix("group.") || $0.hasPrefix("weight.")
            }
            for key in Self.shared + keys.sorted() {
                let (here, there) = (files[index].settings[key], first.settings[key])
                guard here?.value != there?.value else { continue }
                let place = there.map { "\($0.file):\($0.line)" } ?? first.path
                // A secret is compared and not shown.
                let isSecret = key.hasSuffix("superDigest")
                let said = there.map { isSecret ? "has another" : "has \($0.value)" }
                files[index].note(
                    .warning,
                    key,
                    "differs: \(place) \(said ?? "has none")",
                    advice: "each server goes by its own file; give all of them the same value"
                )
            }
        }
    }

    /// What files of servers on one host must not share.
    private mutating func compareHosts() {
        for index in files.indices {
            for other in files.indices.prefix(index) where areTogether(files[other], files[index]) {
                compareFolders(index, with: files[other])
                comparePorts(index, with: files[other])
            }
            for other in files.indices.prefix(index) {
                guard let id = files[index].ownID, files[other].ownID == id,
                    files[index].value("dataDir") != files[other].value("dataDir")
                else { continue }
                files[index].note(
                    .error,
                    "myid",
                    "is \(id), as that of \(files[other].path)",
                    advice: "each server has a number of its own, that of its server.N line"
                )
            }
        }
    }

    /// True for servers of one host: by their lines where their numbers are known, else by all lines.
    private func areTogether(_ left: ZooCfgFile, _ right: ZooCfgFile) -> Bool {
        if let one = left.ownHost, let other = right.ownHost { return one == other }
        let hosts = Set((left.servers + right.servers).map(\.server.host))
        return hosts.count == 1 && left.servers.count > 1
    }

    private mutating func compareFolders(_ index: Int, with other: ZooCfgFile) {
        for key in ["dataDir", "dataLogDir"] {
            guard let folder = files[index].value(key),
                folder.trimmingSlashes == other.value(key)?.trimmingSlashes
            else { continue }
            files[index].note(
                .error,
                key,
                "is that of \(other.path) too, on the same host",
                advice: "give each server a folder of its own"
            )
        }
    }

    private mutating func comparePorts(_ index: Int, with other: ZooCfgFile) {
        for (key, port) in files[index].ownPorts {
            for (theirs, taken) in other.ownPorts where taken == port {
                let isSet = files[index].settings[key] != nil
                files[index].note(
                    .error,
                    key,
                    "port \(port)\(isSet ? "" : ", which holds without a line,") is \(theirs) of "
                        + "\(other.path) too, on the same host",
                    advice: key == "admin.serverPort"
                        ? "admin.enableServer=false, or an admin.serverPort for each server"
                        : "give each server a port of its own"
                )
            }
        }
    }
}

extension ServerLine {
    /// The place of its first address.
    var host: String { addresses[0].place }

    /// True where every host means another machine by it.
    var namesNoHost: Bool { ["0.0.0.0", "[::]", "[::0]"].contains(addresses[0].host) }
}

extension ServerLine.Address {
    /// Its host in small letters; the names of this host are one.
    var place: String {
        let host = host.lowercased()
        return host == "localhost" || host.hasPrefix("127.") || host == "[::1]" ? "localhost" : host
    }
}

extension String {
    /// A folder's name without slashes at its end.
    var trimmingSlashes: String {
        var rest = self[...]
        while rest.count > 1, rest.last == "/" { rest.removeLast() }
        return String(rest)
    }
}
