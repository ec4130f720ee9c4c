import Foundation
import Membership
import ServiceModel
import TestSupport
import Testing

@testable import musterd

@Suite struct ViewFileTests {
    private let time = UnixTime(milliseconds: 1_769_860_800_123)

    private func registry(_ connect: String?) -> Configuration.Registry {
        var registry = Configuration().registry
        registry.connect = connect
        return registry
    }

    private func view() -> MembershipView {
        var view = MembershipView()
        let service = ServiceName(.dubbo, "a.B")
        view.apply(.init(number: 1, at: time, service: service, change: .serviceAppeared))
        view.freshness = .live
        return view
    }

    @Test func `a file is read back as stale since it was live`() throws {
        let folder = try TemporaryDirectory()
        let file = try ViewFile(in: folder.path, of: registry("zk1,zk2:2181/x"))
        #expect(try file.read(at: time) == nil)
        try file.write(view(), liveAt: time)
        let same = try ViewFile(in: folder.path, of: registry("zk2,zk1/x"))
        let read = try #require(try same.read(at: time))
        #expect(read.freshness == .stale(since: time))
        #expect(read.services.count == 1)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names == [ViewFile.name])
    }

    @Test func `another registry, chroot or root is another view`() throws {
        let folder = try TemporaryDirectory()
        try ViewFile(in: folder.path, of: registry("zk1/x")).write(view(), liveAt: time)
        var otherRoot = registry("zk1/x")
        otherRoot.ddnsRoot = "/names"
        for other in [registry("zk1"), registry("zk2/x"), registry(nil), otherRoot] {
            let error = #expect(throws: MembershipError.self) {
                try ViewFile(in: folder.path, of: other).read(at: time)
            }
            #expect(error?.code == .foreignView)
        }
    }

    @Test func `a write that cannot be made leaves the old file`() throws {
        let folder = try TemporaryDirectory()
        let file = try ViewFile(in: folder.path, of: registry(nil))
        try file.write(view(), liveAt: time)
        // A folder of that name is in the way of the new file.
        let obstacle = file.path + ".new"
        try FileManager.default.createDirectory(
            atPath: obstacle,
            withIntermediateDirectories: false
        )
        #expect(throws: (any Error).self) {
            try file.write(MembershipView(), liveAt: UnixTime(milliseconds: 0))
        }
        #expect(try file.read(at: time)?.services.count == 1)
    }
}
