import Runtime
import Telemetry
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// A session of a test, and a tree with everything in it that an export has to keep or leave out.
struct TransferTree: Sendable {
    /// `digest` of `owner:secret` (SHA-1, Base64), which both servers know.
    static let owner = "owner:Vj++wdU3sMAbt+g9TyKj1BT+usI="
    static let credential = "digest owner:secret\n"

    /// Runs a body in a session.
    static func session<Value: Sendable>(
        _ address: String,
        credential: Bool = false,
        _ body: @Sendable (ZooKeeperSession) async throws -> Value
    ) async throws -> Value {
        let loop = EventLoop(name: "transfer")
        defer { loop.stop() }
        var configuration = try SessionConfiguration(connectString: address)
        if credential {
            configuration.credentials = [.init(scheme: "digest", bytes: Array("owner:secret".utf8))]
        }
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        async let life: Void = session.run()
        do {
            let value = try await body(session)
            await session.close()
            await life
            return value
        } catch {
            await session.close()
            await life
            throw error
        }
    }

    /// Makes the tree, and an ephemeral that ends with the session.
    static func make(_ session: ZooKeeperSession) async throws {
        let closed = [ACL(.all, scheme: "digest", id: owner)]
        let readers = [
            ACL(.read, scheme: "world", id: "anyone"), ACL(.all, scheme: "digest", id: owner),
        ]
        try await session.create("/data")
        try await session.create("/data/null", data: nil)
        try await session.create("/data/text", data: Array("\"lines\"\n\u{0}é€😀\\".utf8))
        try await session.create("/data/binary", data: (0...255).map { UInt8($0) })
        try await session.create("/data/wide", data: Array(repeating: 0xfe, count: 700_000))
        try await session.create("/ünïcode")
        try await session.create("/ünïcode/e\u{301}", data: [1])
        try await session.create("/ünïcode/\u{e9}", data: [2])
        try await session.create("/ünïcode/a b\"c\\%2F", data: [3])
        try await session.create("/closed", data: [0xff], acl: closed)
        try await session.create("/closed/child", acl: closed)
        try await session.create("/closed/child/leaf", data: Array("x".utf8), acl: readers)
        try await session.create("/readable", acl: readers)
        try await session.create("/readable/below", acl: ACL.readUnsafe)
        try await session.create("/numbers/n", mode: .persistent, parents: true)
        for _ in 0..<3 { try await session.create("/numbers/n/s-", mode: .persistentSequential) }
        try await session.create("/container", data: [4], mode: .container)
        try await session.create("/numbers/gone", mode: .ephemeral)
        for name in ["data", "numbers", "numbers/n"] {
            try await session.create("/zookeeper/quota/" + name, data: nil)
        }
        for name in ["data", "numbers/n"] {
            for (part, text) in [("limits", "count=50,bytes=-1"), ("stats", "count=0,bytes=0")] {
                let path = "/zookeeper/quota/\(name)/zookeeper_\(part)"
                try await session.create(path, data: Array(text.utf8))
            }
        }
    }
}

extension ZooKeeperSession {
    fileprivate func create(_ path: String, mode: CreateMode, parents: Bool) async throws {
        try await createWithParents(path, mode: mode)
    }
}
