import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@Suite(.needs(.zooKeeperServer)) struct ClientWriteTests {
    private let policy = RetryPolicy.times(50, pause: .milliseconds(50))

    @Test func `A14.6 fifty concurrent callers make one path on both servers`() async throws {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, _ in
                let path = root + "/b/c/d"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            if number % 2 == 0 {
                                try await session.ensurePath(path)
                            } else {
                                try await session.ensureParents(of: path + "/e", mode: .container)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await session.exists(path) != nil)
                #expect(try await session.exists(path + "/e") == nil)
                #expect(try await session.getAllChildrenNumber(root) == 3)
            }
        }
    }

    @Test func `A14.2 writes over breaking connections are done once on both servers`()
        async throws
    {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, relay in
                try await session.ensurePath(root)
                for fault in [FaultRelay.Fault.before, .after] {
                    await relay.fault(.create, fault, fault)
                    let lock = try await session.createProtected(root + "/l-", retrying: policy)
                    #expect(try await session.getChildren(root) == [ZNodePath.name(of: lock)])
                    await relay.fault(.delete, fault)
                    #expect(try await session.deleteGuaranteed(lock) == .inBackground)
                    let isGone = try await eventually { try await session.exists(lock) == nil }
                    #expect(isGone, "on \(stage.name)")
                    let isQuiet = await eventually {
                        await session.backgroundDeletionsCount == 0
                    }
                    #expect(isQuiet)
                    let node = root + "/n"
                    await relay.fault(.create, fault)
                    try await session.create(node, data: [1], retrying: policy)
                    await relay.fault(.setData, fault)
                    let stat = try await session.setData(
                        node,
                        data: [2],
                        version: 0,
                        retrying: policy
                    )
                    #expect(stat.version == 1)
                    await relay.fault(.delete, fault)
                    try await session.delete(node, version: 1, retrying: policy)
                    #expect(try await session.getChildren(root) == [])
                }
            }
        }
    }

    @Test func `a tree of a thousand znodes goes in pipelined rounds on both servers`()
        async throws
    {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, relay in
                let parents = (0..<30).map { "\(root)/\($0)" }
                let paths = parents.flatMap { parent in (0..<30).map { "\(parent)/\($0)" } }
                let made = await session.batch(
                    ([root] + parents + paths).map { path in
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
                #expect(made.count == 931)
                await relay.fault(.delete, .after)
                try await session.deleteRecursively(root, retrying: policy)
                #expect(try await session.exists(root) == nil, "on \(stage.name)")
                try await session.deleteRecursively(root)
                #expect(try await session.createOrSet(root, data: [1]))
                #expect(try await session.createOrSet(root, data: [2]) == false)
                try await session.create(root + "/x")
                try await session.deleteChildren(of: root)
                #expect(try await session.getData(root).data == [2])
                try await session.deleteChildren(of: "/")
                #expect(try await session.getChildren("/") == ["zookeeper"])
            }
        }
    }

    @Test func `A14.5 sequential children are sorted by number on both servers`() async throws {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, _ in
                try await session.ensurePath(root)
                for prefix in ["z-", "a-", "m-"] {
                    let path = ZNodePath.make(root, prefix)
                    try await session.create(path, mode: .ephemeralSequential)
                }
                let names = ZNodePath.sortedBySequence(try await session.getChildren(root))
                #expect(names == ["z-0000000000", "a-0000000001", "m-0000000002"])
            }
        }
    }
}
