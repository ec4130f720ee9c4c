import Flags
import ServiceModel
import TestSupport
import Testing
import ZooKeeperServer

@testable import musterd

@Suite struct ZooCfgTests {
    private func read(
        _ text: String,
        below keys: Configuration.Registry = Configuration.Registry()
    ) throws -> Configuration {
        try ZooCfg(Array(text.utf8), file: "zoo.cfg").defaults(below: keys)
    }

    @Test func `the keys of a standalone server are taken`() throws {
        let read = try read(
            """
            tickTime=500
            minSessionTimeout=700
            maxSessionTimeout = 30000
            clientPort: 2191
            clientPortAddress=127.0.0.2
            maxClientCnxns=0
            maxCnxns=500
            enforceQuota=TRUE
            jute.maxbuffer=0x200000
            4lw.commands.whitelist=ruok, mntr ,stat
            DigestAuthenticationProvider.superDigest=super:g9oN2HttPfn8MMWJZ2r45Np/LIA=
            """
        ).registry
        #expect(read.listen.description == "127.0.0.2:2191")
        #expect(read.tickTime == .milliseconds(500))
        #expect(read.minSessionTimeout == .milliseconds(700))
        #expect(read.maxSessionTimeout == .seconds(30))
        #expect(read.connectionsPerAddressMax == 0)
        #expect(read.connectionsMax == 500)
        #expect(read.enforceQuota)
        #expect(read.requestBytesMax == 2_097_152)
        #expect(read.words == .only(["ruok", "mntr", "stat"]))
        #expect(read.superDigest == "super:g9oN2HttPfn8MMWJZ2r45Np/LIA=")
        #expect(try self.read("4lw.commands.whitelist=ruok,*").registry.words == .all)
        #expect(try self.read("minSessionTimeout=-1").registry.minSessionTimeout == nil)
    }

    @Test func `Debian's own file needs nothing but notices`() throws {
        let text = """
            # The number of milliseconds of each tick
            tickTime=2000
            initLimit=10
            syncLimit=5
            dataDir=/var/lib/zookeeper
            # the port at which the clients will connect
            clientPort=2181
            autopurge.snapRetainCount=3
            admin.serverPort=8080
            whatever=1
            """
        let read = try read(text)
        #expect(read.registry == Configuration().registry)
        let starts = [
            "zoo.cfg:3: initLimit: ", "zoo.cfg:4: syncLimit: ", "zoo.cfg:5: dataDir: nothing in it",
            "zoo.cfg:8: autopurge.snapRetainCount: ", "zoo.cfg:9: admin.serverPort: ",
            "zoo.cfg:10: whatever: ignored", "zoo.cfg:7: clientPort: ",
        ]
        #expect(read.notices.count == starts.count)
        for (notice, start) in zip(read.notices, starts) { #expect(notice.hasPrefix(start)) }
    }

    @Test func `without an address it listens to others only when that was said aloud`() throws {
        #expect(try read("clientPort=2191").registry.listen.description == "127.0.0.1:2191")
        var keys = Configuration.Registry()
        keys.allowAnonymous = true
        let open = try read("clientPort=2191", below: keys)
        #expect(open.registry.listen.description == "0.0.0.0:2191")
        #expect(open.notices.isEmpty)
    }

    @Test func `a second line of a key takes the place of the first`() throws {
        let read = try read("tickTime=500\ntickTime=600")
        #expect(read.registry.tickTime == .milliseconds(600))
        #expect(read.notices == ["zoo.cfg:2: tickTime: takes the place of line 1, as in ZooKeeper"])
    }

    @Test(arguments: [
        ("x=1\ntickTime=fast", "zoo.cfg:2", "tickTime", "'fast'"),
        ("tickTime=0", "zoo.cfg:1", "tickTime", "'0'"),
        ("clientPort=70000", "zoo.cfg:1", "clientPort", "'70000'"),
        ("clientPort=", "zoo.cfg:1", "clientPort", "''"),
        ("clientPortAddress=here.example", "zoo.cfg:1", "clientPortAddress", "'here.example'"),
        ("maxClientCnxns=many", "zoo.cfg:1", "maxClientCnxns", "'many'"),
        ("jute.maxbuffer=1g", "zoo.cfg:1", "jute.maxbuffer", "'1g'"),
        ("enforceQuota=yes", "zoo.cfg:1", "enforceQuota", "'yes'"),
        ("server.1=here", "zoo.cfg:1", "server.1", "'here'"),
        ("server.1=a:1:2;x", "zoo.cfg:1", "server.1", "'x'"),
        ("dynamicConfigFile=/etc/zoo.dyn", "zoo.cfg:1", "dynamicConfigFile", "registry.connect"),
        ("tickTime=\\u12", "zoo.cfg:1", "", "hexadecimal"),
        ("x=1\nenforce.auth.enabled=true", "zoo.cfg:2", "enforce.auth.enabled", "anyone"),
        (
            "sessionRequireClientSASLAuth=true", "zoo.cfg:1", "sessionRequireClientSASLAuth",
            "log in"
        ),
        ("secureClientPort=2281", "zoo.cfg:1", "secureClientPort", "clientPort=2181"),
    ])
    func `a malformed value is refused with file, line, key and value`(
        text: String,
        place: String,
        key: String,
        value: String
    ) {
        let error = #expect(throws: ConfigurationError.self) { try read(text) }
        #expect(error?.place == place)
        #expect(error?.key == key)
        #expect(error?.message.contains(value) == true, "\(error?.message ?? "")")
    }

    @Test func `several servers are an ensemble, with the ports that clients use`() throws {
        let read = try read(
            """
            clientPort=2191
            server.1=zk1.example:2888:3888
            server.2= zk2.example:2888:3888:participant;2182
            server.3=[fd00::3]:2888:3888|zk3b:2888:3888:observer;0.0.0.0:2183
            server.4=zk4:2888:3888;10.0.0.4:2184
            """
        )
        let servers = "zk1.example:2191,zk2.example:2182,[fd00::3]:2183,10.0.0.4:2184"
        #expect(read.registry.connect == servers)
        #expect(read.notices.count == 1)
        #expect(read.notices[0].hasPrefix("zoo.cfg:2: 4 servers are an ensemble"))
        #expect(read.notices[0].contains(servers))
        let lone = try self.read("server.1=zk1:2888:3888")
        #expect(lone.notices.count == 1)
        #expect(lone.registry.connect == nil)
        let mute = #expect(throws: ConfigurationError.self) {
            try self.read("server.1=a:2888:3888;2181\nserver.2=b:2888:3888\n")
        }
        #expect(mute?.place == "zoo.cfg:2")
        #expect(mute?.message.contains("clientPort=2181") == true)
    }

    @Test func `an ensemble of a file is served from, with keys of its own`() throws {
        let directory = try TemporaryDirectory()
        let text = "clientPort=2191\nserver.1=a:1:2\nserver.2=b:1:2\n"
        let zoo = try directory.write("zoo.cfg", text)
        let read = try load([
            "--set", "registry.zooCfg=\(zoo)", "--set", "registry.auth=digest:u:p",
            "--set", "registry.observe=true",
        ])
        #expect(read.registry.connect == "a:2191,b:2191")
        #expect(read.registry.auth == [.init(scheme: "digest", secret: "u:p")])
        #expect(read.registry.observe)
        #expect(read.notices.count == 1)
    }

    // MARK: With the daemon's own keys

    private func load(_ words: [String]) throws -> Configuration {
        try DaemonOptions(try .init(words[...], by: DaemonOptions.syntax), environment: [:]).load()
    }

    @Test func `keys of the daemon win over the file, wherever they stand`() throws {
        let directory = try TemporaryDirectory()
        let text = "clientPort=2191\ntickTime=500\nmaxClientCnxns=7\n"
        let zoo = try directory.write("zoo.cfg", text)
        let yaml = try directory.write(
            "muster.yaml",
            "registry:\n  tickTime: 1000\n  zooCfg: \(zoo)\n"
        )
        let read = try load(["--config", yaml, "--set", "registry.maxConnectionsPerAddress=9"])
        #expect(read.registry.listen.port == 2_191)
        #expect(read.registry.tickTime == .seconds(1))
        #expect(read.registry.connectionsPerAddressMax == 9)
        #expect(read.registry.zooCfg == zoo)
        #expect(read.notices.count == 1)
        let moved = try load(["--config", yaml, "--set", "registry.listen=127.0.0.1:0"])
        #expect(moved.registry.listen.port == 0)
        #expect(moved.notices.isEmpty)
    }

    @Test func `a file together with an ensemble is refused`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try load(["--set", "registry.zooCfg=zoo.cfg", "--set", "registry.connect=zk1:2181"])
        }
        #expect(error?.key == "registry.zooCfg")
        let missing = #expect(throws: ConfigurationError.self) {
            try load(["--set", "registry.zooCfg=/none/zoo.cfg"])
        }
        #expect(missing?.description == "/none/zoo.cfg: does not exist")
    }
}
