import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct AccessTests {
    private let bench = TreeBench()
    private let alice = Identity(scheme: "digest", id: "alice:hash")

    private func caller(_ identities: [Identity]) -> Caller {
        Caller(connection: ConnectionID(1), session: 1, identities: identities)
    }

    // A1.20
    @Test func `creator-only nodes are closed to others`() {
        let owner = caller([Identity(scheme: "ip", id: "10.0.0.1"), alice])
        bench.create("/mine", acl: [ACL(.all, scheme: "auth", id: "")], by: owner)
        #expect(bench.get("/mine").error == .noAuth)
        #expect(bench.set("/mine").error == .noAuth)
        #expect(bench.create("/mine/x").error == .noAuth)
        #expect(bench.exists("/mine").error == .ok)
        #expect(bench.get("/mine", by: owner).error == .ok)
        #expect(bench.set("/mine", by: owner).error == .ok)
        #expect(bench.get("/mine", by: caller([.superUser])).error == .ok)
        let acl = bench.apply(.getACL(GetACLRequest(path: "/mine")), by: owner).response
        guard case .acl(let response)? = acl else {
            Issue.record("no access list")
            return
        }
        #expect(response.acl == [ACL(.all, scheme: "digest", id: "alice:hash")])
    }

    @Test func `deletion asks the parent's list, not the node's`() {
        bench.create("/p", acl: [ACL([.read, .create], scheme: "world", id: "anyone")])
        bench.create("/p/open")
        #expect(bench.delete("/p/open").error == .noAuth)
        bench.create("/q")
        bench.create("/q/closed", acl: ACL.readUnsafe)
        #expect(bench.delete("/q/closed").error == .ok)
    }

    @Test(
        arguments: [
            ([], false), ([ACL(.all, scheme: "world", id: "anybody")], false),
            ([ACL(.all, scheme: "digest", id: "nocolon")], false),
            ([ACL(.all, scheme: "digest", id: "a:b:c")], false),
            ([ACL(.all, scheme: "digest", id: "a:")], false),
            ([ACL(.all, scheme: "digest", id: ":")], false),
            ([ACL(.all, scheme: "digest", id: ":b")], true),
            ([ACL(.all, scheme: "digest", id: "a:b")], true),
            ([ACL(.all, scheme: "digest", id: "a:b::")], true),
            ([ACL(.all, scheme: "super", id: "")], false),
            ([ACL(.all, scheme: "ip", id: "10.0.0.0/8")], true),
            ([ACL(.all, scheme: "ip", id: "10.0.0.0/33")], false),
            ([ACL(.all, scheme: "ip", id: "host")], false),
            ([ACL(.all, scheme: "ip", id: "::1")], false),
            ([ACL(.all, scheme: "auth", id: "")], false),
            ([ACL(.all, scheme: "x509", id: "CN=a")], false),
            ([ACL(.all, scheme: "", id: "")], false),
            ([ACL([], scheme: "world", id: "anyone")], true),
            ([ACL(ACL.Permissions(rawValue: 1 << 20), scheme: "world", id: "anyone")], true),
        ] as [([ACL], Bool)]
    )
    func `malformed lists are refused`(acl: [ACL], isValid: Bool) {
        #expect(bench.create("/a", acl: acl).error == (isValid ? .ok : .invalidACL))
        bench.create("/b")
        let request = SetACLRequest(path: "/b", acl: acl, version: -1)
        #expect(bench.apply(.setACL(request)).error == (isValid ? .ok : .invalidACL))
    }

    @Test func `a list has 256 entries at most, with those that auth stands for`() {
        func addresses(_ count: Int) -> [ACL] {
            (0..<count).map { ACL(.read, scheme: "ip", id: "10.0.\($0 >> 8).\($0 & 255)") }
        }
        #expect(bench.create("/a", acl: addresses(256)).error == .ok)
        #expect(bench.create("/b", acl: addresses(257)).error == .invalidACL)
        let many = caller((0..<63).map { Identity(scheme: "digest", id: "user\($0):hash") })
        let auths = (1...5).map {
            ACL(ACL.Permissions(rawValue: $0), scheme: "auth", id: "")
        }
        #expect(bench.create("/c", acl: Array(auths.prefix(4)), by: many).error == .ok)
        #expect(bench.create("/d", acl: auths, by: many).error == .invalidACL)
    }

    @Test func `repeats are dropped and the order is kept`() {
        let (b, a) = (
            ACL(.read, scheme: "digest", id: "b:1"), ACL(.read, scheme: "digest", id: "a:1")
        )
        bench.create("/a", acl: [b, a, b])
        guard
            case .acl(let response)? = bench.apply(
                .getACL(GetACLRequest(path: "/a")),
                by: caller([Identity(scheme: "digest", id: "b:1")])
            ).response
        else {
            Issue.record("no access list")
            return
        }
        // Without ADMIN the hashes are blotted out.
        #expect(response.acl.map(\.id) == ["b:x", "a:x"])
        #expect(bench.apply(.getACL(GetACLRequest(path: "/a"))).error == .noAuth)
    }

    @Test(arguments: [
        ("10.1.2.3", true), ("10.200.0.1", true), ("11.0.0.1", false), ("::1", false),
    ])
    func `an address block covers its addresses`(address: String, isIn: Bool) {
        bench.create("/a", acl: [ACL(.read, scheme: "ip", id: "10.0.0.0/8")])
        let caller = caller([Identity(scheme: "ip", id: address)])
        #expect(bench.get("/a", by: caller).error == (isIn ? .ok : .noAuth))
    }

    @Test func `setACL wants ADMIN and the list's own version`() {
        bench.create("/a")
        bench.set("/a")
        let first = SetACLRequest(path: "/a", acl: ACL.readUnsafe, version: 0)
        #expect(bench.apply(.setACL(first)).error == .ok)
        #expect(bench.stat("/a")?.aversion == 1)
        let second = SetACLRequest(path: "/a", acl: ACL.openUnsafe, version: 1)
        #expect(bench.apply(.setACL(second)).error == .noAuth)
        let stale = SetACLRequest(path: "/a", acl: ACL.openUnsafe, version: 0)
        #expect(bench.apply(.setACL(stale), by: caller([.superUser])).error == .badVersion)
        #expect(bench.apply(.setACL(second), by: caller([.superUser])).error == .ok)
    }
}
