import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct WatchTests {
    private let bench = TreeBench()

    private func addWatch(
        _ path: String,
        _ mode: AddWatchRequest.Mode,
        by caller: Caller? = nil
    ) -> Outcome {
        bench.apply(.addWatch(AddWatchRequest(path: path, mode: mode)), by: caller)
    }

    private func remove(_ path: String, _ kind: WatcherRequest.Kind) -> ErrorCode {
        bench.apply(.removeWatches(WatcherRequest(path: path, type: kind))).error
    }

    private func check(_ path: String, _ kind: WatcherRequest.Kind) -> ErrorCode {
        bench.apply(.checkWatches(WatcherRequest(path: path, type: kind))).error
    }

    // A2.1, A2.5, A2.9
    @Test func `a list of watches for which there is no room sets none and tells nothing`() {
        let long = "/" + String(repeating: "x", count: 1 << 20)
        let most = Limits.watchPathBytesMax / long.utf8.count / 2
        for number in 0..<most {
            let request = AddWatchRequest(path: long + "\(number)", mode: .persistent)
            _ = bench.tree.apply(.addWatch(request), by: bench.client, at: bench.time)
        }
        bench.create("/changed")
        let before = bench.tree.watchCount
        for paths in [["/changed", long], [long, "/changed"]] {
            let request = SetWatchesRequest(
                relativeZxid: 0,
                dataWatches: paths,
                existWatches: [],
                childWatches: ["/"]
            )
            let full = bench.tree.apply(.setWatches(request), by: bench.other, at: bench.time)
            #expect(full.error == .throttledOp)
            #expect(full.hits.isEmpty)
        }
        let one = AddWatchRequest(path: long + "more", mode: .persistent)
        let refused = bench.tree.apply(.addWatch(one), by: bench.client, at: bench.time)
        #expect(refused.error == .throttledOp)
        #expect(bench.tree.watchCount == before)
        bench.tree.removeWatches(of: bench.client.connection)
        #expect(bench.tree.watchPathBytes == 0)
    }

    @Test func `a one-shot watch tells once`() {
        bench.create("/a")
        bench.get("/a", watch: true)
        bench.get("/a", watch: true)
        #expect(bench.set("/a").told == ["1 nodeDataChanged /a"])
        #expect(bench.set("/a").told.isEmpty)
        bench.exists("/a", watch: true)
        #expect(bench.delete("/a").told == ["1 nodeDeleted /a"])
        #expect(bench.create("/a").told.isEmpty)
        #expect(bench.tree.watchCount == 0)
    }

    // A2.3
    @Test func `a child watch tells of children and of the end, not of children's data`() {
        bench.create("/a")
        bench.list("/a", watch: true)
        #expect(bench.create("/a/b").told == ["1 nodeChildrenChanged /a"])
        bench.list("/a", watch: true)
        #expect(bench.set("/a/b").told.isEmpty)
        #expect(bench.set("/a").told.isEmpty)
        #expect(bench.delete("/a/b").told == ["1 nodeChildrenChanged /a"])
        bench.list("/a", watch: true)
        #expect(bench.delete("/a").told == ["1 nodeDeleted /a"])
    }

    // A2.4
    @Test func `exists watches a missing node, failed reads do not`() {
        bench.exists("/a", watch: true)
        bench.get("/a", watch: true, by: bench.other)
        bench.list("/a", watch: true, by: bench.other)
        #expect(bench.create("/a").told == ["1 nodeCreated /a"])
        bench.exists("/a", watch: true)
        #expect(bench.create("/a/b").told.isEmpty)
    }

    @Test func `a recursive watch on the empty path sees nothing`() {
        _ = addWatch("", .persistentRecursive)
        #expect(bench.create("/a").told.isEmpty)
        #expect(bench.set("/").told.isEmpty)
        #expect(bench.delete("/a").told.isEmpty)
    }

    // A2.6
    @Test func `the node's event comes before its parent's`() {
        bench.create("/a")
        bench.list("/", watch: true)
        bench.exists("/a/b", watch: true)
        bench.list("/a", watch: true)
        #expect(
            bench.create("/a/b").told == ["1 nodeCreated /a/b", "1 nodeChildrenChanged /a"]
        )
        bench.get("/a/b", watch: true)
        bench.list("/a/b", watch: true)
        bench.list("/a", watch: true)
        #expect(
            bench.delete("/a/b").told == ["1 nodeDeleted /a/b", "1 nodeChildrenChanged /a"]
        )
    }

    // A2.10
    @Test func `all watchers are told, oldest connection first`() {
        bench.create("/a")
        for number in (1...50).reversed() {
            let caller = Caller(connection: ConnectionID(UInt64(number)), session: 1)
            bench.get("/a", watch: true, by: caller)
        }
        #expect(
            bench.set("/a").hits == [
                WatchHit(
                    WatchEvent(.nodeDataChanged, path: "/a"),
                    (1...50).map { ConnectionID($0) }
                )
            ]
        )
    }

    @Test func `a persistent watch stays through deletion and re-creation`() {
        #expect(addWatch("/a", .persistent).response == .error(.ok))
        #expect(bench.create("/a").told == ["1 nodeCreated /a"])
        #expect(bench.set("/a").told == ["1 nodeDataChanged /a"])
        #expect(bench.create("/a/b").told == ["1 nodeChildrenChanged /a"])
        #expect(bench.set("/a/b").told.isEmpty)
        #expect(bench.delete("/a/b").told == ["1 nodeChildrenChanged /a"])
        #expect(bench.delete("/a").told == ["1 nodeDeleted /a"])
        #expect(bench.create("/a").told == ["1 nodeCreated /a"])
    }

    @Test(arguments: ["/a", "/"])
    func `a recursive watch sees the node and all below, but no child lists`(root: String) {
        _ = addWatch(root, .persistentRecursive)
        #expect(bench.create("/a").told == ["1 nodeCreated /a"])
        #expect(bench.create("/a/b").told == ["1 nodeCreated /a/b"])
        #expect(bench.create("/a/b/c").told == ["1 nodeCreated /a/b/c"])
        #expect(bench.set("/a/b/c").told == ["1 nodeDataChanged /a/b/c"])
        #expect(bench.delete("/a/b/c").told == ["1 nodeDeleted /a/b/c"])
        #expect(bench.create("/ab").told == (root == "/" ? ["1 nodeCreated /ab"] : []))
    }

    @Test func `watches of several kinds give one event a change`() {
        bench.create("/a")
        _ = addWatch("/", .persistentRecursive)
        _ = addWatch("/a", .persistentRecursive)
        _ = addWatch("/a", .persistent)
        bench.get("/a", watch: true)
        bench.list("/a", watch: true)
        #expect(bench.set("/a").told == ["1 nodeDataChanged /a"])
        #expect(
            bench.create("/a/b").told == ["1 nodeCreated /a/b", "1 nodeChildrenChanged /a"]
        )
        bench.delete("/a/b")
        #expect(bench.delete("/a").told == ["1 nodeDeleted /a"])
    }

    @Test func `a one-shot watch beside a persistent one uses up only itself`() {
        bench.create("/a")
        _ = addWatch("/a", .persistent)
        bench.get("/a", watch: true)
        #expect(bench.set("/a").told == ["1 nodeDataChanged /a"])
        #expect(bench.set("/a").told == ["1 nodeDataChanged /a"])
    }

    @Test func `watches are taken back by table`() {
        bench.create("/a")
        #expect(remove("/a", .any) == .noWatcher)
        _ = addWatch("/a", .persistent)
        #expect(check("/a", .children) == .ok)
        #expect(remove("/a", .children) == .ok)
        #expect(check("/a", .children) == .noWatcher)
        #expect(check("/a", .any) == .ok)
        #expect(remove("/a", .data) == .ok)
        #expect(remove("/a", .any) == .noWatcher)
        bench.get("/a", watch: true)
        #expect(remove("/a", .children) == .noWatcher)
        #expect(remove("/a", .any) == .ok)
        #expect(bench.set("/a").told.isEmpty)
    }

    @Test func `watches go with their connection, not with their session`() {
        bench.create("/a")
        _ = addWatch("/a", .persistentRecursive)
        bench.get("/a", watch: true, by: bench.other)
        bench.tree.removeWatches(of: bench.client.connection)
        #expect(bench.set("/a").told == ["2 nodeDataChanged /a"])
        #expect(bench.hasSession(1))
        #expect(bench.tree.watchCount == 0)
    }

    /// Of a connection with many watches the most are taken out later, and nobody hears of them any more.
    @Test func `watches of a connection that went count no more, and go bit by bit`() {
        let many = Limits.watchesDroppedAtOnce + 44
        let recursive = AddWatchRequest(path: "/w0", mode: .persistentRecursive)
        _ = bench.tree.apply(.addWatch(recursive), by: bench.client, at: bench.time)
        for number in 1..<many {
            let request = AddWatchRequest(path: "/w\(number)", mode: .persistent)
            _ = bench.tree.apply(.addWatch(request), by: bench.client, at: bench.time)
        }
        for path in ["/w0", "/w1", "/w0/below"] { bench.create(path) }
        bench.get("/w1", watch: true, by: bench.other)
        bench.tree.removeWatches(of: bench.client.connection)
        #expect(bench.tree.watchCount == 1)
        #expect(bench.tree.watchPathBytes == 3)
        #expect(bench.tree.departedWatchCount == 2 * many)
        #expect(bench.tree.dataWatchers(of: "/w1") == [bench.other.connection])
        #expect(bench.set("/w0").told.isEmpty)
        #expect(bench.set("/w0/below").told.isEmpty)
        #expect(bench.set("/w1").told == ["2 nodeDataChanged /w1"])
        #if DEBUG
        bench.tree.checkInvariants()
        #endif
        var rounds = 0
        while bench.tree.departedWatchCount > 0 {
            let before = bench.tree.departedWatchCount
            bench.tree.sweepWatches(100)
            #expect(before - bench.tree.departedWatchCount == min(100, before))
            #if DEBUG
            bench.tree.checkInvariants()
            #endif
            rounds += 1
        }
        #expect(rounds == (2 * many + 99) / 100)
        #expect(bench.tree.watchedDataPathCount == 0)
    }

    // A2.11
    @Test func `setWatches tells what changed while away, and watches the rest`() {
        for path in ["/same", "/changed", "/gone", "/kids", "/quiet", "/lost"] {
            bench.create(path)
        }
        let seen = bench.tree.lastZxid
        bench.set("/changed")
        bench.delete("/gone")
        bench.create("/appeared")
        bench.create("/kids/new")
        bench.delete("/lost")
        let request = SetWatchesRequest(
            relativeZxid: seen,
            dataWatches: ["/same", "/changed", "/gone"],
            existWatches: ["/appeared", "/absent"],
            childWatches: ["/kids", "/quiet", "/lost"]
        )
        let outcome = bench.apply(.setWatches(request))
        #expect(outcome.response == .empty)
        #expect(
            outcome.told == [
                "1 nodeDataChanged /changed", "1 nodeDeleted /gone", "1 nodeCreated /appeared",
                "1 nodeChildrenChanged /kids", "1 nodeDeleted /lost",
            ]
        )
        #expect(bench.tree.watchCount == 3)
        #expect(bench.set("/same").told == ["1 nodeDataChanged /same"])
        #expect(bench.create("/absent").told == ["1 nodeCreated /absent"])
        #expect(bench.create("/quiet/x").told == ["1 nodeChildrenChanged /quiet"])
    }

    @Test func `setWatches2 sets persistent watches without catching up`() {
        bench.create("/a")
        let nothing = SetWatchesRequest(
            relativeZxid: 0,
            dataWatches: [],
            existWatches: [],
            childWatches: []
        )
        let request = SetWatches2Request(
            oneShot: nothing,
            persistentWatches: ["/a"],
            persistentRecursiveWatches: ["/r"]
        )
        #expect(bench.apply(.setWatches2(request)).told.isEmpty)
        #expect(bench.set("/a").told == ["1 nodeDataChanged /a"])
        #expect(bench.create("/r").told == ["1 nodeCreated /r"])
        #expect(bench.create("/r/x").told == ["1 nodeCreated /r/x"])
    }

    @Test func `setACL fires nothing`() {
        bench.create("/a")
        _ = addWatch("/a", .persistent)
        let request = SetACLRequest(path: "/a", acl: ACL.readUnsafe, version: -1)
        let outcome = bench.apply(.setACL(request))
        #expect(outcome.isChange)
        #expect(outcome.told.isEmpty)
    }

    @Test func `the end of a session fires like so many deletions`() {
        bench.create("/p")
        bench.create("/p/e1", .ephemeral, by: bench.other)
        bench.create("/p/e2", .ephemeral, by: bench.other)
        bench.list("/p", watch: true)
        _ = addWatch("/p", .persistentRecursive)
        let outcome = bench.apply(.closeSession, by: bench.other)
        #expect(
            Set(outcome.told) == [
                "1 nodeDeleted /p/e1", "1 nodeDeleted /p/e2", "1 nodeChildrenChanged /p",
            ]
        )
        #expect(outcome.told.count == 3)
    }
}
