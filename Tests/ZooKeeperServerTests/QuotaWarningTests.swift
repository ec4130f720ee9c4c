import ServiceModel
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct QuotaWarningTests {
    private func limit(_ path: String, _ limits: String, on id: ConnectionID, _ bench: ServerBench)
    {
        let above = "/zookeeper/quota" + path
        for (path, data) in [
            (above, ""), (above + "/zookeeper_limits", limits), (above + "/zookeeper_stats", ""),
        ] {
            let create = CreateRequest(path: path, data: Array(data.utf8), mode: .persistent)
            bench.request(.create(create), on: id)
        }
    }

    private func warnings(_ bench: ServerBench) -> [String] {
        bench.log.compactMap { if case .warn(let text) = $0 { text } else { nil } }
    }

    // A12.10
    @Test func `more than a soft limit is counted, and logged now and then`() {
        let bench = ServerBench()
        let id = bench.client()
        limit("/a", "count=1,bytes=-1", on: id, bench)
        bench.request(bench.create("/a"), on: id)
        for number in 0..<5 { bench.request(bench.create("/a/\(number)"), on: id) }
        #expect(bench.statistics.quotaExcesses == 5)
        #expect(
            warnings(bench) == ["quota of /a: 2 nodes where 1 may be (soft limit, change made)"]
        )
        bench.now = bench.now + Limits.quotaWarningPause
        bench.wake()
        bench.request(bench.create("/a/more"), on: bench.client())
        #expect(
            warnings(bench).last
                == "quota of /a: 7 nodes where 1 may be (soft limit, change made); and 4 times before"
        )
    }

    @Test func `a hard limit refuses when the configuration says so`() {
        for enforced in [false, true] {
            let bench = ServerBench(enforceQuota: enforced)
            let id = bench.client()
            limit("/a", "count=-1,bytes=-1=;countHardLimit=1", on: id, bench)
            bench.request(bench.create("/a"), on: id)
            let reply = bench.ask(bench.create("/a/b"), on: id)
            #expect(reply?.error == (enforced ? .quotaExceeded : .ok))
            let end = enforced ? "(hard limit, change refused)" : "(hard limit, change made)"
            #expect(warnings(bench) == ["quota of /a: 2 nodes where 1 may be " + end])
        }
    }

    @Test func `serving begins with quotas that are counted anew`() {
        let bench = ServerBench()
        let client = bench.client()
        limit("/a", "count=1,bytes=-1", on: client, bench)
        bench.request(bench.create("/a"), on: client)
        let path = "/zookeeper/quota/a/zookeeper_stats"
        let wrong = SetDataRequest(path: path, data: Array("count=7,bytes=7".utf8), version: -1)
        bench.request(.setData(wrong), on: client)
        bench.engine.serve(from: bench.now)
        _ = bench.take(client)
        let get = Request.getData(GetDataRequest(path: path, watch: false))
        guard case .data(let record)? = bench.ask(get, on: client)?.response(.getData) else {
            Issue.record("there are no statistics")
            return
        }
        #expect(record.data == Array("count=1,bytes=0".utf8))
    }

    @Test func `the log has one line for each of a bounded number of quotas`() {
        let bench = ServerBench()
        let id = bench.client()
        for number in 0..<100 {
            limit("/q\(number)", "count=0,bytes=-1", on: id, bench)
            bench.request(bench.create("/q\(number)"), on: id)
        }
        #expect(warnings(bench).count == Limits.quotaWarningsMax)
        #expect(bench.statistics.quotaExcesses == 100)
        bench.now = bench.now + Limits.quotaWarningPause
        bench.wake()
        bench.request(bench.create("/q99/a"), on: bench.client())
        #expect(warnings(bench).count == Limits.quotaWarningsMax + 1)
    }
}
