import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// A setWatches too long for one slice, as a client sends it that comes back with thousands of watches (A2.11).
@Suite struct WatchCatchUpTests {
    private let bench = ServerBench()
    private static let count = 200
    private let paths = (0..<Self.count).map { "/catch-up-\($0)" }

    private func setWatches(_ seen: Int64, exist: [String] = []) -> Request {
        let oneShot = SetWatchesRequest(
            relativeZxid: seen,
            dataWatches: paths,
            existWatches: exist,
            childWatches: ["/"]
        )
        return .setWatches2(
            SetWatches2Request(
                oneShot: oneShot,
                persistentWatches: ["/kept"],
                persistentRecursiveWatches: ["/kept/deep"]
            )
        )
    }

    private func set(_ path: String) -> Request {
        .setData(SetDataRequest(path: path, data: [1], version: -1))
    }

    /// Two clients, and the paths.
    private func prepare() -> (client: ConnectionID, other: ConnectionID, seen: Int64) {
        let (client, other) = (bench.client(), bench.client())
        for path in paths { bench.request(bench.create(path), on: other) }
        _ = bench.take(other)
        return (client, other, bench.lastZxid)
    }

    @Test func `it is carried out in slices, and answered once behind all its events`() {
        let (client, other, seen) = prepare()
        bench.request(set(paths[3]), on: other)
        bench.request(set(paths[Self.count - 1]), on: other)
        var intake = bench.send(
            ServerBench.frame(setWatches(seen, exist: ["/absent", paths[0]]))
                + ServerBench.frame(.ping),
            on: client
        )
        var slices = 1
        while intake.next == .anotherTurn {
            #expect(intake.work <= 2 * Limits.workPerSliceMax)
            // Its events may come before; the answers may not.
            #expect(bench.pendingBytes(client) > 0)
            intake = bench.send([], on: client)
            slices += 1
        }
        #expect(slices >= Self.count / Limits.watchesPerSlice)
        let told = bench.take(client)
        #expect(told.suffix(2).map(\.xid) == [XID.setWatches, XID.ping])
        #expect(told.dropLast(2).allSatisfy { $0.xid == XID.event })
        #expect(
            told.compactMap { $0.event?.path } == [paths[3], paths[Self.count - 1], paths[0]]
        )
        #expect(told.suffix(2).map(\.error) == [.ok, .ok])
        // The rest is watched: once, and the persistent ones for good.
        for path in [paths[0], paths[1], paths[1], paths[3]] { bench.request(set(path), on: other) }
        #expect(bench.take(client).compactMap { $0.event?.path } == [paths[0], paths[1]])
        for path in ["/kept", "/kept/deep", "/kept/deep/er"] {
            bench.request(bench.create(path), on: other)
        }
        let kept = ["/kept", "/", "/kept", "/kept/deep", "/kept/deep/er"]
        #expect(bench.take(client).compactMap { $0.event?.path }.sorted() == kept.sorted())
    }

    @Test func `what changes between two slices is told exactly once`() {
        let (client, other, seen) = prepare()
        var intake = bench.send(ServerBench.frame(setWatches(seen)), on: client)
        var rounds = 0
        while intake.next == .anotherTurn {
            // One that may be watched already, and one that is still to be looked at.
            if rounds == 1 {
                bench.request(set(paths[0]), on: other)
                bench.request(set(paths[Self.count - 2]), on: other)
            }
            rounds += 1
            intake = bench.send([], on: client)
        }
        #expect(rounds > 2)
        let told = bench.take(client)
        #expect(told.last?.xid == XID.setWatches)
        #expect(told.compactMap { $0.event?.path } == [paths[0], paths[Self.count - 2]])
    }

    @Test func `one that cannot be read sets nothing`() {
        let (client, other, seen) = prepare()
        var bytes = ServerBench.frame(setWatches(seen))
        // The length of the last path claims more than there is.
        bytes[bytes.count - "/kept/deep".utf8.count - 1] = 200
        #expect(bench.send(bytes, on: client).next == .moreBytes)
        #expect(bench.take(client).map(\.error) == [.marshallingError])
        bench.request(set(paths[0]), on: other)
        #expect(bench.take(client).isEmpty)
    }

    @Test func `a connection that ends in the middle leaves nothing behind`() {
        let (client, other, seen) = prepare()
        #expect(
            bench.send(ServerBench.frame(setWatches(seen)), on: client).next == .anotherTurn
        )
        #expect(bench.engine.tree.watchCount > 0)
        bench.hangUp(client)
        #expect(bench.engine.tree.watchCount == 0)
        bench.request(set(paths[0]), on: other)
        #expect(bench.take(other).last?.error == .ok)
    }
}
