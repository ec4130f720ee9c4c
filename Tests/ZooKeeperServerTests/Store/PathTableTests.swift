import TestSupport
import Testing
import ZNodeTree

@testable import ZooKeeperServer

@Suite struct PathTableTests {
    private func number(_ path: String, in table: inout PathTable) -> Int {
        var hash = PathHash()
        return table.number(of: path.utf8.span, prefix: path.utf8.count, &hash)
    }

    @Test func `a path keeps its number, and its beginnings are paths too`() {
        var table = PathTable()
        #expect(number("/a/b", in: &table) == 0)
        #expect(number("/a", in: &table) == 1)
        #expect(number("/a/b", in: &table) == 0)
        var hash = PathHash()
        let path = "/a/c"
        #expect(table.number(of: path.utf8.span, prefix: 2, &hash) == 1)
        #expect(table.number(of: path.utf8.span, prefix: 4, &hash) == 2)
        let isPath = table.isPath(1, prefix: 2, of: path.utf8.span)
        let isLonger = table.isPath(1, prefix: 3, of: path.utf8.span)
        #expect(isPath && !isLonger)
        #expect(table[2] == path)
        #expect(table.copy(1) == Array("/a".utf8))
        #expect(table.count == 3)
    }

    @Test func `more paths than there was room for are found all the same`() {
        var table = PathTable(room: 100, bytes: 1_000)
        for round in 0..<2 {
            for index in 0..<5_000 {
                #expect(number("/path-\(index)", in: &table) == index, "round \(round)")
            }
        }
        #expect(table[4_999] == "/path-4999")
    }

    @Test func `texts that are equal letter by letter but not byte by byte are two paths`() {
        var table = PathTable()
        #expect(number("/\u{e9}", in: &table) == 0)
        #expect(number("/e\u{301}", in: &table) == 1)
    }

    @Test func `the order is that of the bytes`() {
        var random = Seed.generator(9)
        let pieces = ["a", "b", "-", "/", "\u{e9}", "aaaaaaaa", "aaaaaaab", "\u{1}", "\u{10ffff}"]
        var table = PathTable()
        for _ in 0..<3_000 {
            let length = Int.random(in: 0..<9, using: &random)
            let text = (0..<length).map { _ in pieces.randomElement(using: &random) ?? "" }
            _ = number("/" + text.joined(), in: &table)
        }
        let owners: [Int64] = [0, .min, .max, -1]
        let keys = (0..<table.count).map {
            PathTable.Key(owner: owners[$0 % owners.count], number: $0)
        }
        let sorted = table.sorted(keys)
        #expect(Set(sorted).count == table.count)
        for (left, right) in zip(sorted, sorted.dropFirst()) {
            let (first, second) = (owners[left % owners.count], owners[right % owners.count])
            #expect(
                first < second
                    || first == second
                        && table[left].utf8.lexicographicallyPrecedes(table[right].utf8)
            )
        }
        #expect(table.sorted([]).isEmpty)
        #expect(table.sorted([PathTable.Key(owner: 1, number: 3)]) == [3])
    }

    @Test func `paths of a megabyte that differ at their ends are told apart`() {
        var table = PathTable()
        let long = "/" + String(repeating: "x", count: 1 << 20)
        for end in ["b", "a", ""] { _ = number(long + end, in: &table) }
        let keys = (0..<3).map { PathTable.Key(owner: 0, number: $0) }
        #expect(table.sorted(keys) == [2, 1, 0])
    }
}
