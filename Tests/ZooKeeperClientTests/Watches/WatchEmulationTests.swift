import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct WatchEmulationTests {
    /// An emulation on a model tree, with requests that are answered when the test wants it.
    private struct Rig {
        var tree = ModelTree()
        var emulation: WatchEmulation
        var asked: [(tag: UInt64, request: Request)] = []
        var events: [WatchEvent] = []

        init(_ top: String, isRecursive: Bool) {
            emulation = WatchEmulation(top, isRecursive: isRecursive)
        }

        mutating func collect() {
            while let next = emulation.next() { asked.append(next) }
            events += emulation.takeEvents()
        }

        mutating func change(_ body: (inout ModelTree) -> [WatchEvent]) {
            for event in body(&tree) { emulation.take(event) }
            collect()
        }

        mutating func answerOne() {
            guard !asked.isEmpty else { return }
            let (tag, request) = asked.removeFirst()
            emulation.take(tree.answer(request), tag: tag)
            collect()
        }

        mutating func answerAll() {
            collect()
            while !asked.isEmpty { answerOne() }
        }

        mutating func takeTexts() -> [String] {
            defer { events = [] }
            return events.map { "\($0.type) \($0.path)" }
        }
    }

    @Test func `a plain watch tells creation, data, child lists and deletion of its znode`() {
        var rig = Rig("/a", isRecursive: false)
        rig.answerAll()
        #expect(rig.emulation.isComplete)
        #expect(rig.takeTexts() == [])
        for (change, text) in [
            ({ (tree: inout ModelTree) in tree.create("/a") }, "nodeCreated /a"),
            ({ $0.set("/a") }, "nodeDataChanged /a"),
            ({ $0.create("/a/b") }, "nodeChildrenChanged /a"),
            ({ $0.create("/a/c") }, "nodeChildrenChanged /a"),
            ({ $0.delete("/a/b") }, "nodeChildrenChanged /a"),
        ] {
            rig.change(change)
            rig.answerAll()
            #expect(rig.takeTexts() == [text])
        }
        rig.change { $0.set("/a/c") }
        rig.change { $0.delete("/a/c") }
        rig.change { $0.delete("/a") }
        rig.answerAll()
        #expect(rig.takeTexts() == ["nodeDeleted /a"])
        rig.change { $0.create("/a") }
        rig.answerAll()
        #expect(rig.takeTexts() == ["nodeCreated /a"])
    }

    @Test func `a recursive watch finds what was made below before its watches were set`() {
        var rig = Rig("/a", isRecursive: true)
        _ = rig.tree.create("/a")
        _ = rig.tree.create("/a/old")
        rig.answerAll()
        #expect(rig.takeTexts() == [])
        rig.change { $0.create("/a/b") }
        rig.change { $0.create("/a/b/c") }
        rig.change { $0.create("/a/b/c/d") }
        rig.answerAll()
        #expect(
            rig.takeTexts() == ["nodeCreated /a/b", "nodeCreated /a/b/c", "nodeCreated /a/b/c/d"]
        )
        rig.change { $0.set("/a/old") }
        rig.change { $0.create("/elsewhere") }
        rig.answerAll()
        #expect(rig.takeTexts() == ["nodeDataChanged /a/old"])
    }

    @Test func `children that came and went leave no watches behind`() {
        var rig = Rig("/a", isRecursive: true)
        _ = rig.tree.create("/a")
        rig.answerAll()
        for number in 0..<200 {
            rig.change { $0.create("/a/\(number)", ephemeralOwner: 7) }
            if number % 2 == 0 { rig.answerAll() }
            rig.change { $0.delete("/a/\(number)") }
        }
        rig.answerAll()
        #expect(rig.tree.data == ["/a"])
        #expect(rig.tree.children == ["/a"])
    }

    @Test func `reads lost with a connection are made again, after an expiry all of them`() {
        var rig = Rig("/a", isRecursive: true)
        _ = rig.tree.create("/a")
        _ = rig.tree.create("/a/b")
        rig.collect()
        let (tag, _) = rig.asked.removeFirst()
        rig.emulation.take(.failure(ZooKeeperError(.outcomeUnknown, "gone")), tag: tag)
        rig.collect()
        #expect(rig.asked.isEmpty)
        rig.emulation.connected()
        rig.answerAll()
        #expect(rig.emulation.isComplete)
        rig.emulation.expired()
        #expect(!rig.emulation.isComplete)
        (rig.tree.data, rig.tree.children) = ([], [])
        rig.emulation.connected()
        rig.answerAll()
        #expect(rig.emulation.isComplete)
        #expect(rig.takeTexts() == [])
        #expect(rig.tree.data == ["/a", "/a/b"])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `whatever happens in whatever order, the events add up to the tree`(salt: UInt64) {
        var random = Seed.generator(salt)
        var rig = Rig("/a", isRecursive: true)
        var shadow: Set<String> = []
        let names = ["/a", "/a/x", "/a/y", "/a/x/p", "/a/x/q", "/a/y/p", "/a/x/p/z"]
        for path in names.prefix(2) { _ = rig.tree.create(path) }
        rig.answerAll()
        shadow.formUnion(names.prefix(2))
        for _ in 0..<600 {
            let path = names[Int.random(in: 0..<names.count, using: &random)]
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: rig.change { $0.create(path) }
            case 2: rig.change { $0.delete(path) }
            case 3: rig.change { $0.set(path) }
            default: rig.answerOne()
            }
            for event in rig.events { note(event, &shadow) }
            rig.events = []
        }
        rig.answerAll()
        for event in rig.events { note(event, &shadow) }
        let there = rig.tree.nodes.keys.filter { ZNodePath.isSame($0, orBelow: "/a") }
        #expect(shadow == Set(there), "MUSTER_SEED=\(Seed.current), salt \(salt)")
    }

    private func note(_ event: WatchEvent, _ shadow: inout Set<String>) {
        switch event.type {
        case .nodeCreated: #expect(shadow.insert(event.path).inserted, "twice: \(event.path)")
        case .nodeDeleted: #expect(shadow.remove(event.path) != nil, "never: \(event.path)")
        case .nodeDataChanged: #expect(shadow.contains(event.path))
        case .nodeChildrenChanged: Issue.record("a child list in a recursive watch")
        }
    }
}
