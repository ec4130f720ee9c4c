import Flags
import Testing

@Suite struct CommandTableTests {
    private let table = CommandTable(["status", "service ls", "service show", "watch"])

    @Test func `the longest name is found and the rest handed on`() throws {
        let found = try table.find(["service", "ls", "--json"])
        #expect(found.name == "service ls")
        #expect(Array(found.rest) == ["--json"])
    }

    @Test(arguments: [
        (["service"], "'service' needs one of: ls, show"),
        (["service", "rm"], "'service' needs one of: ls, show"),
        (["statsu"], "no command 'statsu'; did you mean 'status'?"),
        (["servcie", "ls"], "no command 'servcie'; did you mean 'service'?"),
        (["frobnicate"], "no command 'frobnicate'"),
    ])
    func `an unknown command is explained`(words: [String], message: String) {
        let error = #expect(throws: FlagsError.self) { try table.find(words) }
        #expect(error?.message == message)
    }
}
