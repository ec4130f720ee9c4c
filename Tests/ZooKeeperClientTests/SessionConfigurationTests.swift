import Testing
import ZooKeeperClient

@Suite struct SessionConfigurationTests {
    @Test(arguments: [
        ("zk1:2181,zk2:2182,zk3:2183", ["zk1:2181", "zk2:2182", "zk3:2183"], ""),
        ("zk1, zk2 ,", ["zk1:2181", "zk2:2181"], ""), ("127.0.0.1:1/a/b", ["127.0.0.1:1"], "/a/b"),
        ("[::1]:5,[::2]/", ["[::1]:5", "[::2]:2181"], ""),
    ])
    func `A13.1 a connect string names hosts and a chroot`(
        text: String,
        hosts: [String],
        chroot: String
    ) throws {
        let configuration = try SessionConfiguration(connectString: text)
        guard case .hosts(let found) = configuration.servers else {
            Issue.record("no hosts")
            return
        }
        #expect(found == hosts)
        #expect(configuration.chroot == chroot)
    }

    @Test(arguments: [
        "", ",", "/a", "zk1:0", "zk1:x", "zk1:70000", ":2181", "::1:2181", "[::1", "a/b/",
    ])
    func `a bad connect string is refused by name`(text: String) {
        let error = #expect(throws: ZooKeeperError.self) {
            try SessionConfiguration(connectString: text)
        }
        #expect(error?.code == .badArgument)
    }
}
