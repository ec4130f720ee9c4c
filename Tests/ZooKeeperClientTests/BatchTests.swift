import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct BatchTests {
    @Test func `A13.10 a batch larger than all windows is answered whole and in order`() async {
        await withScriptedSession { session, server in
            let paths = (0..<3_500).map { "/n\($0)" }
            let answers = await session.getData(paths)
            #expect(answers.count == paths.count)
            for (path, answer) in zip(paths, answers) {
                #expect(answer.value?.data == Array(path.utf8))
            }
            let seen = await server.inputs.compactMap {
                if case .request(.getData(let record), _) = $0 { record.path } else { nil }
            }
            #expect(seen == paths)
            #expect(await session.batch([]).isEmpty)
        }
    }

    @Test func `a batch never has more on the way than its window`() async {
        let script: FakeServer.Script = { input in
            guard case .request(.exists, _) = input else { return FakeServer.agreeable(input) }
            return []
        }
        await withScriptedSession(script: script) { session, server in
            async let answers = session.exists((0..<2_500).map { "/n\($0)" })
            // Nothing is answered: all that can go out has gone out.
            while await server.inputs.count <= Limits.batchRequestsInFlightMax {
                _ = await session.state
            }
            #expect(await server.inputs.count == Limits.batchRequestsInFlightMax + 1)
            await server.follow(FakeServer.agreeable)
            await server.hangUpAll()
            let results = await answers
            let unknown = results.prefix(Limits.batchRequestsInFlightMax)
            #expect(unknown.allSatisfy { $0.code == .outcomeUnknown })
            let later = results.dropFirst(Limits.batchRequestsInFlightMax)
            #expect(later.count == 1_500)
            #expect(later.allSatisfy { $0.code == nil })
        }
    }

    @Test func `each request of a batch succeeds or fails by itself`() async {
        let script: FakeServer.Script = { input in
            guard case .request(let request, _) = input, request.mainPath == "/no" else {
                return FakeServer.agreeable(input)
            }
            return [.refuse(.noNode, zxid: 2)]
        }
        await withScriptedSession(script: script) { session, _ in
            let stats = await session.exists(["/a", "/no", "bad", "/b"])
            #expect(stats[0].value == .sample)
            #expect(stats[1].value == .some(nil))
            #expect(stats[2].code == .badArgument)
            #expect(stats[3].value == .sample)
            let deletions = await session.delete(["/a", "/no"])
            #expect(deletions[0].code == nil)
            #expect(deletions[1].code == .refused)
            let lists = await session.getChildren(["/a", "/b"])
            #expect(lists[1].value == ["a", "b"])
            let mixed = await session.batch([
                .setData(SetDataRequest(path: "/a", data: nil, version: -1)), .get("/x"),
            ])
            #expect(mixed[0].value == .stat(.sample))
            #expect(mixed[1].code == nil)
        }
    }

    @Test func `with much on the way a batch leaves room and sends one at a time`() async {
        var harness = EngineHarness()
        harness.connect()
        let data = [UInt8](repeating: 1, count: (1 << 20) - 1_000)
        for tag in 0..<16 as Range<UInt64> {
            #expect(!harness.engine.isCrowded)
            let record = SetDataRequest(path: "/\(tag)", data: data, version: -1)
            harness.submit(.setData(record), tag: tag)
        }
        harness.submit(.setData(SetDataRequest(path: "/a", data: data, version: -1)), tag: 16)
        #expect(harness.engine.isCrowded)
        var table = BatchTable()
        let answers = await withCheckedContinuation { continuation in
            let number = table.add([.get("/a"), .get("/b")], continuation)
            #expect(table.next(number, isCrowded: true)?.index == 0)
            #expect(table.next(number, isCrowded: true)?.index == nil)
            table.take(.success(.empty), number, index: 0)
            #expect(table.next(number, isCrowded: true)?.index == 1)
            #expect(table.next(number, isCrowded: false)?.index == nil)
            table.take(.failure(ZooKeeperError(.notSent, "/b")), number, index: 1)
        }
        #expect(answers.map(\.code) == [nil, .notSent])
    }
}
