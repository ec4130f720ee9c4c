import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct ListingTests {
    private let bench = TreeBench()

    private func listing(_ path: String, watch: Bool = false) -> ZNodeTree.Listing? {
        let request = GetChildrenRequest(path: path, watch: watch)
        defer { bench.apply(.whoAmI) }
        return bench.tree.listing(request, by: bench.client)
    }

    private func names(_ path: String) -> [String] {
        guard case .names(let names)? = bench.list(path).response else { return ["?"] }
        return names
    }

    // A2.3
    @Test func `a listing has the bytes of the names, and sets the watch`() throws {
        bench.create("/a")
        #expect(listing("/a")?.names.bytes == [0, 0, 0, 0])
        for name in ["b", "provider", "\u{e9}"] { bench.create("/a/" + name) }
        let listing = try #require(self.listing("/a", watch: true))
        #expect(listing.names.bytes == EncodedNames(names("/a").map { $0[...] }).bytes)
        #expect(listing.names.bytes.prefix(9) == [0, 0, 0, 3, 0, 0, 0, 1, UInt8(ascii: "b")])
        #expect(listing.stat.numChildren == 3)
        #expect(listing.dependsOn == bench.tree.lastZxid)
        #expect(bench.create("/a/x").told == ["1 nodeChildrenChanged /a"])
    }

    @Test func `a list is encoded once for each change, however many read it`() {
        bench.create("/a")
        for round in 1...5 {
            bench.create("/a/n\(round)")
            for _ in 0..<1_000 { #expect(listing("/a") != nil) }
            #expect(bench.tree.listsEncoded == round)
        }
        bench.set("/a/n1")
        bench.create("/a/n1/below")
        #expect(listing("/a") != nil)
        #expect(bench.tree.listsEncoded == 5)
        bench.delete("/a/n2")
        #expect(listing("/a")?.names.bytes == EncodedNames(names("/a").map { $0[...] }).bytes)
        #expect(bench.tree.listsEncoded == 6)
    }

    @Test func `a change that is taken back leaves no other list behind`() {
        bench.create("/a")
        bench.create("/a/b")
        let before = listing("/a")?.names.bytes
        let failing = MultiRequest([
            .create(CreateRequest(path: "/a/c", data: [], mode: .persistent)),
            .delete(DeleteRequest(path: "/a/b", version: -1)),
            .delete(DeleteRequest(path: "/nothing", version: -1)),
        ])
        bench.apply(.multi(failing))
        #expect(listing("/a")?.names.bytes == before)
    }

    @Test func `where apply gives an error there is no listing and no watch`() {
        bench.create("/a", acl: [ACL([.write], scheme: "world", id: "anyone")])
        #expect(listing("/a", watch: true) == nil)
        #expect(listing("/b", watch: true) == nil)
        #expect(bench.tree.watchCount == 0)
        #expect(bench.list("/a").error == .noAuth)
        #expect(bench.list("/b").error == .noNode)
    }
}
