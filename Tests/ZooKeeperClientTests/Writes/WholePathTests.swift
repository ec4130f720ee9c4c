import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct WholePathTests {
    @Test func `A14.6 a path is made level by level, and only where something is missing`() async {
        let server = TreeServer()
        server.make("/a")
        await withScriptedSession(script: server.script) { session, _ in
            try await session.ensurePath("/a/b/c")
            #expect(server.paths == ["/a", "/a/b", "/a/b/c"])
            #expect(server.count(.create) == 3)
            try await session.ensurePath("/a/b/c")
            #expect(server.count(.create) == 3)
            try await session.ensureParents(of: "/x/y/z", mode: .container)
            #expect(server.paths.suffix(2) == ["/x", "/x/y"])
            try await session.ensureParents(of: "/x")
            let once = EnsurePath("/once")
            try await once.ensure(with: session)
            let asked = server.count(.exists)
            try await once.ensure(with: session)
            #expect(server.count(.exists) == asked)
            let bad = await #expect(throws: ZooKeeperError.self) {
                try await session.ensurePath("/e", mode: .ephemeral)
            }
            #expect(bad?.code == .badArgument)
        }
    }

    @Test func `a tree is removed with all below it, also over lost connections`() async {
        let server = TreeServer()
        server.make("/a", "/a/b", "/a/b/c", "/a/d", "/z", "/zookeeper", "/zookeeper/quota")
        await withScriptedSession(script: server.script) { session, _ in
            let policy = RetryPolicy.times(20, pause: .milliseconds(20))
            server.fault(.getChildren, .before)
            server.fault(.delete, .after, .before)
            try await session.deleteRecursively("/a", retrying: policy)
            #expect(server.paths == ["/z", "/zookeeper", "/zookeeper/quota"])
            try await session.deleteRecursively("/a")
            try await session.deleteChildren(of: "/none")
            let root = await #expect(throws: ZooKeeperError.self) {
                try await session.deleteRecursively("/")
            }
            #expect(root?.code == .badArgument)
            try await session.deleteChildren(of: "/")
            #expect(server.paths == ["/zookeeper", "/zookeeper/quota"])
        }
    }

    @Test func `data is written whether the znode is there or not`() async {
        let server = TreeServer()
        await withScriptedSession(script: server.script) { session, _ in
            let isMade = try await session.createOrSet("/a", data: [1])
            #expect(isMade)
            #expect(try await session.createOrSet("/a", data: [2]) == false)
            #expect(try await session.getData("/a").data == [2])
            let absent = await #expect(throws: ZooKeeperError.self) {
                try await session.createOrSet("/no/a", data: [1])
            }
            #expect(absent?.server == .noNode)
        }
    }

    @Test func `A14.2 an interrupted deletion happens in the background`() async {
        let server = TreeServer()
        server.make("/a", "/b", "/c", "/c/d")
        await withScriptedSession(script: server.script) { session, _ in
            let none = try await session.deleteGuaranteed("/none")
            #expect(none == .done)
            #expect(try await session.deleteGuaranteed("/b") == .done)
            server.fault(.delete, .before, .before)
            #expect(try await session.deleteGuaranteed("/a") == .inBackground)
            let isGone = await eventually { !server.paths.contains("/a") }
            #expect(isGone)
            let isQuiet = await eventually { await session.backgroundDeletionsCount == 0 }
            #expect(isQuiet)
            let refused = await #expect(throws: ZooKeeperError.self) {
                try await session.deleteGuaranteed("/c")
            }
            #expect(refused?.server == .notEmpty)
            // Refused in the background: nobody waits for it, so it is forgotten.
            server.fault(.delete, .before)
            #expect(try await session.deleteGuaranteed("/c") == .inBackground)
            let isForgotten = await eventually { await session.backgroundDeletionsCount == 0 }
            #expect(isForgotten)
            #expect(server.paths == ["/c", "/c/d"])
        }
    }
}
