import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct WatchTableTests {
    private func renewed(_ table: WatchTable) -> SetWatches2Request? {
        switch table.renewal(zxid: 5).first {
        case .setWatches(let oneShot)?:
            SetWatches2Request(
                oneShot: oneShot,
                persistentWatches: [],
                persistentRecursiveWatches: []
            )
        case .setWatches2(let all)?: all
        default: nil
        }
    }

    @Test func `a watch is kept exactly when the server has set it`() {
        var table = WatchTable()
        table.answered(.data("/d"), .ok)
        table.answered(.data("/no"), .noNode)
        table.answered(.exists("/e"), .ok)
        table.answered(.exists("/absent"), .noNode)
        table.answered(.exists("/no"), .noAuth)
        table.answered(.children("/c"), .ok)
        table.answered(.children("/no"), .noNode)
        table.answered(.persistent("/p"), .ok)
        table.answered(.persistentRecursive("/r"), .ok)
        table.answered(.persistentRecursive("/no"), .unimplemented)
        let renewal = renewed(table)
        #expect(renewal?.oneShot.relativeZxid == 5)
        #expect(renewal?.oneShot.dataWatches == ["/d", "/e"])
        #expect(renewal?.oneShot.existWatches == ["/absent"])
        #expect(renewal?.oneShot.childWatches == ["/c"])
        #expect(renewal?.persistentWatches == ["/p"])
        #expect(renewal?.persistentRecursiveWatches == ["/r"])
        #expect(table.count == 6)
    }

    @Test(arguments: WatchEvent.Kind.allCases)
    func `an event uses up the one-shot watches of its kind only`(kind: WatchEvent.Kind) {
        var table = WatchTable()
        table.answered(.data("/x"), .ok)
        table.answered(.exists("/x"), .noNode)
        table.answered(.children("/x"), .ok)
        table.answered(.persistent("/x"), .ok)
        table.fired(WatchEvent(kind, path: "/other"))
        #expect(table.count == 4)
        table.fired(WatchEvent(kind, path: "/x"))
        let renewal = renewed(table)
        #expect(renewal?.persistentWatches == ["/x"])
        let oneShot = renewal?.oneShot
        switch kind {
        case .nodeCreated, .nodeDataChanged:
            #expect(oneShot?.dataWatches == [] && oneShot?.existWatches == [])
            #expect(oneShot?.childWatches == ["/x"])
        case .nodeDeleted: #expect(table.count == 1)
        case .nodeChildrenChanged:
            #expect(oneShot?.dataWatches == ["/x"] && oneShot?.existWatches == ["/x"])
            #expect(oneShot?.childWatches == [])
        }
    }

    @Test func `many watches go out in messages of bounded size, none lost or doubled`() {
        var table = WatchTable()
        let paths = (0..<3_000).map { "/" + String(repeating: "p", count: 200) + "\($0)" }
        for path in paths { table.answered(.data(path), .ok) }
        for path in paths { table.answered(.persistentRecursive(path), .ok) }
        var data: [String] = []
        var recursive: [String] = []
        for message in table.renewal(zxid: 5) {
            switch message {
            case .setWatches(let record): data += record.dataWatches
            case .setWatches2(let record):
                data += record.oneShot.dataWatches
                recursive += record.persistentRecursiveWatches
                #expect(record.oneShot.relativeZxid == 5)
                let bytes = (record.oneShot.dataWatches + record.persistentRecursiveWatches)
                    .reduce(0) { $0 + $1.utf8.count }
                #expect(bytes <= Limits.setWatchesBytesMax)
            default: Issue.record("\(message)")
            }
        }
        #expect(data.sorted() == paths.sorted())
        #expect(recursive.sorted() == paths.sorted())
        #expect(WatchTable().renewal(zxid: 5).isEmpty)
    }

    @Test func `a removed watch is not set again`() {
        var table = WatchTable()
        table.answered(.data("/x"), .ok)
        table.answered(.children("/x"), .ok)
        table.answered(.persistent("/x"), .ok)
        table.answered(.removal("/x", .children), .noWatcher)
        #expect(table.count == 3)
        table.answered(.removal("/x", .children), .ok)
        #expect(renewed(table)?.oneShot.childWatches == [])
        table.answered(.removal("/x", .any), .ok)
        #expect(table.count == 0)
    }
}
