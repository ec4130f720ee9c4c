import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// A long setWatches or setWatches2 that is carried out bit by bit, its frame staying where it came.
///
/// It knows how far it has come in the frame and what stands there next, so that nothing of the frame is kept
/// twice. Invariant: the frame was looked through before, so every list and path in it is whole.
struct WatchCatchUp {
    let header: RequestHeader
    /// Paths in all.
    private(set) var count = 0
    /// Of all paths.
    private(set) var pathBytes = 0
    private let relativeZxid: Int64
    private let listCount: Int
    /// The list that is next, in the order of setWatches2.
    private var list = -1
    /// Paths left in it.
    private var left = 0
    private var offset: Int

    /// - Returns: Nil for what is not such a request, is short, or cannot be read: all of that is carried out in
    ///   one go, or refused.
    init?(_ frame: Span<UInt8>) {
        guard frame.count >= Limits.catchUpBytesMin else { return nil }
        var reader = ByteReader(frame)
        do throws(WireError) {
            header = try RequestHeader(from: &reader)
            switch header.opCode {
            case .setWatches: listCount = 3
            case .setWatches2: listCount = 5
            default: return nil
            }
            relativeZxid = try reader.readInt64()
            offset = reader.offset
            for _ in 0..<listCount {
                let paths = try reader.readInt32()
                guard paths >= 0, Int(paths) <= reader.remaining else { return nil }
                for _ in 0..<paths {
                    let bytes = try reader.readInt32()
                    guard bytes >= 0 else { return nil }
                    try reader.skip(Int(bytes))
                    pathBytes += Int(bytes)
                }
                count += Int(paths)
            }
        } catch {
            return nil
        }
    }

    /// True when there is no path left.
    var isOver: Bool { list >= listCount - 1 && left == 0 }

    /// The next paths, as a request of their own.
    ///
    /// - Complexity: O(bytes of these paths).
    mutating func next(_ most: Int, of frame: Span<UInt8>) throws(WireError) -> SetWatches2Request {
        var reader = ByteReader(frame.extracting(offset...))
        var lists: [[String]] = Array(repeating: [], count: 5)
        var room = most
        while room > 0 || left == 0, !isOver {
            guard left > 0 else {
                left = Int(try reader.readInt32())
                list += 1
                continue
            }
            lists[list].append(try reader.readString())
            (left, room) = (left - 1, room - 1)
        }
        offset += reader.offset
        return SetWatches2Request(
            oneShot: SetWatchesRequest(
                relativeZxid: relativeZxid,
                dataWatches: lists[0],
                existWatches: lists[1],
                childWatches: lists[2]
            ),
            persistentWatches: lists[3],
            persistentRecursiveWatches: lists[4]
        )
    }
}

extension ServerEngine {
    /// Carries out a part of a long setWatches.
    ///
    /// Others may change the tree between two parts: each path is told of or watched as of the moment when it is
    /// looked at, which is all that ZooKeeper promises as well. Events come before the answer.
    ///
    /// - Returns: False while some of it is left; then the frame is to be offered again.
    mutating func catchUp(
        _ frame: Span<UInt8>,
        _ connection: Connection,
        _ session: Int64,
        at moment: Moment
    ) -> Bool {
        guard var work = connection.catchUp else { return true }
        let caller = Caller(
            connection: connection.id,
            session: session,
            identities: connection.identities
        )
        let part: SetWatches2Request
        do throws(WireError) {
            part = try work.next(Limits.watchesPerSlice, of: frame)
        } catch {
            breakOff(connection, because: ClosingReason(.request, "setWatches: \(error)"))
            return true
        }
        connection.catchUp = work.isOver ? nil : work
        tree.touchSession(session, now: moment.now - lag)
        carryOut(.setWatches2(part), work.header, connection, caller, at: moment, isPart: true)
        return work.isOver
    }

    /// True when the frame is a long setWatches for which there is room; it is under way then.
    func beginsCatchUp(_ frame: Span<UInt8>, _ connection: Connection) -> Bool {
        guard connection.catchUp == nil else { return true }
        guard let work = WatchCatchUp(frame),
            tree.hasRoom(forWatches: work.count, pathBytes: work.pathBytes)
        else { return false }
        connection.catchUp = work
        return true
    }
}
