import Testing

@testable import Console

@Suite struct HostRuleTests {
    private let rule = HostRule(names: ["Muster.Example"])

    @Test(arguments: [
        "localhost", "LOCALHOST:8053", "localhost.", "127.0.0.1", "127.0.0.1:8053", "[::1]:8053",
        "[::1]", "10.0.0.9:1", "muster.example", "MUSTER.example:80",
    ])
    func `addresses, localhost and listed names are let in`(host: String) {
        #expect(rule.admits(host))
    }

    @Test(arguments: [
        "", "evil.example", "evil.example:8053", "localhost.evil.example", "127.0.0.1.evil.example",
        "localhost:", "localhost:x", "localhost:99999", "muster.example.org", ":80",
        String(repeating: "a", count: 2_000),
    ])
    func `any other name is kept out`(host: String) {
        #expect(!rule.admits(host))
    }
}
