import DNSServer
import ServiceModel
import Testing
import ZooKeeperServer

@testable import musterd

@Suite struct ConfigurationTests {
    @Test func `an empty file means the defaults`() throws {
        for text in ["", "# nothing\n", "dns:\n"] {
            #expect(try Configuration(text: text, file: "m.yaml") == Configuration())
        }
        #expect(Configuration().registry.listen.description == "127.0.0.1:2181")
        #expect(Configuration().dns.listen.description == "127.0.0.1:1053")
        #expect(Configuration().console.listen.description == "127.0.0.1:8053")
    }

    @Test func `keys set what the table says`() throws {
        let text = """
            registry:
              listen: "[::1]:0"
              connect: zk1:2181,zk2:2181/chroot
              tickTime: 500
              dubboRoots: [/dubbo, /dubbo2]
            dns:
              origins: example.internal
              ttl: 30
              staleTTL: 7
              maxStale: 3600
            alerts:
              webhooks:
                - http://127.0.0.1:9/hook
            """
        let read = try Configuration(text: text, file: "m.yaml")
        #expect(read.registry.listen.port == 0)
        #expect(read.registry.connect == "zk1:2181,zk2:2181/chroot")
        #expect(read.registry.tickTime == .milliseconds(500))
        #expect(read.registry.dubboRoots == ["/dubbo", "/dubbo2"])
        #expect(read.dns.origins == ["example.internal"])
        #expect(read.dns.ttl == .seconds(30))
        #expect(read.dns.staleTTL == .seconds(7) && read.dns.maxStale == .seconds(3_600))
        #expect(try ZoneSetup(read).configuration.staleTTL == 7)
        #expect(try ZoneSetup(read).configuration.maxStale == .seconds(3_600))
        #expect(read.alerts.webhooks == ["http://127.0.0.1:9/hook"])
    }

    @Test func `credentials are taken apart at the first colon, and never shown`() throws {
        let text = "registry:\n  connect: zk1\n  auth: [\"digest:user:geheim:2\", x509:geheim]\n"
        let read = try Configuration(text: text, file: "m.yaml")
        #expect(read.registry.auth.map(\.scheme) == ["digest", "x509"])
        #expect(read.registry.auth.map(\.secret) == ["user:geheim:2", "geheim"])
        var dumped = "\(read) \(String(reflecting: read))"
        dump(read, to: &dumped)
        #expect(!dumped.contains("geheim"))
        #expect(read.keysForRestart(comparedTo: Configuration()).contains("registry.auth"))
        for bad in ["geheim", "\":geheim\"", "\"digest:\"", "{a: geheim}"] {
            let error = #expect(throws: ConfigurationError.self) {
                try Configuration(text: "registry:\n  auth: [\(bad)]\n", file: "m.yaml")
            }
            #expect(error?.key == "registry.auth")
            #expect(error?.description.contains("geheim") == false, "\(String(describing: error))")
        }
    }

    @Test(arguments: ["registry.auth=digest:u:geheim", "registry.observe=true"])
    func `what is for an ensemble is refused beside the embedded registry`(key: String) throws {
        var configuration = Configuration()
        try configuration.set(key)
        let error = #expect(throws: ConfigurationError.self) { try configuration.checkWhole() }
        #expect(key.hasPrefix(error?.key ?? "-"))
        #expect(error?.message.contains("registry.connect") == true)
        configuration.registry.connect = "zk1"
        try configuration.checkWhole()
    }

    @Test(arguments: [
        ("dns:\n  lisen: x", "m.yaml:2:3", "dns.lisen"),
        ("dns:\n  listen: 127.0.0.1", "m.yaml:2:3", "dns.listen"),
        ("dns:\n  listen: 127.0.0.1:99999", "m.yaml:2:3", "dns.listen"),
        ("dns:\n  ttl: fast", "m.yaml:2:3", "dns.ttl"),
        ("dns:\n  maxStale: -1", "m.yaml:2:3", "dns.maxStale"),
        ("registry:\n  tickTime: 5", "m.yaml:2:3", "registry.tickTime"),
        ("registry:\n  dubboRoots: [dubbo]", "m.yaml:2:3", "registry.dubboRoots"),
        ("alerts:\n  webhooks: ftp://x", "m.yaml:2:3", "alerts.webhooks"),
        ("log: {level: loud}", "m.yaml:1:7", "log.level"),
        ("dns: 5", "m.yaml:1:1", "dns"),
        ("nonsense: 1", "m.yaml:1:1", "nonsense"),
        ("- a", "m.yaml:1:1", ""),
    ])
    func `a fault is named with file, line and key`(text: String, place: String, key: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(text: text, file: "m.yaml")
        }
        #expect(error?.place == place)
        #expect(error?.key == key)
    }

    @Test(arguments: ["dns: {ttl: 1, ttl: 2}", "dns: [", "dns:\n\tttl: 1"])
    func `a doubled key or broken YAML is refused with its line`(text: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(text: text, file: "m.yaml")
        }
        #expect(error?.place.hasPrefix("m.yaml:") == true)
    }

    @Test func `a single key can be overridden`() throws {
        var configuration = Configuration()
        try configuration.set("dns.listen=127.0.0.1:0")
        try configuration.set("dns.origins=[a.internal, b.internal]")
        #expect(configuration.dns.listen.port == 0)
        #expect(configuration.dns.origins == ["a.internal", "b.internal"])
        for bad in ["dns.listen", "dns.lisen=1", "dns.ttl=x", "dns.zones=["] {
            #expect(throws: ConfigurationError.self) { try configuration.set(bad) }
        }
    }

    @Test func `an open registry must be asked for aloud`() throws {
        var configuration = Configuration()
        try configuration.set("registry.listen=0.0.0.0:2181")
        let error = #expect(throws: ConfigurationError.self) { try configuration.checkWhole() }
        #expect(error?.key == "registry.listen")
        try configuration.set("registry.allowAnonymous=true")
        try configuration.checkWhole()
    }

    @Test func `the embedded registry's keys have ZooKeeper's defaults`() {
        let wanted = RegistryConfiguration(Configuration().registry)
        let usual = RegistryConfiguration()
        #expect(wanted.listen == usual.listen)
        #expect(wanted.tickTime == usual.tickTime)
        #expect(wanted.timeouts == usual.timeouts)
        #expect(wanted.requestBytesMax == usual.requestBytesMax)
        #expect(wanted.connectionsMax == usual.connectionsMax)
        #expect(wanted.connectionsPerAddressMax == usual.connectionsPerAddressMax)
        #expect(wanted.words == usual.words)
        #expect(wanted.superDigest == nil)
        #expect(wanted.enforceQuota == usual.enforceQuota)
        #expect(wanted.reaperInterval == usual.reaperInterval)
    }

    @Test func `the embedded registry's keys are handed on`() throws {
        let read = try Configuration(
            text: """
                registry:
                  minSessionTimeout: 500
                  maxSessionTimeout: 90000
                  maxConnections: 20
                  maxConnectionsPerAddress: 0
                  maxRequestBytes: 4096
                  words: [ruok, "mntr,isro"]
                  enforceQuota: true
                  containerCheckInterval: 500
                  foldBytes: 1000000
                  superDigest: super:g9oN2HttPfn8MMWJZ2r45Np/LIA=
                """,
            file: "m.yaml"
        )
        try read.checkWhole()
        let wanted = RegistryConfiguration(read.registry)
        #expect(wanted.timeouts == .milliseconds(500)...(.seconds(90)))
        #expect(wanted.connectionsMax == 20)
        #expect(wanted.connectionsPerAddressMax == 0)
        #expect(read.registry.foldBytes == 1_000_000)
        #expect(wanted.requestBytesMax == 4_096)
        #expect(wanted.words == .only(["ruok", "mntr", "isro"]))
        #expect(wanted.enforceQuota)
        #expect(wanted.reaperInterval == .milliseconds(500))
        #expect(wanted.superDigest?.hasPrefix("super:") == true)
        let all = try Configuration(text: "registry: {words: '*'}", file: "m.yaml")
        #expect(all.registry.words == .all)
    }

    @Test(arguments: [
        "registry.words=[ruok, abcd]", "registry.maxConnections=0",
        "registry.maxConnectionsPerAddress=-1", "registry.maxRequestBytes=1000",
        "registry.maxRequestBytes=999999999", "registry.minSessionTimeout=0",
        "registry.enforceQuota=maybe", "registry.containerCheckInterval=9",
        "registry.maxSessionTimeout=fast", "registry.tickTime=49", "registry.foldBytes=65535",
        "registry.connect=", "registry.connect=zk1:99999", "registry.connect=zk1:2181/a//b",
    ])
    func `values outside their bounds are refused`(assignment: String) {
        var configuration = Configuration()
        #expect(throws: ConfigurationError.self) { try configuration.set(assignment) }
    }

    @Test(arguments: [
        ["registry.minSessionTimeout=50000"], ["registry.superDigest=super:secret"],
        ["registry.minSessionTimeout=900", "registry.maxSessionTimeout=800"],
    ])
    func `values that cannot stand together are refused`(assignments: [String]) throws {
        var configuration = Configuration()
        for assignment in assignments { try configuration.set(assignment) }
        let error = #expect(throws: ConfigurationError.self) { try configuration.checkWhole() }
        #expect(error?.key == "registry")
    }

    @Test func `a reload says what only a start takes over`() throws {
        var new = Configuration()
        for assignment in [
            "registry.words=*", "registry.maxConnections=5", "registry.minSessionTimeout=5000",
        ] { try new.set(assignment) }
        #expect(new.keysForRestart(comparedTo: Configuration()).isEmpty)
        for assignment in ["registry.maxRequestBytes=4096", "registry.listen=127.0.0.1:0"] {
            try new.set(assignment)
        }
        let keys = new.keysForRestart(comparedTo: Configuration())
        #expect(keys == ["registry.listen", "registry.maxRequestBytes"])
    }
}
