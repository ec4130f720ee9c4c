import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct CacheEngineTests {
    /// A cache on a model tree, with requests that are answered when the test wants it.
    private struct Rig {
        var tree = ModelTree()
        var engine: CacheEngine
        var asked: [(tag: UInt64, request: Request)] = []
        var changes: [CacheChange] = []

        init(_ top: String, depthMax: Int = .max, nodesMax: Int = 1_000_000) {
            engine = CacheEngine(top, depthMax: depthMax, nodesMax: nodesMax)
            tree.recursive = [top]
        }

        mutating func collect() {
            while let next = engine.next() { asked.append(next) }
            changes += engine.takeChanges()
        }

        mutating func change(_ body: (inout ModelTree) -> [WatchEvent]) {
            for event in body(&tree) { engine.take(.event(event)) }
            collect()
        }

        /// Changes that nobody tells of, as when there is no connection.
        mutating func changeUnseen(_ body: (inout ModelTree) -> Void) { body(&tree) }

        mutating func answerOne() {
            guard !asked.isEmpty else { return }
            let (tag, request) = asked.removeFirst()
            engine.take(tree.answer(request), tag: tag)
            collect()
        }

        mutating func answerAll() {
            collect()
            while !asked.isEmpty { answerOne() }
        }

        mutating func start() {
            engine.established()
            answerAll()
        }

        mutating func takeTexts() -> [String] {
            defer { changes = [] }
            return changes.map { change in
                switch change {
                case .initialized: "initialized"
                case .created(let node): "created \(node.path)"
                case .changed(let node, let old):
                    "changed \(node.path) \(old.stat.version)-\(node.stat.version)"
                case .deleted(let node): "deleted \(node.path)"
                case .resynced: "resynced"
                case .overflow: "overflow"
                }
            }
        }
    }

    @Test func `what is there is read once, and each change tells itself`() {
        var rig = Rig("/a")
        for path in ["/a", "/a/b", "/a/b/c", "/elsewhere"] { _ = rig.tree.create(path) }
        rig.start()
        #expect(
            rig.takeTexts() == ["created /a", "created /a/b", "created /a/b/c", "initialized"]
        )
        #expect(rig.tree.listings == 2)
        rig.change { $0.create("/a/d", data: [1]) }
        rig.answerAll()
        rig.change { $0.set("/a/d", [2]) }
        rig.answerAll()
        rig.change { $0.delete("/a/b/c") }
        rig.change { $0.delete("/a/b") }
        rig.answerAll()
        #expect(
            rig.takeTexts()
                == ["created /a/d", "changed /a/d 0-1", "deleted /a/b/c", "deleted /a/b"]
        )
        #expect(rig.engine.entries["/a/d"]?.node.data == [2])
        #expect(rig.engine.entries["/a"]?.children == ["d"])
        #expect(rig.tree.listings == 2)
    }

    @Test func `a change in a tree of 100,000 znodes costs one read and no list`() {
        var engine = CacheEngine("/a", depthMax: .max, nodesMax: 1_000_000)
        engine.established()
        let names = (0..<100_000).map { "n\($0)" }
        var stat = Stat.sample
        (stat.numChildren, stat.ephemeralOwner) = (100_000, 0)
        while let (tag, request) = engine.next() {
            switch request {
            case .getData(let record):
                if record.path != "/a" { stat.numChildren = 0 }
                engine.take(.success(.data(GetDataResponse(data: [], stat: stat))), tag: tag)
            case .getChildren: engine.take(.success(.names(names)), tag: tag)
            default: Issue.record("\(request)")
            }
        }
        #expect(engine.isInitialized)
        #expect(engine.entries.count == 100_001)
        #expect(engine.takeChanges().count == 100_002)
        for (type, path) in [
            (WatchEvent.Kind.nodeDataChanged, "/a/n5"), (.nodeCreated, "/a/new"),
        ] {
            engine.take(.event(WatchEvent(type, path: path)))
            var reads: [Request] = []
            while let (tag, request) = engine.next() {
                reads.append(request)
                stat.mzxid += 1
                engine.take(.success(.data(GetDataResponse(data: [1], stat: stat))), tag: tag)
            }
            #expect(reads == [.getData(GetDataRequest(path: path, watch: false))])
            #expect(engine.takeChanges().count == 1)
        }
        engine.take(.event(WatchEvent(.nodeDeleted, path: "/a/n6")))
        #expect(engine.next() == nil)
        #expect(engine.takeChanges().count == 1)
    }

    @Test func `after a gap only what differs is read, and told`() {
        var rig = Rig("/a")
        for path in ["/a", "/a/b", "/a/b/c", "/a/d", "/a/e", "/a/e/f"] { _ = rig.tree.create(path) }
        rig.start()
        _ = rig.takeTexts()
        rig.changeUnseen { tree in
            _ = tree.set("/a/d")
            _ = tree.delete("/a/b/c")
            _ = tree.delete("/a/e/f")
            _ = tree.delete("/a/e")
            _ = tree.create("/a/e")
            _ = tree.create("/a/g")
            _ = tree.create("/a/g/h")
        }
        rig.engine.take(.resync(.reconnected))
        rig.answerAll()
        #expect(
            Set(rig.takeTexts()) == [
                "changed /a/d 0-1", "deleted /a/b/c", "deleted /a/e/f", "deleted /a/e",
                "created /a/e", "created /a/g", "created /a/g/h", "resynced",
            ]
        )
        rig.engine.take(.resync(.expired))
        rig.answerAll()
        #expect(rig.takeTexts() == ["resynced"])
        rig.changeUnseen { tree in
            for path in ["/a/b", "/a/d", "/a/e", "/a/g/h", "/a/g", "/a"] { _ = tree.delete(path) }
        }
        rig.engine.take(.resync(.overflow))
        rig.answerAll()
        #expect(rig.engine.entries.isEmpty)
        #expect(rig.takeTexts().last == "resynced")
    }

    @Test func `a gap during the walk starts it anew`() {
        var rig = Rig("/a")
        for path in ["/a", "/a/b", "/a/c"] { _ = rig.tree.create(path) }
        rig.engine.established()
        rig.collect()
        rig.answerOne()
        let lost = rig.asked.removeFirst()
        rig.engine.take(.failure(ZooKeeperError(.outcomeUnknown, "gone")), tag: lost.tag)
        rig.engine.take(.resync(.reconnected))
        rig.answerAll()
        #expect(rig.engine.isInitialized)
        #expect(rig.engine.entries.count == 3)
        #expect(rig.takeTexts().last == "initialized")
    }

    @Test func `absence is known too, and levels and numbers have bounds`() {
        var absent = Rig("/a", depthMax: 0)
        absent.start()
        #expect(absent.takeTexts() == ["initialized"])
        absent.change { $0.create("/a") }
        absent.change { $0.create("/a/b") }
        absent.answerAll()
        #expect(absent.takeTexts() == ["created /a"])
        var shallow = Rig("/", depthMax: 1)
        for path in ["/a", "/a/b", "/c"] { _ = shallow.tree.create(path) }
        shallow.start()
        #expect(shallow.takeTexts() == ["created /", "created /a", "created /c", "initialized"])
        shallow.change { $0.create("/a/d") }
        #expect(shallow.asked.isEmpty)
        var small = Rig("/", nodesMax: 3)
        for path in ["/a", "/b", "/c"] { _ = small.tree.create(path) }
        small.start()
        #expect(small.engine.failure?.code == .overloaded)
    }

    @Test func `what may not be read is kept without data, and what is below it too`() {
        var engine = CacheEngine("/a", depthMax: .max, nodesMax: 100)
        engine.established()
        var stat = Stat.sample
        (stat.numChildren, stat.ephemeralOwner) = (1, 0)
        while let (tag, request) = engine.next() {
            switch request {
            case .getData(let record) where record.path == "/a":
                engine.take(.failure(ZooKeeperError(refused: .noAuth, "/a")), tag: tag)
            case .getData:
                stat.numChildren = 0
                engine.take(.success(.data(GetDataResponse(data: [1], stat: stat))), tag: tag)
            case .exists: engine.take(.success(.stat(stat)), tag: tag)
            default: engine.take(.success(.names(["b"])), tag: tag)
            }
        }
        #expect(engine.entries["/a"]?.node.data == nil)
        #expect(engine.entries["/a/b"]?.node.data == [1])
        #expect(engine.isInitialized)
    }

    @Test func `a crowded server is asked again after a pause`() {
        var rig = Rig("/a")
        _ = rig.tree.create("/a")
        rig.engine.established()
        rig.collect()
        let first = rig.asked.removeFirst()
        let crowded = ZooKeeperError(refused: .throttledOp, "/a")
        rig.engine.take(.failure(crowded), tag: first.tag)
        rig.collect()
        #expect(rig.asked.isEmpty)
        #expect(rig.engine.isPaused)
        rig.engine.resume()
        rig.answerAll()
        #expect(rig.takeTexts() == ["created /a", "initialized"])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `whatever happens in whatever order, the copy ends as the tree`(salt: UInt64) {
        var random = Seed.generator(salt)
        var rig = Rig("/a")
        let names = ["/a", "/a/x", "/a/y", "/a/x/p", "/a/x/q", "/a/y/p", "/a/x/p/z"]
        for path in names.prefix(4) { _ = rig.tree.create(path) }
        rig.engine.established()
        rig.collect()
        var shadow: [String: Int32] = [:]
        for _ in 0..<800 {
            let path = names[Int.random(in: 0..<names.count, using: &random)]
            switch Int.random(in: 0..<40, using: &random) {
            case 0: reconnect(&rig, &random)
            case 1..<10: rig.change { $0.create(path) }
            case 10..<15: rig.change { $0.delete(path) }
            case 15..<22: rig.change { $0.set(path) }
            default: rig.answerOne()
            }
            note(&rig, &shadow)
        }
        rig.answerAll()
        note(&rig, &shadow)
        var wanted: [String: Int32] = [:]
        for (path, node) in rig.tree.nodes where ZNodePath.isSame(path, orBelow: "/a") {
            wanted[path] = node.version
        }
        let copy = rig.engine.entries.mapValues { $0.node.stat.version }
        #expect(copy == wanted, "MUSTER_SEED=\(Seed.current), salt \(salt)")
        #expect(shadow == wanted, "MUSTER_SEED=\(Seed.current), salt \(salt)")
        for (path, entry) in rig.engine.entries {
            #expect(entry.children == Set(rig.tree.names(path)))
        }
    }

    /// Requests on the way fail, changes go unseen, then the watch is back.
    private func reconnect(_ rig: inout Rig, _ random: inout SeededGenerator) {
        for (tag, _) in rig.asked {
            rig.engine.take(.failure(ZooKeeperError(.outcomeUnknown, "gone")), tag: tag)
        }
        rig.asked = []
        for path in ["/a/x/p", "/a/y", "/a/x/q"] where Bool.random(using: &random) {
            _ = rig.tree.delete(path)
            _ = rig.tree.create(path)
        }
        rig.engine.take(.resync(.reconnected))
        rig.collect()
    }

    private func note(_ rig: inout Rig, _ shadow: inout [String: Int32]) {
        for change in rig.changes {
            switch change {
            case .created(let node):
                #expect(shadow[node.path] == nil)
                shadow[node.path] = node.stat.version
            case .changed(let node, let old):
                #expect(shadow[node.path] == old.stat.version)
                shadow[node.path] = node.stat.version
            case .deleted(let node): #expect(shadow.removeValue(forKey: node.path) != nil)
            case .initialized, .resynced, .overflow: break
            }
        }
        rig.changes = []
    }
}
