import Testing
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// Listings whose bytes all readers share: a thousand providers, re-listed by many consumers.
@Suite struct ListingTests {
    private let bench = ServerBench()

    private func fill(_ bench: ServerBench, _ count: Int) -> ConnectionID {
        let writer = bench.client()
        bench.request(bench.create("/s"), on: writer)
        for number in 0..<count { bench.request(bench.create(Self.path(number)), on: writer) }
        _ = bench.take(writer)
        return writer
    }

    private static func path(_ number: Int) -> String {
        "/s/" + String(repeating: "p", count: 240) + "\(number)"
    }

    private func list(_ watch: Bool = false) -> Request {
        .getChildren(GetChildrenRequest(path: "/s", watch: watch))
    }

    private func list2() -> Request {
        .getChildren2(GetChildrenRequest(path: "/s", watch: false))
    }

    @Test(arguments: [0, 3, 100])
    func `a listing has the bytes of the response`(count: Int) throws {
        let client = fill(bench, count)
        let names = try #require(bench.ask(list(), on: client))
        guard case .names(let all)? = names.response(.getChildren) else {
            Issue.record("no names")
            return
        }
        #expect(Set(all) == Set((0..<count).map { String(Self.path($0).dropFirst(3)) }))
        var writer = ByteWriter()
        Response.names(all).encode(into: &writer)
        #expect(names.body == writer.bytes)
        let both = try #require(bench.ask(list2(), on: client))
        guard case .children(let children)? = both.response(.getChildren2) else {
            Issue.record("no children")
            return
        }
        #expect(children.children == all)
        #expect(children.stat.numChildren == count)
        #expect(names.zxid == bench.lastZxid)
        #expect(both.zxid == bench.lastZxid)
    }

    // A2.3
    @Test func `a thousand consumers that list again after each change have it encoded once`() {
        let writer = fill(bench, 100)
        let consumers = (0..<1_000).map { _ in bench.client() }
        for consumer in consumers { bench.request(list(true), on: consumer) }
        let before = bench.engine.tree.listsEncoded
        for round in 0..<4 {
            for consumer in consumers { _ = bench.takeBytes(consumer) }
            if round % 2 == 0 {
                bench.request(.delete(DeleteRequest(path: Self.path(7), version: -1)), on: writer)
            } else {
                bench.request(bench.create(Self.path(7)), on: writer)
            }
            for consumer in consumers {
                #expect(bench.take(consumer).map(\.text) == ["nodeChildrenChanged /s"])
                bench.request(list(true), on: consumer)
            }
        }
        #expect(bench.engine.tree.listsEncoded == before + 4)
        #expect(bench.watchCount == 1_000)
        #expect(bench.unsentTotal == 0)
        #expect(bench.engine.sharedNames.count == 0)
    }

    @Test func `bytes that many readers share are counted once in all and fully for each`() {
        _ = fill(bench, 300)
        let readers = (0..<50).map { _ in bench.client() }
        bench.deaf = Set(readers)
        for reader in readers {
            for _ in 0..<3 { bench.request(list(), on: reader) }
            bench.request(.ping, on: reader)
        }
        let names = bench.engine.sharedNames.count
        #expect(names > 70_000 && names < 76_000)
        // Three heads of 20 bytes and a ping's answer each.
        #expect(bench.unsentTotal == 50 * 80)
        for reader in readers {
            #expect(bench.engine.connections[reader]?.backlog == 3 * (names + 20) + 20)
        }
        // Some read, the first one in the middle of its second listing; one goes.
        bench.engine.written(readers[0], unsent: names + 20 + 1_000)
        #expect(bench.engine.sharedNames.count == names)
        for reader in readers.dropFirst(2) { bench.drain(reader) }
        #expect(bench.engine.sharedNames.count == names)
        bench.hangUp(readers[1])
        bench.drain(readers[0])
        #expect(bench.engine.sharedNames.count == 0)
        #expect(bench.unsentTotal == 0)
    }

    @Test func `a listing is written in one go, head and names`() {
        _ = fill(bench, 300)
        let reader = bench.client()
        let before = bench.log.count
        bench.request(list(), on: reader)
        let names = bench.takeBytes(reader).dropFirst(20)
        let actions = Array(bench.log[before...])
        #expect(actions.count == 3)
        guard case .send(reader, let head) = actions[0], case .send(reader, let tail) = actions[1]
        else {
            Issue.record("\(actions.count) actions, not head, names and flush")
            return
        }
        #expect(head.count == 20)
        #expect(tail == Array(names))
        #expect(actions[2] == .flush(reader))
    }

    @Test func `a listing that shows what is not durable waits, in order`() throws {
        let bench = ServerBench(durability: .external)
        let (writer, reader) = (bench.client(), bench.client())
        bench.becomeDurable(upTo: bench.lastZxid)
        bench.request(bench.create("/s"), on: writer)
        for number in 0..<50 { bench.request(bench.create(Self.path(number)), on: writer) }
        bench.request(list(), xid: 1, on: reader)
        bench.request(list2(), xid: 2, on: reader)
        bench.request(.ping, on: reader)
        _ = bench.takeFrames(reader)
        #expect(bench.heldCount == 54)
        bench.becomeDurable(upTo: bench.lastZxid)
        let messages = bench.take(reader)
        #expect(messages.map(\.text) == ["reply 1", "reply 2", "reply -2"])
        #expect(messages.map(\.zxid).allSatisfy { $0 <= bench.lastZxid })
        #expect(try #require(messages[0].response(.getChildren)).names?.count == 50)
    }
}

extension Response {
    fileprivate var names: [String]? { if case .names(let names) = self { names } else { nil } }
}
