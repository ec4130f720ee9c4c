import Testing
import ZooKeeperClient

@Suite struct ZooCfgServersTests {
    private func hosts(_ text: String) throws -> [String] {
        let configuration = try SessionConfiguration(zooCfg: text)
        guard case .hosts(let hosts) = configuration.servers else { return [] }
        return hosts
    }

    @Test func `A11.3 servers of a zoo.cfg are read in all their forms`() throws {
        let old = try hosts(
            """
            # The ensemble
            tickTime=2000
            dataDir = /var/lib/zookeeper
            clientPort=2182
            server.1=zk1:2888:3888
            server.2: zk2:2888:3888:observer
            server.3= zk3:2888:3888
              server.4 [fd00::1]:2888:3888
            """
        )
        #expect(old == ["zk1:2182", "zk2:2182", "zk3:2182", "[fd00::1]:2182"])
        let new = try hosts(
            """
            server.1=zk1:2888:3888:participant;2181
            server.2=zk2:2888:3888;0.0.0.0:2182
            server.3=zk3:2888:3888;10.0.0.3:2183
            server.4=zk4:2888:3888|zk4b:2888:3888;[::]:2184
            server.5=zk5:2888:3888;[fd00::5]:2185
            server.6=zk6:2888:3888
            server.6=zk7:2888:3888;2187
            """
        )
        #expect(
            new == [
                "zk1:2181", "zk2:2182", "10.0.0.3:2183", "zk4:2184", "[fd00::5]:2185", "zk7:2187",
            ]
        )
        #expect(
            try hosts("server.1=zk1:2888:3888\r\nserver.2=zk2:1:2\r\n") == ["zk1:2181", "zk2:2181"]
        )
    }

    @Test func `A11.6 a server that stands alone is the machine itself, or its address`() throws {
        #expect(try hosts("clientPort=2181") == ["127.0.0.1:2181"])
        #expect(try hosts("clientPort=1\nclientPortAddress=0.0.0.0") == ["127.0.0.1:1"])
        #expect(try hosts("clientPort=1\nclientPortAddress=fd00::1") == ["[fd00::1]:1"])
    }

    @Test(arguments: [
        ("", "server.N"), ("tickTime=2000", "server.N"), ("clientPort=x", "clientPort=x"),
        ("server.1=zk1", "'zk1'"), ("server.1=:1:2", "server.1"),
        ("server.1=zk1:1:2;70000", "70000"), ("\nserver.1=zk1:1:2;", "line 2"),
        ("dynamicConfigFile=/etc/zoo.cfg.dynamic", "/etc/zoo.cfg.dynamic"),
    ])
    func `A11.3 what names no server is refused by name`(text: String, word: String) {
        let error = #expect(throws: ZooKeeperError.self) {
            try SessionConfiguration(zooCfg: text)
        }
        #expect(error?.code == .badArgument)
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "none")")
    }

    @Test func `more servers than a session takes are refused`() {
        let lines = (1...65).map { "server.\($0)=zk\($0):2888:3888" }
        #expect(throws: ZooKeeperError.self) {
            try SessionConfiguration(zooCfg: lines.joined(separator: "\n"))
        }
    }

    @Test func `a chroot behind a zoo.cfg keeps the rules of paths`() throws {
        #expect(try SessionConfiguration(zooCfg: "clientPort=1", chroot: "/a").chroot == "/a")
        #expect(try SessionConfiguration(zooCfg: "clientPort=1", chroot: "/").chroot == "")
        #expect(throws: ZooKeeperError.self) {
            try SessionConfiguration(zooCfg: "clientPort=1", chroot: "a/")
        }
    }
}
