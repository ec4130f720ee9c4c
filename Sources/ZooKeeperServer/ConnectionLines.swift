import ServiceModel
import ZNodeTree

/// The lines of `stat` and `cons`, one a connection (ZooKeeper 3.8 ServerCnxn.dumpConnectionInfo).
struct ConnectionLines: WordPart {
    enum Extent {
        /// Counts of packets.
        case brief
        /// With what is known of the session.
        case whole
    }

    private var walk: Walk<ConnectionID>
    private let extent: Extent
    private let asker: ConnectionID
    private let moment: Moment

    init(_ ids: [ConnectionID], _ extent: Extent, asker: ConnectionID, at moment: Moment) {
        (walk, self.extent, self.asker, self.moment) = (Walk(ids), extent, asker, moment)
    }

    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        while let id = walk.next(in: slice) {
            guard let connection = engine.connections[id] else {
                slice.looked()
                continue
            }
            var line = " \(connection.peerText)[\(Self.interest(connection, asker))]"
            line += "(queued=\(connection.held.count)"
            line += ",recved=\(connection.statistics.received)"
            line += ",sent=\(connection.statistics.sent)"
            if extent == .whole, let session = connection.session {
                let timeout = engine.tree.session(session)?.timeout.milliseconds ?? 0
                line += details(connection, session, timeoutMilliseconds: timeout)
            }
            slice.add(line + ")\n")
        }
        return walk.isOver
    }

    private func details(
        _ connection: Connection,
        _ session: Int64,
        timeoutMilliseconds: Int64
    ) -> String {
        let statistics = connection.statistics
        let latency = statistics.latency
        let age = (moment.now - connection.openedAt).milliseconds
        var text = ",sid=0x\(hex(session)),lop=\(statistics.lastOperation.rawValue)"
        text += ",est=\(moment.time.milliseconds - age),to=\(timeoutMilliseconds)"
        if statistics.lastXID >= 0 { text += ",lcxid=0x\(String(statistics.lastXID, radix: 16))" }
        text += ",lzxid=0x\(hex(statistics.lastZxid))"
        text += ",lresp=\(statistics.lastAnswerAt.nanoseconds / 1_000_000)"
        text += ",llat=\(statistics.lastLatency),minlat=\(latency.min)"
        text += ",avglat=\(latency.count > 0 ? latency.sum / latency.count : 0)"
        return text + ",maxlat=\(latency.max)"
    }

    /// What the server waits for on the socket, as Java's selection keys count: 1 reading, 4 writing.
    private static func interest(_ connection: Connection, _ asker: ConnectionID) -> Int {
        guard connection.id != asker else { return 0 }
        return (connection.isPaused ? 0 : 1) + (connection.unsent > 0 ? 4 : 0)
    }
}

/// A number as ZooKeeper prints session ids and zxids: hexadecimal of its bits.
func hex(_ number: Int64) -> String { String(UInt64(bitPattern: number), radix: 16) }
