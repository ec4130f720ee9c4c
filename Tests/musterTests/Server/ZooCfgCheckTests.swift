import Foundation
import Testing

@testable import muster

/// What is wrong with `zoo.cfg` files; findings are written `line severity key: words of the message`.
@Suite struct ZooCfgCheckTests {
    /// A file without a flaw, for one server alone.
    private static let alone = """
        tickTime=2000
        dataDir=/var/lib/zookeeper
        clientPort=2181
        autopurge.purgeInterval=24

        """
    /// The same for three on hosts of their own.
    private static let three =
        alone + """
            initLimit=10
            syncLimit=5
            server.1=zk1:2888:3888
            server.2=zk2:2888:3888
            server.3= zk3:2888:3888

            """

    private func file(
        _ text: String,
        _ path: String = "zoo.cfg",
        _ folder: ZooCfgFile.DataFolder? = nil
    ) -> ZooCfgFile {
        ZooCfgFile(path: path, bytes: Array(text.utf8), folder: folder)
    }

    private func found(_ files: ZooCfgFile...) -> [String] {
        ZooCfgCheck(files).findings.map { finding in
            "\(finding.line ?? 0) \(finding.severity) \(finding.key): \(finding.message)"
        }
    }

    /// Exactly one finding, with these words in it.
    private func expectOne(
        _ found: [String],
        _ start: String,
        _ words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let fits = found.count == 1 && found[0].hasPrefix(start) && found[0].contains(words)
        #expect(fits, "\(found)", sourceLocation: sourceLocation)
    }

    @Test func `A11.5 A11.6 files of one server and of three are without a finding`() {
        #expect(found(file(Self.alone)) == [])
        #expect(found(file(Self.three)) == [])
        let copies = (1...3).map { id in
            file(Self.three, "zk\(id)/zoo.cfg", .there(myid: "\(id)"))
        }
        #expect(found(copies[0], copies[1], copies[2]) == [])
    }

    @Test(arguments: [
        ("dataDir=/var/lib/zookeeper", "", "0 error dataDir: ", "missing"),
        ("dataDir=/var/lib/zookeeper", "dataDir=", "2 error dataDir: ", "has no value"),
        ("dataDir=/", "dataDir=", "2 warning dataDir: ", "started from"),
        ("dataDir=/var/lib", "dataDir=/tmp", "2 warning dataDir: ", "emptied"),
        ("tickTime=2000", "tickTime=2s", "1 error tickTime: ", "not '2s'"),
        ("tickTime=2000", "tickTime=0", "1 error tickTime: ", "at least 1"),
        ("clientPort=2181", "", "0 error clientPort: ", "no client can connect"),
        ("clientPort=2181", "clientPort=99999", "3 error clientPort: ", "from 1 to 65535"),
        ("clientPort=2181", "clientPortAddress=::1", "3 error ", "clientPort"),
        ("autopurge.purgeInterval=24", "", "0 warning autopurge.purgeInterval: ", "disk"),
        ("=24", "=24\nautopurge.snapRetainCount=1", "5 error autopurge.snap", "of at least"),
        ("=24", "=24\nmaxSessionTimeout=3000", "5 error maxSessionTimeout: ", "above the longest"),
        ("=24", "=24\nminSessionTimeout=50000", "5 error minSessionTimeout: ", "above the longest"),
        ("=24", "=24\ntickTime=3000", "5 warning tickTime: ", "place of line 1"),
        ("=24", "=24\nleaderServes=true", "5 error leaderServes: ", "yes or no"),
        ("=24", "=24\nenforceQuota=on", "5 error enforceQuota: ", "true or false"),
        ("=24", "=24\nadmin.serverPort=2181", "5 error admin.serverPort: ", "that of clientPort"),
        ("=24", "=24\nserver.1=zk1:2888:3888", "5 warning server.1: ", "stand-alone"),
        ("=24", "=24\n4lw.commands.whitelist=srvr, mntr,rouk", "5 warning 4lw", ": rouk"),
        ("=24", "=24\nx=\\u12", "5 error syntax: ", "hexadecimal"),
    ])
    func `A11.2 a flaw of one server's file is found, with its line`(
        part: String,
        instead: String,
        start: String,
        words: String
    ) throws {
        let range = try #require(Self.alone.firstRange(of: part))
        let text = Self.alone.replacingCharacters(in: range, with: instead)
        let all = found(file(text)).filter {
            // What follows from the same line.
            !(part == "clientPort=2181" && instead.isEmpty == false && $0.hasPrefix("0 "))
        }
        if start.hasPrefix("5 error syntax") {
            // Java takes nothing of such a file.
            #expect(all.contains { $0.hasPrefix(start) && $0.contains(words) }, "\(all)")
        } else {
            expectOne(all, start, words)
        }
    }

    @Test(arguments: [
        ("tickTme", "tickTime"), ("ticktime", "tickTime"), ("dataDirr", "dataDir"),
        ("autopurge.purgeIntervall", "autopurge.purgeInterval"),
        ("purgeInterval", "autopurge.purgeInterval"), ("whitelist", "4lw.commands.whitelist"),
        ("zookeeper.snapCount", "snapCount"), ("maxClientConns", "maxClientCnxns"),
        ("jute.maxbuffer", "-Djute.maxbuffer"), ("frobnicate", ""),
    ])
    func `A11.2 a key that is none is found, with the one that was meant`(
        key: String,
        meant: String
    ) throws {
        let findings = ZooCfgCheck([file(Self.alone + key + "=5\n")]).findings
        let finding = try #require(findings.first)
        #expect(findings.count == 1)
        #expect(finding.severity == .warning)
        #expect(finding.line == 5)
        if meant.isEmpty {
            #expect(finding.advice == nil)
        } else {
            #expect(finding.advice?.contains(meant) == true, "\(finding)")
        }
    }

    @Test(arguments: [
        ("initLimit=10", "", "0 error initLimit: ", "missing"),
        ("syncLimit=5", "", "0 error syncLimit: ", "missing"),
        ("initLimit=10", "initLimit=0", "5 error initLimit: ", "of at least 1"),
        ("syncLimit=5", "syncLimit=-1", "6 error syncLimit: ", "of at least 1"),
        ("server.2=zk2", "server.1=zk2", "8 error server.1: ", "is lost"),
        ("server.2=zk2", "server.01=zk2", "8 error server.01: ", "is server 1 again"),
        ("server.2=zk2:2888:3888", "server.2=zk2:2888", "8 error server.2: ", "HOST:PORT:PORT"),
        ("server.2=zk2", "server.2=zk1", "8 error server.2: ", "quorum port 2888 on zk1"),
        ("server.2=zk2", "server.300=zk2", "8 warning server.300: ", "1 to 255"),
        ("server.2=zk2", "server.2=localhost", "8 warning server.2: ", "another machine"),
        ("server.2=zk2", "server.2=0.0.0.0", "8 warning server.2: ", "no address"),
        ("3888\n\n", "3888\nserver.4=zk4:2888:3888\n", "7 warning server.N: ", "loss of 1"),
        ("server.3= zk3:2888:3888", "", "7 warning server.N: ", "2 servers stop"),
        ("server.3= zk3:2888:3888", "server. 3=zk3:2888:3888", "9 error server.: ", "blank"),
        ("clientPort=2181", "clientPort=2888", "3 error clientPort: ", "quorum port of server.1"),
        ("server.3=", "group.1=1:4\nserver.3=", "9 error group.1: ", "no server.4"),
        ("server.3=", "weight.4=1\nserver.3=", "9 error weight.4: ", "no server.4"),
        ("zk2:2888:3888", "zk2:2888:3888|b:2888:3888", "8 error server.2: ", "multiAddress"),
        ("3888\n\n", "3888\ndynamicConfigFile=d\n", "7 error server.1: ", "dynamicConfigFile"),
    ])
    func `A11.2 A11.3 a flaw of an ensemble's file is found, with its line`(
        part: String,
        instead: String,
        start: String,
        words: String
    ) throws {
        let text = Self.three + "\n"
        let range = try #require(text.firstRange(of: part), "\(part)")
        let all = found(file(text.replacingCharacters(in: range, with: instead)))
        #expect(all.contains { $0.hasPrefix(start) && $0.contains(words) }, "\(all)")
    }

    @Test func `a port that clashes with every server's is told of once`() {
        let text = Self.three.replacing("clientPort=2181", with: "clientPort=3888")
        expectOne(found(file(text)), "3 error clientPort: ", "election port of server.1")
        let own = found(file(text, "zoo.cfg", .there(myid: "2")))
        expectOne(own, "3 error clientPort: ", "election port of server.2")
    }

    @Test func `A11.3 client parts of the newer form take the place of clientPort`() {
        let newer = Self.three.replacing("3888\n", with: "3888;2181\n")
        #expect(found(file(newer.replacing("clientPort=2181\n", with: ""))) == [])
        #expect(found(file(newer)) == [])
        let other = file(
            newer.replacing("clientPort=2181", with: "clientPort=2182"),
            "a",
            .there(myid: "2")
        )
        expectOne(found(other), "3 error clientPort: ", "differs from 2181 in server.2")
        let half = newer.replacing("clientPort=2181\n", with: "")
            .replacing("zk2:2888:3888;2181", with: "zk2:2888:3888")
        expectOne(found(file(half)), "7 error server.2: ", "no client can connect")
    }

    @Test func `A11.3 servers of a dynamic file count, and keep their file and line`() {
        let text = Self.three.split(separator: "\n").filter { !$0.hasPrefix("server.") }
        let dynamic = "server.1=a:2888:3888;2181\nserver.2=a:2888:3888;2181\nversion=100000000\n"
        let file = ZooCfgFile(
            path: "zoo.cfg",
            bytes: Array((text.joined(separator: "\n") + "\ndynamicConfigFile=zoo.dyn\n").utf8),
            dynamic: ("zoo.dyn", Array(dynamic.utf8))
        )
        let findings = ZooCfgCheck([file]).findings
        #expect(findings.allSatisfy { $0.file == "zoo.dyn" }, "\(findings)")
        #expect(findings.filter { $0.severity == .error }.map(\.line) == [2, 2, 2])
    }

    @Test(arguments: [
        (ZooCfgFile.DataFolder.absent, "/var/lib/zookeeper/myid is missing"),
        (.there(myid: nil), "/var/lib/zookeeper/myid is missing"),
        (.there(myid: "one"), "holds 'one', not a number"),
        (.there(myid: "2 "), "holds '2 ', not a number"),
        (.there(myid: ""), "holds '', not a number"),
        (.there(myid: "4"), "says 4, and there is no server.4"),
    ])
    func `A11.4 a wrong or missing myid is found`(folder: ZooCfgFile.DataFolder, words: String) {
        expectOne(found(file(Self.three, "zoo.cfg", folder)), "0 error myid: ", words)
        // One server alone needs none.
        #expect(found(file(Self.alone, "zoo.cfg", folder)) == [])
    }

    @Test func `A11.4 a number that two servers have is found`() {
        let second = Self.three.replacing("/var/lib/", with: "/srv/")
        let all = found(
            file(Self.three, "a.cfg", .there(myid: "1")),
            file(second, "b.cfg", .there(myid: "1"))
        )
        #expect(all.contains { $0.contains("error myid: is 1, as that of a.cfg") }, "\(all)")
    }

    @Test func `A11.5 files of one ensemble that differ are found`() throws {
        let first = file(Self.three, "a.cfg")
        let moved = Self.three.replacing("server.2=zk2:", with: "server.2=zk9:")
        expectOne(found(first, file(moved, "b.cfg")), "8 error server.2: ", "a.cfg:8")
        let fewer = Self.three.replacing("server.3= zk3:2888:3888\n", with: "")
        let lost = found(first, file(fewer, "b.cfg")).filter { $0.contains("error") }
        expectOne(lost, "0 error server.3: ", "is only in a.cfg:9")
        let slower = Self.three.replacing("tickTime=2000", with: "tickTime=3000")
        expectOne(found(first, file(slower, "b.cfg")), "1 warning tickTime: ", "a.cfg:1 has 2000")
        // The habit of images: each file has 0.0.0.0 for its own server.
        let open = Self.three.replacing("server.2=zk2:", with: "server.2=0.0.0.0:")
        let all = found(first, file(open, "b.cfg"))
        #expect(all.count == 2 && all.allSatisfy { $0.hasPrefix("8 warning server.2: ") }, "\(all)")
        // What belongs to one server alone may differ.
        let own = Self.three.replacing("/var/lib/zookeeper", with: "/srv/zk")
            .replacing("clientPort=2181", with: "clientPort=2182")
        #expect(found(first, file(own, "b.cfg")) == [])
    }

    /// Three servers on one host, each with its own ports and folder.
    private func pseudoCluster(_ change: (String, Int) -> String) -> [ZooCfgFile] {
        (1...3).map { number in
            let text = """
                dataDir=/srv/zk\(number)
                clientPort=218\(number)
                initLimit=10
                syncLimit=5
                admin.enableServer=false
                autopurge.purgeInterval=24
                server.1=127.0.0.1:2881:3881
                server.2=localhost:2882:3882
                server.3=127.0.0.1:2883:3883
                """
            return ZooCfgFile(path: "zk\(number).cfg", bytes: Array(change(text, number).utf8))
        }
    }

    @Test func `A11.7 three servers on one host need ports and folders of their own`() {
        #expect(ZooCfgCheck(pseudoCluster { text, _ in text }).findings == [])
        let changes: [(from: String, to: String, key: String, words: String)] = [
            ("clientPort=2183", "clientPort=2181", "clientPort", "clientPort of zk1.cfg"),
            ("clientPort=2183", "clientPort=2882", "clientPort", "quorum port of server.2"),
            ("clientPort=2183", "clientPort=3881", "clientPort", "election port of server.1"),
            ("/srv/zk3", "/srv/zk2/", "dataDir", "that of zk2.cfg"),
        ]
        for change in changes {
            let files = pseudoCluster { text, _ in text.replacing(change.from, with: change.to) }
            let findings = ZooCfgCheck(files).findings
            #expect(findings.count == 1, "\(findings)")
            #expect(findings.first?.file == "zk3.cfg")
            #expect(findings.first?.key == change.key)
            #expect(findings.first?.severity == .error)
            #expect(findings.first?.message.contains(change.words) == true, "\(findings)")
        }
        let usual = pseudoCluster { text, _ in
            text.replacing("admin.enableServer=false\n", with: "")
        }
        let admin = ZooCfgCheck(usual).findings
        #expect(admin.map(\.file) == ["zk2.cfg", "zk3.cfg", "zk3.cfg"])
        #expect(admin.allSatisfy { $0.key == "admin.serverPort" && $0.message.contains("8080") })
    }

    @Test func `no bytes trap`() {
        let pieces = [
            "server.", "1", "=", ":", ";", "|", "a", "2888", "\n", "tickTime", "group.1", "weight.",
            "-1", " ", "[", "]", "initLimit", "dataDir", "9999999999999999999", "\\", ",",
        ]
        var state: UInt64 = 3
        for _ in 0..<300 {
            var text = ""
            for _ in 0..<30 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            let files = [file(text, "a", .there(myid: "1")), file(Self.three, "b")]
            let check = ZooCfgCheck(files)
            for finding in check.findings { #expect(!finding.message.isEmpty) }
            #expect(ZooCfgReport(check, explains: true).parameters?.isEmpty == false)
        }
    }

    // MARK: Explaining

    @Test func `A11.2 each parameter is explained, with what its value comes to`() throws {
        let all = ZooCfgExplanation.all(of: file(Self.three))
        func text(_ key: String) throws -> String {
            try #require(all.first { $0.key == key }).text
        }
        #expect(try text("tickTime").hasPrefix("zoo.cfg:1: tickTime=2000\n  "))
        #expect(try text("tickTime").hasSuffix("Sessions last 4 s to 40 s."))
        #expect(try text("initLimit").hasSuffix("10 ticks are 20 s."))
        #expect(
            try text("server.3").hasSuffix(
                "participant on zk3, quorum at 2888, elections at 3888."
            )
        )
        #expect(try text("maxClientCnxns").hasPrefix("zoo.cfg: not set, so: maxClientCnxns=60\n"))
        for explanation in all { #expect(explanation.meaning.hasSuffix(".")) }
    }

    @Test func `the list of parameters has each once, with a whole sentence`() {
        #expect(ZooCfgParameter.all.count > 140)
        for parameter in ZooCfgParameter.all.values + ZooCfgParameter.families {
            #expect(parameter.meaning.hasSuffix("."), "\(parameter.key)")
            if case .whole(let range) = parameter.form, let usual = Int(parameter.usual) {
                let isKept = range.contains(usual) || usual == 0
                #expect(isKept, "\(parameter.key)")
            }
        }
    }
}
