import ServiceModel
import ZNodeTree
import ZooKeeperProtocol

/// Pings that come alone, as idle clients send them.
///
/// They are answered on the spot where nothing else is under way on the connection, so the order of replies is
/// what it is for all other requests. Wire format (ZooKeeper 3.8 zookeeper.jute, RequestHeader and
/// ReplyHeader, each behind its length):
/// ```
/// int 8  | int -2 | int 11
/// int 16 | int -2 | long zxid | int 0
/// ```
extension ServerEngine {
    /// Bytes of a ping, and of its reply.
    enum Ping {
        static let requestBytes = 12
        static let replyBytes = 20
    }

    /// Takes a ping, and tells what its reply is; the reply leaves before anything else does.
    ///
    /// HOT: no allocation (benchmark `idle-sessions`: 1.5 x the CPU of a C echo, kernel and all).
    ///
    /// - Parameters:
    ///   - bytes: All that came.
    ///   - connection: Where it came.
    ///   - moment: This turn's.
    ///   - now: This very moment, for the latency.
    /// - Returns: The whole frame; nil, with nothing done, where it is no lone ping.
    mutating func ping(
        _ bytes: Span<UInt8>,
        on connection: Connection,
        at moment: Moment,
        now: Instant
    ) -> InlineArray<20, UInt8>? {
        guard case .serving(let session) = connection.phase, Self.isPing(bytes),
            !connection.isDirty, connection.backlog == 0, connection.inbound == 0,
            !connection.isPaused, connection.catchUp == nil, connection.held.isEmpty
        else { return nil }
        begin(turnAt: moment.now)
        work += 1
        tree.touchSession(session, now: lag == .zero ? moment.now : moment.now - lag)
        let zxid = connection.told(gate.durable)
        count(connection, zxid: zxid, now: now)
        return Self.pong(zxid)
    }

    private mutating func count(_ connection: Connection, zxid: Int64, now: Instant) {
        let milliseconds = Int(max(0, now.nanoseconds - turnStart.nanoseconds) / 1_000_000)
        let frame = Ping.replyBytes - ZooKeeperProtocol.Limits.frameLengthBytes
        countReceived(bytes: Ping.requestBytes, on: connection)
        statistics.sent += 1
        statistics.responded(bytes: frame)
        statistics.waited(Asked(isUpdate: false, since: turnStart), milliseconds: milliseconds)
        connection.statistics.sent += 1
        connection.statistics.note(.ping, xid: XID.ping, zxid: zxid)
        connection.statistics.waited(milliseconds: milliseconds, now: now)
    }

    private static func isPing(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count == Ping.requestBytes else { return false }
        let zeros = bytes[0] | bytes[1] | bytes[2] | bytes[8] | bytes[9] | bytes[10]
        return zeros == 0 && bytes[3] == 8
            && bytes[11] == UInt8(truncatingIfNeeded: OpCode.ping.rawValue)
    }

    private static func pong(_ zxid: Int64) -> InlineArray<20, UInt8> {
        var frame = InlineArray<20, UInt8>(repeating: 0)
        frame[3] = 16
        let xid = XID.ping
        for index in 0..<4 { frame[4 + index] = UInt8(truncatingIfNeeded: xid >> (24 - 8 * index)) }
        for index in 0..<8 {
            frame[8 + index] = UInt8(truncatingIfNeeded: zxid >> (56 - 8 * index))
        }
        return frame
    }
}
