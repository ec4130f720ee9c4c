import Foundation
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// `muster server export` and `import`, between musterd and ZooKeeper 3.8 in both directions.
@Suite(.timeLimit(.minutes(3))) struct TransferTests {
    private let directory: TemporaryDirectory
    private let auth: String

    init() throws {
        directory = try TemporaryDirectory()
        auth = try directory.write("auth", "# of the tests\n" + TransferTree.credential)
    }

    private func muster(_ words: String..., input: String = "") async throws -> Program.Outcome {
        try await Program.run([Checkout.program("muster"), "server"] + words, input: input)
    }

    /// Exports everything there is, and reads the file.
    private func export(_ address: String, _ name: String) async throws -> [Substring] {
        let file = directory.path + "/" + name
        let outcome = try await muster("export", file, "--server", address, "--auth", auth)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    }

    @Test(.needs(.zooKeeperServer), arguments: [false, true])
    func `a tree comes back the same from file and server, from ours and from ZooKeeper's`(
        startsHere: Bool
    ) async throws {
        async let server = ZooKeeperServer()
        let daemon = try await Daemon()
        let addresses = [daemon.registry, try await server.address]
        let (from, to) = startsHere ? (addresses[0], addresses[1]) : (addresses[1], addresses[0])
        let lines = try await TransferTree.session(from, credential: true) { session in
            try await TransferTree.make(session)
            return try await export(from, "first")
        }
        #expect(lines.count == 22)
        #expect(!lines.contains { $0.contains("gone") || $0.contains("zookeeper_stats") })

        // What a session may not read is named, and the rest is there.
        let part = directory.path + "/part"
        let blind = try await muster("export", part, "--server", from)
        #expect(blind.status == 5)
        #expect(blind.errors.contains("1 znode could not be read (NOAUTH)"), "\(blind.errors)")
        #expect(blind.errors.contains("with all below: /closed\n"))
        let rest = try String(contentsOfFile: part, encoding: .utf8).split(separator: "\n")
        #expect(rest.count == lines.count - 3)

        // Of a file, without any right below the closed znodes.
        let file = directory.path + "/first"
        let made = try await muster("import", file, "--server", to, "--json")
        try #require(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("\"created\" : \(lines.count - 2)"), "\(made.output)")
        let second = try await export(to, "second")
        #expect(Self.bytes(second) == Self.bytes(lines))
        try await expectQuota(on: to)

        // Again: refused as a whole, left alone, or found to be the same.
        let again = try await muster("import", file, "--server", to)
        #expect(again.status == 5)
        #expect(again.errors.contains("nothing was changed"))
        let skipped = try await muster(
            "import",
            file,
            "--server",
            to,
            "--existing",
            "skip",
            "--json"
        )
        #expect(skipped.output.contains("\"skipped\" : \(lines.count)"), "\(skipped)")
        let same = try await muster(
            "import",
            file,
            "--server",
            to,
            "--existing",
            "overwrite",
            "--auth",
            auth,
            "--json"
        )
        #expect(same.output.contains("\"unchanged\" : \(lines.count - 2)"), "\(same)")

        // From server to server, below a chroot of the first one.
        let root = "/elsewhere"
        try await TransferTree.session(from) { session in _ = try await session.create(root) }
        let copied = try await muster(
            "import",
            "--from",
            to,
            "--from-auth",
            auth,
            "--server",
            from + root,
            "--json"
        )
        try #require(copied.status == 0, "\(copied.errors)")
        let third = try await export(from + root, "third")
        // Quotas stay behind, and the chroot's own znode has a line.
        let znodes = lines.filter { !$0.contains("zookeeper_limits") }
        #expect(Self.bytes(Array(third.dropFirst())) == Self.bytes(znodes))
        #expect(await daemon.stop().status == 0)
    }

    /// As servers compare them: texts of other bytes may be equal.
    private static func bytes(_ lines: [Substring]) -> [[UInt8]] { lines.map { Array($0.utf8) } }

    private func expectQuota(on address: String) async throws {
        let stats = try await TransferTree.session(address) { session in
            try await session.getData("/zookeeper/quota/numbers/n/zookeeper_stats").data
        }
        #expect(String(decoding: stats ?? [], as: UTF8.self).hasPrefix("count=4,bytes=0"))
    }

    @Test func `overwriting changes what differs, and containers and TTLs are made from lines`()
        async throws
    {
        let daemon = try await Daemon()
        try await TransferTree.session(daemon.registry) { session in
            try await session.create("/a", data: [1])
            try await session.create("/b", data: [2])
        }
        let open = #""acl":["world:anyone:cdrwa"]"#
        let text = """
            {"path":"/a","base64":"AQ==",\(open)}
            {"path":"/b","data":"new","acl":["world:anyone:r"]}
            {"path":"/c","data":null,\(open),"kind":"container"}

            {"path":"/c/t","data":"",\(open),"ttlMilliseconds":3600000}
            """
        let outcome = try await muster(
            "import",
            "--existing",
            "overwrite",
            "--server",
            daemon.registry,
            "--json",
            input: text
        )
        try #require(outcome.status == 0, "\(outcome.errors)")
        for figure in ["created\" : 2", "overwritten\" : 1", "unchanged\" : 1"] {
            #expect(outcome.output.contains(figure), "\(outcome.output)")
        }
        try await TransferTree.session(daemon.registry) { session in
            let (data, stat) = try await session.getData("/b")
            #expect(data == Array("new".utf8) && stat.version == 1)
            #expect(try await session.getACL("/b").acl == ACL.readUnsafe)
            #expect(try await session.getData("/a").stat.version == 0)
        }
        #expect(await daemon.stop().status == 0)
    }

    @Test(arguments: [
        ("{\"path\":\"/x\"", "standard input:3: it is not JSON: it was cut short, at byte 13"),
        (
            #"{"path":"/y/z","data":"","acl":["world:anyone:r"]}"#,
            "standard input:3: /y does not exist on"
        ),
        (
            #"{"path":"/new","data":"","acl":["world:anyone:r"]}"#,
            "standard input:3: /new stands in the file twice"
        ),
        (
            #"{"path":"/taken","data":"","acl":["world:anyone:r"]}"#,
            "1 znode of standard input exists on"
        ),
        (
            #"{"path":"/brief","data":"","acl":["world:anyone:r"]}"#,
            "standard input:3: /brief is an ephemeral on"
        ),
    ]) func `a file that cannot be carried out changes nothing`(
        line: String,
        reason: String
    ) async throws {
        let daemon = try await Daemon()
        let outcome = try await TransferTree.session(daemon.registry) { session in
            try await session.create("/taken")
            try await session.create("/brief", mode: .ephemeral)
            let good = #"{"path":"/new","data":"","acl":["world:anyone:cdrwa"]}"#
            let text = good + "\n\n" + line + "\n"
            return try await muster("import", "--server", daemon.registry, input: text)
        }
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        let tree = try await muster("export", "--server", daemon.registry)
        #expect(!tree.output.contains("/new"))
        #expect(await daemon.stop().status == 0)
    }

    @Test func `an export that fails leaves the file of before as it was`() async throws {
        let daemon = try await Daemon()
        let file = try directory.write("kept", "old\n")
        let missing = try await muster(
            "export",
            file,
            "--path",
            "/nowhere",
            "--server",
            daemon.registry
        )
        #expect(missing.status == 4)
        #expect(missing.errors.contains("/nowhere does not exist on"))
        let closed = "127.0.0.1:\(try ZooKeeperServer.freePort())"
        #expect(try await muster("export", file, "--server", closed).status == 3)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "old\n")
        let chroot = try await muster("export", file, "--server", daemon.registry + "/no/such")
        #expect(chroot.status == 4)
        #expect(chroot.errors.contains("muster znode create --parents /no/such --server"))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.sorted() == ["auth", "kept"])
        #expect(await daemon.stop().status == 0)
    }

    @Test func `many znodes in one list are exported, or one of them`() async throws {
        let daemon = try await Daemon()
        let count = 3_000
        try await TransferTree.session(daemon.registry) { session in
            for start in stride(from: 0, to: count, by: 500) {
                let creates = (start..<start + 500).map { number in
                    MultiRequest.Operation.create(
                        CreateRequest(path: "/n-\(number)", data: [], mode: .persistent)
                    )
                }
                try await session.multi(creates)
            }
        }
        let whole = try await muster("export", "--server", daemon.registry)
        let lines = whole.output.split(separator: "\n")
        #expect(lines.count == count)
        let part = try await muster(
            "export",
            "--path",
            "/n-17",
            "--server",
            daemon.registry,
            "--json"
        )
        #expect(part.output.split(separator: "\n").count == 1)
        #expect(part.errors.contains("\"znodes\" : 1"))
        #expect(await daemon.stop().status == 0)
    }

    @Test func `an export writes into a pipe, and to where a link leads`() async throws {
        let daemon = try await Daemon()
        _ = try await TransferTree.session(daemon.registry) { session in
            try await session.create("/only")
        }
        let files = FileManager.default
        let target = try directory.write("target", "old\n")
        let link = directory.path + "/link"
        try files.createSymbolicLink(atPath: link, withDestinationPath: "target")
        let linked = try await muster("export", link, "--server", daemon.registry)
        #expect(linked.status == 0, "\(linked.errors)")
        #expect(try files.destinationOfSymbolicLink(atPath: link) == "target")
        let lines = try String(contentsOfFile: target, encoding: .utf8)
        #expect(lines.hasPrefix(#"{"path":"/only""#), "\(lines)")

        let fifo = directory.path + "/fifo"
        try #require(try await Program.run(["mkfifo", fifo]).status == 0)
        let piped = try await Program.run([
            "sh", "-c", "cat \"$1\" & \"$0\" server export \"$1\" --server \"$2\"; wait",
            Checkout.program("muster"), fifo, daemon.registry,
        ])
        #expect(piped.output == lines, "\(piped)")
        #expect(piped.errors.contains("exported 1 znode"), "\(piped.errors)")
        let kind = try files.attributesOfItem(atPath: fifo)[.type] as? FileAttributeType
        #expect(kind != .typeRegular)
        let output = try await muster("export", "/dev/stdout", "--server", daemon.registry)
        #expect(output.output == lines, "\(output)")
        let folder = try await muster("export", directory.path, "--server", daemon.registry)
        #expect(folder.errors.contains("Is a directory"), "\(folder.errors)")
        #expect(await daemon.stop().status == 0)
    }

    @Test func `an import reads a pipe with a name, and says whose space is used up`()
        async throws
    {
        let daemon = try await Daemon()
        let line = #"{"path":"/piped","data":"","acl":["world:anyone:cdrwa"]}"#
        let file = try directory.write("file", line + String(repeating: "\n", count: 5_000))
        let program = Checkout.program("muster")
        let piped = try await Program.run([
            "bash", "-c", "\"$0\" server import <(cat \"$1\") --server \"$2\"",
            program, file, daemon.registry,
        ])
        #expect(piped.status == 0, "\(piped.errors)")
        let again = try await muster("import", file, "--server", daemon.registry)
        #expect(again.errors.contains("exist"), "\(again.errors)")
        let full = try await Program.run(
            [
                "sh", "-c", "prlimit --fsize=1000 \"$0\" server import --server \"$2\" < \"$1\"",
                program, file, daemon.registry,
            ],
            environment: ["TMPDIR": directory.path]
        )
        #expect(full.status == 1)
        #expect(full.errors.contains("standard input in \(directory.path)"), "\(full.errors)")
        #expect(full.errors.contains("TMPDIR"), "\(full.errors)")
        let missing = try await muster(
            "import",
            "--from",
            daemon.registry,
            "--from-auth",
            "/no/such",
            "--server",
            daemon.registry + "/piped"
        )
        #expect(missing.status == 4)
        #expect(missing.errors.contains("/no/such does not exist"), "\(missing.errors)")
        #expect(await daemon.stop().status == 0)
    }
}
