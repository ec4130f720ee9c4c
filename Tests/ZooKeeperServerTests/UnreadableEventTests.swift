import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// Events name paths, so they are only for those who may read the node (seen with Debian's ZooKeeper 3.8).
@Suite struct UnreadableEventTests {
    private let bench = ServerBench()
    private let owner: ConnectionID
    private let stranger: ConnectionID
    private let hidden = [ACL(.all, scheme: "auth", id: "")]

    init() {
        (owner, stranger) = (bench.client(), bench.client())
        let credential = Array("o:o".utf8)
        _ = bench.ask(
            .auth(AuthPacket(type: 0, scheme: "digest", credential: credential)),
            on: owner
        )
    }

    private func create(_ path: String, _ acl: [ACL] = ACL.openUnsafe) {
        let request = CreateRequest(path: path, data: [], acl: acl, mode: .persistent)
        #expect(bench.ask(.create(request), on: owner)?.error == .ok)
    }

    private func told(_ id: ConnectionID) -> [String] {
        bench.take(id).compactMap(\.event).map { "\($0.type) \($0.path)" }
    }

    @Test func `a recursive watch tells a stranger nothing of nodes that it may not read`() {
        for id in [owner, stranger] {
            let request = AddWatchRequest(path: "/", mode: .persistentRecursive)
            #expect(bench.ask(.addWatch(request), on: id)?.error == .ok)
        }
        create("/open")
        create("/hidden", hidden)
        _ = bench.ask(.setData(SetDataRequest(path: "/hidden", data: [], version: -1)), on: owner)
        create("/hidden/open")
        _ = bench.ask(.delete(DeleteRequest(path: "/hidden/open", version: -1)), on: owner)
        _ = bench.ask(.delete(DeleteRequest(path: "/hidden", version: -1)), on: owner)
        #expect(
            told(stranger) == [
                "nodeCreated /open", "nodeCreated /hidden/open", "nodeDeleted /hidden/open",
            ]
        )
    }

    @Test func `a watch on an unreadable node is used up all the same`() {
        create("/hidden", hidden)
        let watch = Request.exists(ExistsRequest(path: "/hidden", watch: true))
        #expect(bench.ask(watch, on: stranger)?.error == .ok)
        #expect(bench.watchCount == 1)
        #expect(bench.ask(watch, on: owner)?.error == .ok)
        bench.request(.setData(SetDataRequest(path: "/hidden", data: [], version: -1)), on: owner)
        #expect(told(owner) == ["nodeDataChanged /hidden"])
        #expect(told(stranger) == [])
        #expect(bench.watchCount == 0)
    }

    @Test func `a list of children is told by the access list of the parent`() {
        create("/open")
        create("/hidden", hidden)
        let recursive = AddWatchRequest(path: "/hidden", mode: .persistent)
        _ = bench.ask(.addWatch(recursive), on: stranger)
        let children = GetChildrenRequest(path: "/open", watch: true)
        _ = bench.ask(.getChildren(children), on: stranger)
        create("/hidden/child")
        create("/open/child", hidden)
        #expect(told(stranger) == ["nodeChildrenChanged /open"])
    }
}
