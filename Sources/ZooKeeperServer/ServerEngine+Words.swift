import Runtime
import ServiceModel
import Telemetry
import ZNodeTree

/// The answers to four-letter words, in ZooKeeper 3.8's form (server/command/*.java).
///
/// What can be long is written in slices, one a turn, and waits while the asker does not read, so that the
/// sessions' connections are served in between. It shows each line as of the turn that wrote it.
extension ServerEngine {
    /// What ZooKeeper this one is taken for; kazoo reads the number from `envi`.
    var version: String {
        let built = Timestamp(unixMilliseconds: settings.process.builtMilliseconds).text
        return "3.8.0-muster, built on \(built.prefix(10)) \(built.dropFirst(11).prefix(5)) UTC"
    }

    /// A word arrived; `goOnAnswering` writes what it asks for.
    ///
    /// Only `stmk` reads what came behind it.
    mutating func answer(
        _ word: FourLetterWord,
        _ rest: Span<UInt8>,
        on connection: Connection,
        at moment: Moment
    ) {
        countReceived(bytes: 4, on: connection)
        connection.phase = .answering
        let isLocal = connection.peer?.ip.isLoopback ?? true
        guard settings.words.allows(word, isLocal: isLocal) else {
            let refusal = "\(word.rawValue) is not executed because it is not in the whitelist.\n"
            connection.answer = WordAnswer(refusal)
            return
        }
        connection.answer = WordAnswer(parts(of: word, rest, on: connection, at: moment))
    }

    /// Writes the next slice of an answer; the last one ends the connection.
    mutating func goOnAnswering(_ connection: Connection) -> Intake.Next {
        guard var answer = connection.answer else {
            finish(connection, with: [])
            return .never
        }
        // Not left in the connection meanwhile, or its lists would be copied.
        connection.answer = nil
        let slice = answer.next(Limits.wordLinesPerTurnMax, from: self)
        guard answer.isOver else {
            connection.answer = answer
            append(Frame(head: slice), frames: 0, to: connection)
            return .anotherTurn
        }
        finish(connection, with: slice)
        return .never
    }

    private mutating func parts(
        of word: FourLetterWord,
        _ rest: Span<UInt8>,
        on connection: Connection,
        at moment: Moment
    ) -> [any WordPart] {
        func text(_ text: String) -> [any WordPart] { [TextPart(text)] }
        switch word {
        case .ruok: return text("imok")
        case .isro: return text("rw")
        case .srvr: return text(head + "\n" + summary)
        case .stat:
            let lines = ConnectionLines(connectionIDs, .brief, asker: connection.id, at: moment)
            return [TextPart(head + "\nClients:\n"), lines, SummaryPart()]
        case .cons:
            let lines = ConnectionLines(connectionIDs, .whole, asker: connection.id, at: moment)
            return [lines, TextPart("\n")]
        case .envi: return text(environment)
        case .conf: return text(configuration)
        case .mntr: return text(monitorText(at: moment.now))
        case .dump:
            let clock = DumpClock(moment, lag: lag)
            let sessions = tree.sessionIDs
            return [
                SessionSets(sessions, clock, settings.tickTime), EphemeralLists(sessions),
                ConnectionSets(connectionIDs, clock),
            ]
        case .wchs:
            let paths = tree.watchedDataPathCount
            return text(
                "\(tree.dataWatcherCount) connections watching \(paths) paths\n"
                    + "Total watches:\(tree.dataWatchCount)\n"
            )
        case .wchc: return [WatchesBySession(connectionIDs), TextPart("\n")]
        case .wchp: return [WatchesByPath(connectionIDs), TextPart("\n")]
        case .srst:
            resetStatistics()
            return text("Server stats reset.\n")
        case .crst:
            for other in connections.values { other.statistics = ConnectionStatistics() }
            return text("Connection stats reset.\n")
        case .dirs: return text("datadir_size: 0\nlogdir_size: 0\n")
        case .gtmk: return text("\(traceMask)")
        case .stmk:
            guard rest.count >= 8 else { return [] }
            traceMask = (0..<8).reduce(0) { $0 << 8 | Int64(rest[$1]) }
            return text("\(traceMask)")
        // Digests of the tree as of certain changes, which a server that computes none does not have.
        case .hash: return []
        }
    }

    /// By age.
    private var connectionIDs: [ConnectionID] { connections.keys.sorted() }

    /// ZooKeeper files the root under two paths, and counts it twice.
    var shownNodeCount: Int { tree.nodeCount + 1 }

    private var head: String { "Zookeeper version: \(version)" }

    /// What `srvr` and `stat` end with.
    var summary: String {
        let latency = statistics.latency
        return """
            Latency min/avg/max: \(latency.min)/\(latency.average)/\(latency.max)
            Received: \(statistics.received)
            Sent: \(statistics.sent)
            Connections: \(connections.count)
            Outstanding: \(gate.heldCount)
            Zxid: 0x\(String(gate.durable, radix: 16))
            Mode: standalone
            Node count: \(shownNodeCount)

            """
    }

    private var environment: String {
        let process = settings.process
        return """
            Environment:
            zookeeper.version=\(version)
            host.name=\(process.hostName)
            os.name=\(process.systemName)
            os.arch=\(process.architecture)
            os.version=\(process.release)
            user.name=\(process.userName)
            user.home=\(process.home)
            user.dir=\(process.directory)

            """
    }

    private var configuration: String {
        """
        clientPort=\(settings.port)
        secureClientPort=-1
        dataDir=
        dataDirSize=0
        dataLogDir=
        dataLogSize=0
        tickTime=\(settings.tickTime.milliseconds)
        maxClientCnxns=\(settings.connectionsPerAddressMax)
        minSessionTimeout=\(settings.timeouts.lowerBound.milliseconds)
        maxSessionTimeout=\(settings.timeouts.upperBound.milliseconds)
        clientPortListenBacklog=\(ListenSocket.backlog)
        serverId=0

        """
    }
}
