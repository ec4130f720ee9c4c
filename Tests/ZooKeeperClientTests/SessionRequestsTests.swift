import ServiceModel
import TestSupport
import Testing
import Wire
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct SessionRequestsTests {
    @Test func `A13.9 replies belong to requests by order, in any pieces of the stream`() throws {
        var harness = EngineHarness()
        harness.connect()
        for tag in 1...50 as ClosedRange<UInt64> { harness.submit(.get("/\(tag)"), tag: tag) }
        var writer = ByteWriter()
        for xid in 1...50 as ClosedRange<Int32> {
            let record = GetDataResponse(data: [UInt8(xid)], stat: .sample)
            FrameWriter.append(.data(record), xid: xid, zxid: Int64(xid), to: &writer)
            if xid % 10 == 0 {
                FrameWriter.append(WatchEvent(.nodeCreated, path: "/\(xid)"), to: &writer)
            }
        }
        for byte in writer.bytes { harness.receive([byte]) }
        var order: [String] = []
        for event in harness.takeEvents() {
            switch event {
            case .reply(.sink(let tag), .success(.data(let record)), let zxid):
                #expect(record.data == [UInt8(tag)])
                #expect(zxid == Int64(tag))
                order.append("\(tag)")
            case .watch(let watch): order.append(watch.path)
            default: Issue.record("\(event)")
            }
        }
        let wanted = (1...50).flatMap { $0 % 10 == 0 ? ["\($0)", "/\($0)"] : ["\($0)"] }
        #expect(order == wanted)
    }

    @Test func `a reply out of order ends the connection, and nobody gets another's answer`() {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(.get("/a"), tag: 1)
        harness.submit(.get("/b"), tag: 2)
        harness.reply(.data(GetDataResponse(data: nil, stat: .sample)), xid: 2)
        let failures = harness.takeFailures()
        #expect(failures[1]?.code == .outcomeUnknown)
        #expect(failures[2]?.code == .outcomeUnknown)
        #expect(failures[1]?.message.contains("reply to xid 2 where 1 was next") == true)
    }

    @Test func `a reply of the wrong shape is told apart and ends the connection`() {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(.get("/a"), tag: 1)
        harness.reply(.path("/"), xid: 1)
        let failures = harness.takeFailures()
        #expect(failures[1]?.code == .badReply)
        #expect(harness.engine.attempt == 2)
    }

    @Test func `xids start again at 1 after the largest`() throws {
        var harness = EngineHarness()
        harness.connect()
        harness.engine.nextXID = .max
        harness.submit(.get("/a"))
        harness.submit(.get("/b"))
        #expect(try harness.takeRequests().map(\.xid) == [.max, 1])
    }

    @Test func `requests over the bound are refused, and taken again after a reply`() {
        var harness = EngineHarness()
        harness.connect()
        for tag in 0..<UInt64(Limits.requestsInFlightMax) { harness.submit(.get("/a"), tag: tag) }
        #expect(harness.takeFailures().isEmpty)
        harness.submit(.get("/a"), tag: 1)
        #expect(harness.takeFailures()[1]?.code == .overloaded)
        harness.reply(.data(GetDataResponse(data: nil, stat: .sample)), xid: 1)
        harness.submit(.get("/a"), tag: 2)
        #expect(harness.takeFailures().isEmpty)
    }

    @Test func `at the bound on watches new ones are refused, and old ones can be taken back`() {
        var harness = EngineHarness()
        harness.connect()
        for number in 0..<Limits.watchesMax {
            harness.engine.watches.answered(.data("/\(number)"), .ok)
        }
        harness.submit(.addWatch(AddWatchRequest(path: "/a", mode: .persistent)), tag: 1)
        #expect(harness.takeFailures()[1]?.code == .overloaded)
        harness.submit(.removeWatches(WatcherRequest(path: "/7", type: .data)), tag: 2)
        #expect(harness.takeFailures().isEmpty)
        harness.reply(.empty, xid: 1)
        harness.submit(.addWatch(AddWatchRequest(path: "/a", mode: .persistent)), tag: 3)
        #expect(harness.takeFailures().isEmpty)
    }

    @Test func `A1.16 a request over the servers' limit is refused here, one at the limit is sent`()
        throws
    {
        var harness = EngineHarness()
        harness.connect()
        func create(_ dataBytes: Int) -> Request {
            let data = [UInt8](repeating: 0, count: dataBytes)
            return .create(CreateRequest(path: "/a", data: data, mode: .persistent))
        }
        var probe = ByteWriter()
        FrameWriter.append(create(0), xid: 1, to: &probe)
        let room = 0xfffff - (probe.count - 4)
        harness.submit(create(room + 1), tag: 1)
        #expect(harness.takeFailures()[1]?.code == .badArgument)
        harness.submit(create(room), tag: 2)
        #expect(harness.takeFailures().isEmpty)
        #expect(try harness.takeRequests().count == 1)
    }

    @Test(arguments: ["", "a", "/a/", "/a//b", "/./a", "/a\u{0}"])
    func `a bad path is refused and never sent`(path: String) throws {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(.get(path), tag: 1)
        #expect(harness.takeFailures()[1]?.code == .badArgument)
        #expect(try harness.takeRequests().isEmpty)
    }

    @Test func `requests that are the session's own business are refused`() {
        for request in [Request.ping, .closeSession] {
            var harness = EngineHarness()
            harness.connect()
            harness.submit(request, tag: 1)
            #expect(harness.takeFailures()[1]?.code == .badArgument)
        }
    }

    @Test func `a chroot is put in front on the way out and taken off on the way in`() throws {
        var harness = EngineHarness { $0.chroot = "/app" }
        harness.connect()
        let create = CreateRequest(path: "/q/", data: nil, mode: .persistentSequential)
        harness.submit(.create(create), tag: 1)
        harness.submit(.get("/"), tag: 2)
        harness.submit(
            .multi(MultiRequest([.delete(DeleteRequest(path: "/x", version: -1))])),
            tag: 3
        )
        let sent = try harness.takeRequests().map(\.request)
        var wanted = create
        wanted.path = "/app/q/"
        let multi = MultiRequest([.delete(DeleteRequest(path: "/app/x", version: -1))])
        #expect(sent == [.create(wanted), .get("/app"), .multi(multi)])
        harness.reply(.path("/app/q/0000000001"), xid: 1)
        harness.fire(.nodeCreated, "/app/q/0000000001")
        harness.fire(.nodeDataChanged, "/app")
        let events = harness.takeEvents()
        #expect(events[0] == .reply(.sink(tag: 1), .success(.path("/q/0000000001")), zxid: 1))
        #expect(events[1] == .watch(WatchEvent(.nodeCreated, path: "/q/0000000001")))
        #expect(events[2] == .watch(WatchEvent(.nodeDataChanged, path: "/")))
    }

    @Test func `a child list near the limit of other clients is warned about once`() {
        var harness = EngineHarness()
        harness.connect()
        let names = (0..<9_000).map { "\($0)" + String(repeating: "x", count: 100) }
        for xid in 1...2 as ClosedRange<Int32> {
            harness.submit(.getChildren(GetChildrenRequest(path: "/big", watch: false)))
            harness.reply(.names(names), xid: xid)
        }
        harness.collect()
        #expect(harness.notes.count == 1)
        #expect(harness.notes.first?.contains("/big") == true)
    }

    @Test func `bytes of any kind never trap and always leave a live engine`() {
        var random = Seed.generator()
        for _ in 0..<500 {
            var harness = EngineHarness { $0.chroot = "/c" }
            harness.connect()
            for tag in 0..<5 as Range<UInt64> {
                harness.submit(.get("/\(tag)", watch: true), tag: tag)
            }
            var writer = ByteWriter()
            for xid in 1...5 as ClosedRange<Int32> {
                let record = GetDataResponse(data: [1, 2, 3], stat: .sample)
                FrameWriter.append(.data(record), xid: xid, zxid: 1, to: &writer)
                FrameWriter.append(WatchEvent(.nodeDeleted, path: "/c/\(xid)"), to: &writer)
            }
            var bytes = writer.bytes
            for _ in 0..<Int(random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8.random(
                    in: 0...255,
                    using: &random
                )
            }
            harness.receive(bytes)
            let replies = harness.takeEvents().count {
                if case .reply = $0 { true } else { false }
            }
            #expect(replies <= 5)
            #expect(harness.engine.deadline != nil)
        }
    }
}
