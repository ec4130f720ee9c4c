import TestSupport
import Testing

@testable import ZNodeTree

/// The table of nodes against a dictionary.
@Suite struct NodeTableTests {
    private let open = AccessLists().open

    private func node(_ path: String) -> ZNode {
        var hash = PathHash()
        return ZNode(
            path: path,
            hash: hash.advance(to: path.utf8.count, of: path),
            kind: .persistent,
            parent: nil,
            data: nil,
            access: open,
            zxid: 1,
            milliseconds: 1
        )
    }

    @Test func `the table and a dictionary agree on 20,000 random steps`() {
        var random = Seed.generator(21)
        var (table, model) = (NodeTable(), [String: ZNode]())
        for step in 0..<20_000 {
            // It grows for a while and shrinks for a while.
            let isGrowing = step / 5_000 % 2 == 0
            let path = "/node" + String(Int.random(in: 0..<6_000, using: &random))
            let isThere = model[path] != nil
            if isThere, !isGrowing || Int.random(in: 0..<4, using: &random) == 0 {
                if let node = model.removeValue(forKey: path) { table.remove(node) }
            } else if !isThere, isGrowing || Int.random(in: 0..<4, using: &random) == 0 {
                let node = node(path)
                model[path] = node
                table.insert(node)
            }
            #expect(table.find(path) === model[path])
            #if DEBUG
            if step % 1_000 == 0 { table.checkInvariants() }
            #endif
        }
        #expect(table.count == model.count)
        for node in model.values { table.remove(node) }
        var left = 0
        table.forEachNode { _ in left += 1 }
        #expect(left == 0 && table.count == 0)
    }

    #if DEBUG
    @Test(arguments: ["/", "/" + String(repeating: "n", count: 190)])
    func `nodes stand near their homes`(prefix: String) {
        var table = NodeTable()
        for number in 0..<20_000 { table.insert(node(prefix + String(number))) }
        // With four in five slots taken, the most there can be, one looks at 3 of them.
        #expect(table.strayed < 3)
        for number in 0..<15_000 {
            if let node = table.find(prefix + String(number)) { table.remove(node) }
        }
        #expect(table.strayed < 3)
        table.checkInvariants()
    }
    #endif

    @Test func `a path is told from its equals in other bytes and from its beginning`() {
        var table = NodeTable()
        let composed = node("/\u{e9}")
        table.insert(composed)
        #expect(table.find("/\u{e9}") === composed)
        #expect(table.find("/e\u{301}") == nil)
        #expect(table.find("/") == nil)
        #expect(table.find("/\u{e9}/") == nil)
        #expect(PathHash.isSame("/abcdefgh", "/abcdefgh/more", length: 9))
        #expect(!PathHash.isSame("/abcdefgh", "/abcdefgi/more", length: 9))
        #expect(!PathHash.isSame("/abcdefgh", "/abcdefgh/more", length: 10))
        #expect(!PathHash.isSame("/abcdefgh", "/abc", length: 9))
    }
}
