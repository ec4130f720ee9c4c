import Testing
import ZooKeeperProtocol

@testable import muster

/// What is said of a file before a server is asked.
@Suite struct ImportPlanTests {
    private func plan(
        _ paths: [String],
        top: String = "/",
        hasChroot: Bool = false,
        acl: [ACL] = ACL.openUnsafe
    ) throws -> ImportPlan {
        let scope = ImportScope(top: top, hasChroot: hasChroot)
        var plan = ImportPlan(scope, requestBytesMax: 2_000)
        for (index, path) in paths.enumerated() {
            let znode = PortableZNode(path: path, data: nil, acl: acl)
            try plan.take(LineFile.Line(number: index + 1, znode: znode))
        }
        return plan
    }

    @Test func `parents that the file does not make are asked of the server, once`() throws {
        let plan = try plan(["/a/b", "/a/c", "/a/b/x", "/d"])
        #expect(plan.znodes == 4)
        #expect(Set(plan.outerParents.values.map(\.path)) == ["/a", "/"])
        #expect(plan.outerParents[PathMark("/a")]?.line == 1)
    }

    @Test(arguments: [
        (["/a", "/a"], "twice"), (["/a/b", "/a"], "behind its child of line 1"),
        (["/zookeeper/config"], "belongs to the server"),
        (["/zookeeper"], "belongs to the server"),
        (["/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/a/zookeeper_limits"], "twice"),
        (["/" + String(repeating: "x", count: 2_000)], "--max-buffer"),
    ]) func `what no server could carry out is refused`(paths: [String], reason: String) {
        let fault = #expect(throws: LineFault.self) { try plan(paths) }
        #expect(fault?.reason.contains(reason) == true, "\(String(describing: fault))")
    }

    @Test func `a path of decomposed letters is another than that of composed ones`() throws {
        #expect(try plan(["/e\u{301}", "/\u{e9}"]).znodes == 2)
    }

    @Test func `only what is below the path counts, and its quotas`() throws {
        let paths = [
            "/a", "/a/b", "/ab", "/zookeeper/quota/a/b/zookeeper_limits",
            "/zookeeper/quota/ab/zookeeper_limits",
        ]
        let part = try plan(paths, top: "/a")
        #expect((part.znodes, part.quotas, part.elsewhere) == (2, 1, 2))
        let whole = try plan(paths)
        #expect((whole.znodes, whole.quotas, whole.elsewhere) == (3, 2, 0))
        let chroot = try plan(paths + ["/zookeeper"], hasChroot: true)
        #expect((chroot.znodes, chroot.quotas, chroot.elsewhere) == (4, 0, 2))
    }

    @Test func `only closed znodes with children need a key`() throws {
        let closed = try plan(["/a", "/a/b"], acl: ACL.readUnsafe)
        #expect(closed.locked == [PathMark("/a")])
        #expect(try plan(["/a", "/a/b"]).locked == [])
    }
}
