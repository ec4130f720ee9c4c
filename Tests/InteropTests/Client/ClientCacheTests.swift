import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@Suite(.needs(.zooKeeperServer)) struct ClientCacheTests {
    @Test func `A14.1 one subscription sees the tenth of ten changes, with an expiry among them`()
        async throws
    {
        try await ServerStage.onBoth(tickMilliseconds: 200, alsoOld: true) { stage, root in
            try await stage.withSession { other, _ in
                try await other.create(root)
                try await stage.withSession(timeout: .milliseconds(800)) { session, relay in
                    let (data, list) = (NodeCache(session, root), ChildrenCache(session, root))
                    try await data.start()
                    try await list.start()
                    let own = root + "/own"
                    try await session.create(own, mode: .ephemeral)
                    for change in 1...10 as ClosedRange<UInt8> {
                        if change == 5 { await relay.setDown(true) }
                        try await other.setData(root, data: [change])
                        try await other.create("\(root)/\(change)", data: [change])
                        guard change == 7 else { continue }
                        let isExpired = try await eventually { try await other.exists(own) == nil }
                        #expect(isExpired, "on \(stage.name)")
                        await relay.setDown(false)
                    }
                    let hasData = await eventually { await data.node?.data == [10] }
                    #expect(hasData, "on \(stage.name)")
                    let hasAll = await eventually { await list.children.count == 10 }
                    #expect(hasAll, "on \(stage.name)")
                    #expect(await list.child("7")?.data == [7])
                    #expect(await list.child("own") == nil)
                }
                try await other.deleteRecursively(root)
            }
        }
    }

    @Test func `caches follow cut connections and tell each change once`() async throws {
        try await ServerStage.onBoth(alsoOld: true) { stage, root in
            try await stage.withSession { other, _ in
                try await other.create(root)
                try await stage.withSession { session, relay in
                    let tree = TreeCache(session, root)
                    let changes = await tree.changes()
                    try await tree.start()
                    try await other.create(root + "/a", data: [1])
                    let isThere = await eventually { await tree.node(root + "/a") != nil }
                    #expect(isThere)
                    await relay.setDown(true)
                    try await other.create(root + "/b")
                    try await other.create(root + "/b/c")
                    try await other.setData(root + "/a", data: [2])
                    await relay.setDown(false)
                    let isWhole = await eventually { await tree.node(root + "/b/c") != nil }
                    #expect(isWhole, "on \(stage.name)")
                    try await other.delete(root + "/a")
                    var texts: [String] = []
                    for try await change in changes {
                        switch change {
                        case .created(let node): texts.append("created \(node.path)")
                        case .changed(let node, _): texts.append("changed \(node.path)")
                        case .deleted(let node): texts.append("deleted \(node.path)")
                        case .initialized, .resynced, .overflow: continue
                        }
                        if texts.last?.hasPrefix("deleted") == true { break }
                    }
                    #expect(texts.count == 6, "on \(stage.name): \(texts)")
                    #expect(
                        Set(texts) == [
                            "created \(root)", "created \(root)/a", "changed \(root)/a",
                            "created \(root)/b", "created \(root)/b/c", "deleted \(root)/a",
                        ]
                    )
                    await tree.close()
                }
                try await other.deleteRecursively(root)
            }
        }
    }

    @Test func `a tree cache lists nothing for a change among thousands of znodes`() async throws {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, relay in
                try await session.create(root)
                let paths = (0..<4_000).map { "\(root)/\($0)" }
                _ = await session.batch(
                    paths.map { path in
                        .create(
                            CreateRequest(
                                path: path,
                                data: [],
                                acl: ACL.openUnsafe,
                                mode: .persistent
                            )
                        )
                    }
                )
                let tree = TreeCache(session, root)
                try await tree.start()
                #expect(await tree.count == 4_001)
                let listings = await relay.count(.getChildren)
                #expect(listings == 1)
                let reads = await relay.count(.getData)
                try await session.setData(paths[7], data: [1])
                try await session.create(root + "/new")
                try await session.delete(paths[8])
                let isDone = await eventually { await tree.node(root + "/new") != nil }
                #expect(isDone)
                #expect(await tree.node(paths[7])?.data == [1])
                #expect(await tree.node(paths[8]) == nil)
                #expect(await relay.count(.getChildren) == listings, "on \(stage.name)")
                #expect(await relay.count(.getData) == reads + 2, "on \(stage.name)")
            }
        }
    }
}
