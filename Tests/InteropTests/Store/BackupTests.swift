import Foundation
import TestSupport
import Testing
import ZooKeeperProtocol

/// `muster server backup` of a daemon that goes on, and `musterd --restore` of one that is stopped.
@Suite(.timeLimit(.minutes(3))) struct BackupTests {
    private func create(
        _ client: BlockingClient,
        _ path: String,
        mode: CreateMode = .persistent
    ) throws -> BlockingClient.Reply {
        let request = CreateRequest(path: path, data: Array(path.utf8), mode: mode)
        let replies = try #require(try client.ask([.create2(request)]))
        _ = try replies[0].outcome.get()
        return replies[0]
    }

    private func exists(_ client: BlockingClient, _ path: String) throws -> Bool {
        let request = Request.exists(ExistsRequest(path: path, watch: false))
        let replies = try #require(try client.ask([request]))
        guard case .success = replies[0].outcome else { return false }
        return true
    }

    private func restore(_ daemon: CrashedDaemon, _ file: String) async throws -> Program.Outcome {
        try await Program.run(daemon.words("--restore", file))
    }

    private func backUp(_ daemon: CrashedDaemon, to file: String) async throws {
        let outcome = try await daemon.muster("server", "backup", file)
        try #require(outcome.status == 0, "\(outcome.errors)\n\(daemon.errors)")
    }

    @Test func `a backup is of one moment, and going back to it keeps what it replaces`()
        async throws
    {
        let daemon = try CrashedDaemon()
        try await daemon.start()
        let client = try daemon.client()
        for number in 0..<200 { _ = try create(client, "/kept-\(number)") }
        _ = try create(client, "/brief", mode: .ephemeral)
        _ = try create(client, "/s-", mode: .persistentSequential)
        let folder = try TemporaryDirectory()
        let file = folder.path + "/backup"
        let outcome = try await daemon.muster("server", "backup", file)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let facts = try FileManager.default.attributesOfItem(atPath: file)
        let bytes = try #require((facts[.size] as? NSNumber)?.intValue)
        #expect(outcome.output.contains("\(file): \(bytes) bytes in "), "\(outcome.output)")
        #expect(outcome.output.contains("musterd --restore \(file)"))
        let last = try create(client, "/later")
        let lastZxid = try #require(last.changeZxid)

        // Not while it runs, and nothing of the live store's own files is a target.
        let running = try await restore(daemon, file)
        #expect(running.status == 1)
        #expect(running.errors.contains("in use by process"))
        for own in ["registry/tree.db", "musterd.lock", "other/../backup", "registry/new"] {
            let path = daemon.directory.path + "/" + own
            let refused = try await daemon.muster("server", "backup", path)
            #expect(refused.status == 5, "\(own): \(refused)")
            #expect(refused.errors.contains("among the daemon's own files"), "\(refused.errors)")
        }

        #expect(await daemon.stop() == 0)
        let done = try await restore(daemon, file)
        try #require(done.status == 0, "\(done.errors)")
        #expect(done.output.contains("from \(file)"))
        #expect(done.output.contains("start musterd now"))
        let names = try FileManager.default.contentsOfDirectory(atPath: daemon.directory.path)
        let replaced = try #require(names.first { $0.hasPrefix("registry.replaced-") })
        #expect(names.filter { $0.hasPrefix("registry.") } == [replaced])
        let store = daemon.directory.path + "/registry"
        let way = "mv -T \(daemon.directory.path)/\(replaced) \(store)\n"
        #expect(done.output.contains(way), "\(done.output)")

        try await daemon.start()
        let fresh = try daemon.client()
        #expect(try exists(fresh, "/kept-199"))
        #expect(try !exists(fresh, "/later"))
        #expect(try !exists(fresh, "/brief"))
        let next = try create(fresh, "/s-", mode: .persistentSequential)
        guard case .success(.created(let created)) = next.outcome else {
            Issue.record("\(next.outcome)")
            return
        }
        #expect(created.path == "/s-0000000202")
        #expect(created.stat.czxid >> 32 > lastZxid >> 32)

        // What was replaced has changes in its log alone, and is no backup; the way that was named leads back.
        #expect(await daemon.stop() == 0)
        for path in ["/\(replaced)/tree.db", "/\(replaced)"] {
            let folder = try await restore(daemon, daemon.directory.path + path)
            #expect(folder.status == 1)
            #expect(folder.errors.contains("a registry's folder, not a backup"), "\(folder)")
            #expect(folder.errors.contains("/\(replaced) back in its place"), "\(folder)")
        }
        let line = try #require(done.output.split(separator: "\n").first { $0.contains("mv -T") })
        let command = String(line.split(separator: ": ", maxSplits: 1)[1])
        try #require(try await Program.run(["sh", "-c", command]).status == 0)
        try await daemon.start()
        #expect(try exists(daemon.client(), "/later"))
        await daemon.kill()
    }

    @Test func `a backup takes the place of an earlier one, and of nothing else`() async throws {
        let daemon = try CrashedDaemon()
        try await daemon.start()
        let folder = try TemporaryDirectory()
        let file = try folder.write("backup", "")
        try await backUp(daemon, to: file)
        _ = try create(daemon.client(), "/second")
        try await backUp(daemon, to: file)
        let text = try folder.write("text", "what somebody wrote")
        let fifo = folder.path + "/fifo"
        try #require(try await Program.run(["mkfifo", fifo]).status == 0)
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        for (path, reason) in [
            (text, "\(text): it is there already and no backup"),
            (fifo, "\(fifo) is there already, and no regular file"),
            (link, "\(link) is there already, and no regular file"),
            (folder.path, "\(folder.path) is there already, and no regular file"),
        ] {
            let outcome = try await daemon.muster("server", "backup", path)
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        }
        #expect(try String(contentsOfFile: text, encoding: .utf8) == "what somebody wrote")
        #expect(await daemon.stop() == 0)
        try #require(try await restore(daemon, file).status == 0)
        try await daemon.start()
        #expect(try exists(daemon.client(), "/second"))
        await daemon.kill()
    }

    @Test func `a restore is refused where it makes no sense, and says where nothing was`()
        async throws
    {
        let daemon = try CrashedDaemon()
        try await daemon.start()
        let folder = try TemporaryDirectory()
        let file = folder.path + "/backup"
        try await backUp(daemon, to: file)
        #expect(await daemon.stop() == 0)
        let before = try snapshot(daemon)
        let export = try folder.write("export", #"{"path":"/a","data":"","acl":[]}"# + "\n")
        for (words, status, reason) in [
            (["--restore", file, "--check"], 2, "--restore and --check are both given"),
            (
                ["--restore", file, "--set", "registry.connect=127.0.0.1:1"], 1,
                "no registry of its own with registry.connect"
            ),
            (["--restore", file, "--config", "/no/such"], 1, "/no/such: does not exist"),
            (["--restore", export], 1, "an export goes back with muster server import"),
        ] {
            let outcome = try await Program.run(daemon.words() + words)
            #expect(outcome.status == Int32(status), "\(words): \(outcome)")
            #expect(outcome.errors.contains(reason), "\(words): \(outcome.errors)")
            #expect(try snapshot(daemon) == before, "\(words)")
        }
        let empty = try CrashedDaemon()
        let done = try await restore(empty, file)
        try #require(done.status == 0, "\(done.errors)")
        #expect(done.output.contains("no registry was there before"), "\(done.output)")
    }

    @Test(.needs(.kazoo)) func `a client of before goes on with a new session`() async throws {
        let daemon = try CrashedDaemon()
        try await daemon.start()
        let folder = try TemporaryDirectory()
        let file = folder.path + "/backup"
        try await backUp(daemon, to: file)
        let provider = try Program([
            Checkout.program("muster"), "register", "dubbo://10.0.0.1:20880/com.example.Back",
            "--server", daemon.registry,
        ])
        let isThere = try await eventually {
            try await daemon.muster("instance", "ls").output.contains("10.0.0.1:20880")
        }
        try #require(isThere, "\(provider.errors)")
        let kazoo = try Program([
            Peer.python, "-c",
            """
            import sys, time
            from kazoo.client import KazooClient
            client = KazooClient(hosts="\(daemon.registry)", timeout=10)
            client.add_listener(lambda state: print(state, flush=True))
            client.start()
            old = client.client_id[0]
            print("old", old, flush=True)
            sys.stdin.readline()
            while client.client_id is None or client.client_id[0] == old or not client.connected:
                time.sleep(0.02)
            client.ensure_path("/by-kazoo")
            print("new session works", flush=True)
            """,
        ])
        try #require(await eventually { kazoo.output.contains("old") }, "\(kazoo.errors)")
        #expect(await daemon.stop() == 0)
        try #require(try await restore(daemon, file).status == 0)
        try await daemon.start()
        kazoo.send("go")
        let outcome = await kazoo.wait(within: .seconds(40))
        #expect(outcome.output.contains("LOST"), "\(outcome)")
        #expect(outcome.output.contains("new session works"), "\(outcome)")
        let isBack = try await eventually {
            try await daemon.muster("instance", "ls").output.contains("10.0.0.1:20880")
        }
        #expect(isBack, "\(provider.errors)")
        provider.signal(SIGKILL)
        await daemon.kill()
    }

    @Test func `what is no good backup is refused, and nothing is touched`() async throws {
        let daemon = try CrashedDaemon()
        try await daemon.start()
        let client = try daemon.client()
        for number in 0..<50 { _ = try create(client, "/node-\(number)") }
        let folder = try TemporaryDirectory()
        let file = folder.path + "/backup"
        try await backUp(daemon, to: file)
        #expect(await daemon.stop() == 0)
        let before = try snapshot(daemon)

        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        var bad: [String: Data] = [
            "cut": whole.prefix(whole.count / 2), "empty": Data(), "text": Data("no backup".utf8),
        ]
        var flipped = whole
        for index in stride(from: 4_096 + 100, to: whole.count, by: 512) { flipped[index] ^= 0xff }
        bad["flipped"] = flipped
        // SQLite keeps the version of a format's user at offset 60 (file format, section 1.3).
        var newer = whole
        newer[60] = 0x7f
        bad["newer"] = newer
        for (name, bytes) in bad {
            let path = folder.path + "/" + name
            try bytes.write(to: URL(fileURLWithPath: path))
            let outcome = try await restore(daemon, path)
            #expect(outcome.status == 1, "\(name): \(outcome)")
            #expect(outcome.errors.contains(path), "\(name): \(outcome.errors)")
            #expect(outcome.errors.contains("nothing was touched"), "\(name): \(outcome.errors)")
            #expect(try snapshot(daemon) == before, "\(name)")
        }
        let missing = try await restore(daemon, folder.path + "/missing")
        #expect(missing.errors.contains("missing"))
        #expect(try snapshot(daemon) == before)
        try await daemon.start()
        #expect(try exists(daemon.client(), "/node-49"))
        await daemon.kill()
    }

    @Test func `a restore that was cut short does not start with an empty tree`() async throws {
        let daemon = try CrashedDaemon()
        try await daemon.start()
        let folder = try TemporaryDirectory()
        let file = folder.path + "/backup"
        _ = try create(daemon.client(), "/kept")
        try await backUp(daemon, to: file)
        #expect(await daemon.stop() == 0)
        let store = daemon.directory.path + "/registry"
        try FileManager.default.moveItem(atPath: store, toPath: store + ".restoring")
        let refused = try await Program.run(daemon.words())
        #expect(refused.status == 1)
        #expect(refused.errors.contains("a restore was interrupted"), "\(refused.errors)")
        try #require(try await restore(daemon, file).status == 0)
        try await daemon.start()
        #expect(try exists(daemon.client(), "/kept"))
        await daemon.kill()
    }

    @Test func `an ensemble's daemon has nothing to back up, and says what does`() async throws {
        let port = try ZooKeeperServer.freePort()
        let daemon = try await Daemon(
            settings: ["registry.connect=127.0.0.1:\(port)"],
            waitsForView: false
        )
        let outcome = try await daemon.muster("server", "backup", "/tmp/never")
        #expect(outcome.status == 5)
        #expect(outcome.errors.contains("no registry of its own"), "\(outcome.errors)")
        #expect(outcome.errors.contains("muster server export"))
        #expect(await daemon.stop().status == 0)
    }

    /// Names and contents of the data directory.
    private func snapshot(_ daemon: CrashedDaemon) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: daemon.directory.path)
        where name.hasPrefix("registry/") {
            let path = daemon.directory.path + "/" + name
            files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
        }
        return files
    }
}
