import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@Suite(.needs(.zooKeeperServer)) struct ClientWatchTests {
    @Test func `one-shot watches are set with their reads and fire once on both servers`()
        async throws
    {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, relay in
                let absent = try await session.exists(watching: root)
                #expect(absent.stat == nil)
                try await session.create(root)
                var created = absent.watch.makeAsyncIterator()
                #expect(try await created.next() == event(.nodeCreated, root))
                #expect(try await created.next() == nil)
                let data = try await session.getData(watching: root)
                let list = try await session.getChildren(watching: root)
                #expect(list.children.isEmpty)
                try await session.create(root + "/a")
                try await session.setData(root, data: [1])
                try await session.setData(root, data: [2])
                var (changed, listed) = (
                    data.watch.makeAsyncIterator(), list.watch.makeAsyncIterator()
                )
                #expect(try await listed.next() == event(.nodeChildrenChanged, root))
                #expect(try await changed.next() == event(.nodeDataChanged, root))
                #expect(try await changed.next() == nil)
                // What happens while there is no connection fires when it is back.
                let again = try await session.getData(watching: root).watch
                try await stage.withSession { other, _ in
                    await relay.setDown(true)
                    try await other.setData(root, data: [3])
                    await relay.setDown(false)
                }
                var late = again.makeAsyncIterator()
                #expect(try await late.next() == event(.nodeDataChanged, root))
            }
        }
    }

    @Test func `persistent watches tell the same on both servers, and on old ones`() async throws {
        try await ServerStage.onBoth(alsoOld: true) { stage, root in
            try await stage.withSession { session, relay in
                try await session.create(root)
                // Where watches are emulated a wider one later is a gap of its own.
                let wide = stage.isOld ? try await deepWatch(session, root) : nil
                let plain = try await session.watch(root, mode: .persistent)
                let deep: Watch
                if let wide { deep = wide } else { deep = try await deepWatch(session, root) }
                var (shallow, all) = (plain.makeAsyncIterator(), deep.makeAsyncIterator())
                try await session.create(root + "/a")
                #expect(try await all.next() == event(.nodeCreated, root + "/a"))
                #expect(try await shallow.next() == event(.nodeChildrenChanged, root))
                try await session.create(root + "/a/b")
                #expect(try await all.next() == event(.nodeCreated, root + "/a/b"))
                try await session.setData(root + "/a/b", data: [1])
                #expect(try await all.next() == event(.nodeDataChanged, root + "/a/b"))
                try await session.setData(root, data: [1])
                #expect(try await all.next() == event(.nodeDataChanged, root))
                #expect(try await shallow.next() == event(.nodeDataChanged, root))
                await relay.cut()
                #expect(try await all.next() == .resync(.reconnected), "on \(stage.name)")
                #expect(try await shallow.next() == .resync(.reconnected))
                try await session.delete(root + "/a/b")
                #expect(try await all.next() == event(.nodeDeleted, root + "/a/b"))
                try await session.delete(root + "/a")
                #expect(try await all.next() == event(.nodeDeleted, root + "/a"))
                #expect(try await shallow.next() == event(.nodeChildrenChanged, root))
            }
        }
    }

    @Test func `a one-shot watch beside a persistent one ends neither`() async throws {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, _ in
                try await session.create(root)
                let watch = try await session.watch(root, mode: .persistent)
                var persistent = watch.makeAsyncIterator()
                for number in 0..<3 as Range<UInt8> {
                    let once = try await session.getData(watching: root).watch
                    try await session.setData(root, data: [number])
                    var single = once.makeAsyncIterator()
                    #expect(try await single.next() == event(.nodeDataChanged, root))
                    #expect(
                        try await persistent.next() == event(.nodeDataChanged, root),
                        "\(number) on \(stage.name)"
                    )
                }
            }
        }
    }

    @Test func `watches that are given up are gone at the server`() async throws {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, relay in
                try await session.create(root)
                let watch = try await session.watch(root, mode: .persistentRecursive)
                #expect(try await session.checkWatches(root))
                watch.cancel()
                let isGone = try await eventually {
                    try await session.checkWatches(root) == false
                }
                #expect(isGone, "on \(stage.name)")
                #expect(await relay.count(.removeWatches) == 1)
            }
        }
    }

    private func deepWatch(_ session: ZooKeeperSession, _ path: String) async throws -> Watch {
        try await session.watch(path, mode: .persistentRecursive)
    }

    private func event(_ type: WatchEvent.Kind, _ path: String) -> WatchElement {
        .event(WatchEvent(type, path: path))
    }
}
