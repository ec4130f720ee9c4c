import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct TransactionTests {
    private let script: FakeServer.Script = { input in
        guard case .request(.multi(let record), _) = input else {
            return FakeServer.agreeable(input)
        }
        let results = record.operations.map { operation -> MultiResponse.Result in
            switch operation {
            case .create(let record): .create(path: record.path + "0000000007")
            case .createContainer(let record), .create2(let record):
                .create2(Create2Response(path: record.path, stat: .sample))
            case .createTTL(let record):
                .create2(Create2Response(path: record.create.path, stat: .sample))
            case .delete: .delete
            case .setData: .setData(.sample)
            case .check: .check
            }
        }
        return [.reply(.multi(MultiResponse(results)), zxid: 4)]
    }

    @Test func `a transaction's results have the types of its operations`() async {
        await withScriptedSession(script: script, chroot: "/r") { session, server in
            var transaction = Transaction()
            transaction.check("/a", version: 3)
            let item = transaction.create("/a/item-", mode: .persistentSequential)
            let container = transaction.create("/c", mode: .container)
            let passing = transaction.create("/t", ttlMilliseconds: 60_000)
            let data = transaction.setData("/a", data: [1], version: 3)
            transaction.delete("/b")
            let results = try await session.commit(transaction)
            #expect(results[item] == "/a/item-0000000007")
            #expect(results[container] == "/c")
            #expect(results[passing] == "/t")
            #expect(results[data] == .sample)
            #expect(results.results.count == 6)
            guard case .request(.multi(let sent), _)? = await server.inputs.last else {
                Issue.record("no multi")
                return
            }
            #expect(sent.operations.map(\.opCode) == transaction.operations.map(\.opCode))
            #expect(sent.operations[5] == .delete(DeleteRequest(path: "/r/b", version: -1)))
        }
    }

    @Test func `a failed transaction names the operation that failed`() async {
        let script: FakeServer.Script = { input in
            guard case .request(.multi(let record), _) = input else {
                return FakeServer.agreeable(input)
            }
            let failed = MultiResponse(failedAt: 1, .badVersion, count: record.operations.count)
            return [.reply(.multi(failed), zxid: 4)]
        }
        await withScriptedSession(script: script) { session, _ in
            var transaction = Transaction()
            transaction.create("/a")
            transaction.setData("/b", data: nil, version: 2)
            transaction.delete("/c")
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.commit(transaction)
            }
            #expect(error?.operation == 1)
            #expect(error?.server == .badVersion)
            #expect(error?.message == "multi: operation 1 (setData /b): BADVERSION")
        }
    }

    @Test func `results of other shapes are not taken for a transaction's`() async {
        let script: FakeServer.Script = { input in
            guard case .request(.multi, _) = input else { return FakeServer.agreeable(input) }
            return [.reply(.multi(MultiResponse([.delete])), zxid: 4)]
        }
        await withScriptedSession(script: script) { session, _ in
            for operations in 0..<3 where operations != 1 {
                var transaction = Transaction()
                for index in 0..<operations { transaction.delete("/\(index)") }
                let error = await #expect(throws: ZooKeeperError.self) {
                    try await session.commit(transaction)
                }
                #expect(error?.code == .badReply)
            }
            var transaction = Transaction()
            transaction.create("/a")
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.commit(transaction)
            }
            #expect(error?.code == .badReply)
        }
    }
}
