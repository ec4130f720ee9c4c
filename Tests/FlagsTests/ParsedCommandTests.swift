import Flags
import Testing

@Suite struct ParsedCommandTests {
    private let syntax = CommandSyntax(
        "muster demo",
        "Shows all kinds of words.",
        options: [
            .flag("json", "print JSON"),
            .value("count", "N", "how often"),
            .value("set", "KEY=VALUE", "overrides a key", repeats: true),
        ],
        arguments: [.init("PATH", "a znode"), .init("DATA", "its data", isOptional: true)]
    )

    @Test func `options may stand anywhere and take both forms`() throws {
        let parsed = try ParsedCommand(
            ["/a", "--count=3", "--set", "x=1", "--set=y=2", "b"],
            by: syntax
        )
        #expect(parsed.arguments == ["/a", "b"])
        #expect(try parsed.integer("count", in: 1...10) == 3)
        #expect(parsed.values("set") == ["x=1", "y=2"])
        #expect(!parsed.has("json"))
    }

    @Test func `after two dashes every word is an argument`() throws {
        #expect(
            try ParsedCommand(["--", "--json", "-x"], by: syntax).arguments == ["--json", "-x"]
        )
    }

    @Test func `help wins over everything behind it`() throws {
        #expect(try ParsedCommand(["--help", "--nonsense"], by: syntax).wantsHelp)
    }

    @Test(arguments: [
        ([], "muster demo needs PATH"),
        (["/a", "b", "c"], "muster demo does not know what to do with 'c'"),
        (["/a", "--nope"], "muster demo has no option '--nope'"),
        (["/a", "-j"], "muster demo has no option '-j'"),
        (["/a", "--count"], "--count needs a value: --count N"),
        (["/a", "--json", "--json"], "--json is given twice"),
        (["/a", "--json=1"], "--json takes no value"),
    ])
    func `a wrong word is named`(words: [String], message: String) {
        let error = #expect(throws: FlagsError.self) { try ParsedCommand(words, by: syntax) }
        #expect(error?.message == message)
    }

    @Test(arguments: ["0", "11", "x", ""])
    func `a number outside its range is refused`(text: String) throws {
        let parsed = try ParsedCommand(["/a", "--count", text], by: syntax)
        #expect(throws: FlagsError.self) { try parsed.integer("count", in: 1...10) }
    }

    @Test func `help lists every argument and option`() {
        #expect(syntax.usage == "muster demo PATH [DATA] [--json] [--count N] [--set KEY=VALUE]...")
        for word in ["PATH", "--json", "--count N", "--set KEY=VALUE", "overrides a key"] {
            #expect(syntax.help.contains(word))
        }
    }
}
