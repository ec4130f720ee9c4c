import Runtime
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@Suite(.needs(.zooKeeperServer)) struct ClientCallTests {
    /// A13.2, A13.3, A13.4, A13.5, A13.6, A13.7, A13.9.
    @Test func `A13.2 A13.3 A13.4 A13.5 A13.6 A13.7 A13.9 calls are alike on both servers`()
        async throws
    {
        try await ServerStage.onBoth { stage, _ in
            try await stage.withSession { session, _ in
                try await single(session)
                try await together(session)
            }
        }
    }

    private func single(_ session: ZooKeeperSession) async throws {
        #expect(try await session.create("/a", data: [1, 0, 255]) == "/a")
        #expect(await ServerStage.code { try await session.create("/a") }?.server == .nodeExists)
        #expect(await ServerStage.code { try await session.create("/x/y") }?.server == .noNode)
        let first = try await session.create("/a/s-", mode: .persistentSequential)
        #expect(first == "/a/s-0000000000")
        let (data, stat) = try await session.getData("/a")
        #expect(data == [1, 0, 255])
        #expect(stat.numChildren == 1)
        #expect(try await session.setData("/a", data: nil, version: 0).version == 1)
        let old = await ServerStage.code { try await session.setData("/a", data: [], version: 0) }
        #expect(old?.server == .badVersion)
        #expect(try await session.getChildren("/a") == ["s-0000000000"])
        #expect(try await session.getChildren2("/a").stat.cversion == 1)
        #expect(try await session.exists("/none") == nil)
        #expect(try await session.getACL("/a").acl == ACL.openUnsafe)
        try await session.sync("/a")
        #expect(await ServerStage.code { try await session.delete("/a") }?.server == .notEmpty)
        let newer = await ServerStage.code { try await session.delete(first, version: 5) }
        #expect(newer?.server == .badVersion)
        try await session.delete(first, version: 0)
    }

    private func together(_ session: ZooKeeperSession) async throws {
        var transaction = Transaction()
        transaction.check("/a", version: 1)
        transaction.create("/t")
        let item = transaction.create("/t/i-", data: [7], mode: .ephemeralSequential)
        let box = transaction.create("/box", mode: .container)
        let stat = transaction.setData("/a", data: [2], version: 1)
        let results = try await session.commit(transaction)
        #expect(results[item] == "/t/i-0000000000")
        #expect(results[box] == "/box")
        #expect(results[stat].version == 2)
        #expect(try await session.getData(results[item]).data == [7])
        var failing = Transaction()
        failing.create("/never")
        failing.check("/a", version: 1)
        failing.delete("/t/i-0000000000")
        let error = await ServerStage.code { try await session.commit(failing) }
        #expect(error?.operation == 1)
        #expect(error?.server == .badVersion)
        #expect(try await session.exists("/never") == nil)
        #expect(try await session.exists("/t/i-0000000000") != nil)
        let empty = try await session.commit(Transaction())
        #expect(empty.results.isEmpty)
    }

    @Test func `A13.10 thousands of pipelined calls come back in order on both servers`()
        async throws
    {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, _ in
                try await session.ensurePath(root)
                let paths = (0..<3_000).map { "\(root)/\($0)" }
                let made = await session.batch(
                    paths.map { path in
                        let data = Array(path.utf8)
                        let record = CreateRequest(
                            path: path,
                            data: data,
                            acl: ACL.openUnsafe,
                            mode: .persistent
                        )
                        return .create(record)
                    }
                )
                let answers = made.map { (try? $0.get()) ?? .empty }
                #expect(answers == paths.map { .path($0) })
                let read = await session.getData(paths + [root + "/none"])
                let data = read.map { try? $0.get().data }
                #expect(data.dropLast() == paths.map { Array($0.utf8) }[...])
                #expect(data.last == .some(nil))
                let stats = await session.exists([paths[0], root + "/none"])
                #expect(stats.map { (try? $0.get()) != .some(nil) } == [true, false])
                let list = try await session.getChildren([root])[0].get()
                #expect(list.count == 3_000)
                let deleted = await session.delete(paths + [root])
                #expect(deleted.allSatisfy { if case .success = $0 { true } else { false } })
            }
        }
    }

    @Test func `A13.1 a session is taken over with its password, and with no other`() async throws {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { first, relay in
                try await first.create(root, mode: .ephemeral)
                let identity = try #require(await first.identity)
                await relay.setDown(true)
                try await stage.withSession(identity: identity) { second, _ in
                    let stat = try await second.exists(root)
                    #expect(stat?.ephemeralOwner == identity.sessionID)
                    #expect(
                        await second.state
                            == .connected(sessionID: identity.sessionID, resumed: true)
                    )
                }
            }
            try await stage.withSession { owner, _ in
                try await owner.create(root, mode: .ephemeral)
                let own = try #require(await owner.identity)
                let forged = SessionIdentity(
                    sessionID: own.sessionID,
                    password: Array(repeating: 9, count: 16)
                )
                try await stage.withSession(identity: forged) { other, _ in
                    #expect(await other.waitUntilConnected())
                    let next = try #require(await other.identity).sessionID
                    #expect(next != own.sessionID)
                    #expect(await other.state == .connected(sessionID: next, resumed: false))
                }
            }
        }
    }
}
