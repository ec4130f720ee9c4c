import Foundation
import TestSupport
import Testing

/// A daemon that is given ZooKeeper's own file, reloaded, and started twice.
@Suite(.timeLimit(.minutes(3))) struct ZooCfgStartTests {
    @Test func `a zoo.cfg starts the registry it describes, and can change while it runs`()
        async throws
    {
        let directory = try TemporaryDirectory()
        func write(_ words: String, _ most: Int) throws -> String {
            try directory.write(
                "zoo.cfg",
                """
                tickTime=500
                initLimit=5
                dataDir=\(directory.path)/zk
                clientPort=\(port)
                maxSessionTimeout=\(most)
                4lw.commands.whitelist=\(words)

                """
            )
        }
        let port = try ZooKeeperServer.freePort()
        let file = try write("conf,ruok", 20_000)
        let daemon = try await Daemon(
            configuration: "registry:\n  zooCfg: \(file)\n",
            waitsForView: false,
            listensAnywhere: false
        )
        #expect(daemon.registry == "127.0.0.1:\(port)")
        for text in ["zoo.cfg:2: initLimit: ignored", "zoo.cfg:3: dataDir: nothing in it"] {
            #expect(daemon.program.errors.contains(text), "\(daemon.program.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/zk"))
        let conf = try #require(FourLetterWord.ask(daemon.registry, "conf"))
        #expect(conf.contains("\nminSessionTimeout=1000\nmaxSessionTimeout=20000\n"))
        #expect(FourLetterWord.ask(daemon.registry, "isro")?.contains("whitelist") == true)

        _ = try write("isro,conf", 30_000)
        daemon.program.signal(SIGHUP)
        let isTaken = await eventually { FourLetterWord.ask(daemon.registry, "isro") == "rw" }
        #expect(isTaken, "\(daemon.program.errors)")
        let changed = try #require(FourLetterWord.ask(daemon.registry, "conf"))
        #expect(changed.contains("\nmaxSessionTimeout=30000\n"))
        #expect(!daemon.program.errors.contains("takes effect at the next start"))

        _ = try write("isro", -5)
        daemon.program.signal(SIGHUP)
        let isRefused = await eventually {
            daemon.program.errors.contains("zoo.cfg:5: maxSessionTimeout: ")
        }
        #expect(isRefused, "\(daemon.program.errors)")
        #expect(FourLetterWord.ask(daemon.registry, "isro") == "rw")
        #expect(await daemon.stop().status == 0)
    }

    @Test func `A11.3 servers of an ensemble are shown as what is connected to`() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "zoo.cfg",
            "clientPort=2181\nserver.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n"
        )
        let check = try await Program.run([
            Checkout.program("musterd"), "--check", "--set", "registry.zooCfg=\(file)",
        ])
        #expect(check.status == 0)
        #expect(check.output.contains("registry.connect is \"a:2181,b:2181,c:2181\""))
        #expect(!check.output.contains("tick 2000 ms"))
        let whole = try directory.write("one.cfg", "clientPort=2181\nsyncLimit=5\n")
        let good = try await Program.run([
            Checkout.program("musterd"), "--check", "--set", "registry.zooCfg=\(whole)",
        ])
        #expect(good.status == 0)
        #expect(good.output.contains("one.cfg:2: syncLimit: "))
        #expect(good.output.contains("registry: 127.0.0.1:2181, tick 2000 ms"))
    }

    @Test(arguments: [
        (["--data", "FILE/below"], ["FILE", "Not a directory", "--data DIR"]),
        (
            ["--set", "registry.listen=192.0.2.1:2181", "--set", "registry.allowAnonymous=true"],
            ["registry.listen: listen on 192.0.2.1:2181", "the machine has no such address"]
        ),
        (
            ["--data", "LONG"],
            ["console.listen", "name a shorter one with --data DIR"]
        ),
        (["--config", "FOLDER"], ["is a directory, not a file"]),
    ])
    func `what cannot be had is named, with the way out`(
        words: [String],
        said: [String]
    ) async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("file", "")
        func filled(_ text: String) -> String {
            text.replacingOccurrences(of: "FILE", with: file)
                .replacingOccurrences(of: "LONG", with: folder.path + "/" + Self.longName)
                .replacingOccurrences(of: "FOLDER", with: folder.path)
        }
        var all = [Checkout.program("musterd")] + words.map(filled)
        if !words.contains("--data") { all += ["--data", folder.path] }
        for key in ["registry", "dns", "console"] where !words.joined().contains("\(key).listen") {
            all += ["--set", "\(key).listen=127.0.0.1:0"]
        }
        let outcome = try await Program.run(all)
        #expect(outcome.status == 1)
        for text in said.map(filled) { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
    }

    private static let longName = String(repeating: "long", count: 40)

    @Test func `a second daemon on a data directory is refused before it opens anything`()
        async throws
    {
        let daemon = try await Daemon(waitsForView: false)
        let before = try await daemon.muster("status").status
        let second = try await Program.run([
            Checkout.program("musterd"), "--data", daemon.directory.path,
            "--set", "registry.listen=127.0.0.1:0", "--set", "dns.listen=127.0.0.1:0",
            "--set", "console.listen=127.0.0.1:0",
        ])
        #expect(second.status == 1)
        // `env` has become the daemon, so that the process is the one started.
        let holder = "in use by process \(daemon.program.id)"
        #expect(second.errors.contains(holder), "\(second.errors)")
        #expect(!second.errors.contains("listening"))
        #expect(!second.errors.contains("configuration:"))
        #expect(before == 0)
        #expect(try await daemon.muster("status").status == 0)
        let port = try await Program.run([
            Checkout.program("musterd"), "--data", daemon.directory.path + "/other",
            "--set", "registry.listen=\(daemon.registry)",
        ])
        #expect(port.status == 1)
        #expect(port.errors.contains("Address already in use"))
        #expect(port.errors.contains("systemctl stop zookeeper"))
        #expect(!port.errors.contains("configuration:"))
        #expect(await daemon.stop().status == 0)
    }
}
