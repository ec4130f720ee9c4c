import Testing

@testable import muster

@Suite struct ShellGrammarTests {
    private let grammar = ShellGrammar(flags: "sw", values: ["v", "file"])

    private func failure(_ words: String..., grammar: ShellGrammar? = nil) -> String? {
        do throws(ShellFailure) {
            _ = try (grammar ?? self.grammar).parse(words)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `options stand anywhere, joined or not, with values joined or not`() throws {
        for words in [
            ["get", "-s", "-w", "-v", "3", "/a"], ["get", "/a", "-sw", "-v3"],
            ["get", "-swv3", "/a"], ["get", "-v=3", "-s", "/a", "-w"],
            ["get", "-s", "-w", "-v", "\"3\"", "--", "/a"],
        ] {
            let options = try grammar.parse(words)
            #expect(options.arguments == ["get", "/a"], "\(words)")
            #expect(options.has("s") && options.has("w"), "\(words)")
            #expect(options.value("v") == "3", "\(words)")
        }
    }

    @Test func `a negative number is a value, an option is none, and the first counts`() throws {
        #expect(try grammar.parse(["set", "-v", "-1"]).value("v") == "-1")
        #expect(try grammar.parse(["set", "-v", "1", "-v", "2"]).value("v") == "1")
        #expect(try grammar.parse(["set", "-file", "f"]).value("file") == "f")
        #expect(try grammar.parse(["set", "-"]).arguments == ["set", "-"])
        #expect(failure("set", "-v", "-s")?.hasSuffix("Missing argument for option: v") == true)
    }

    @Test func `errors are the sentences of zkCli's parser`() {
        let package = "org.apache.commons.cli."
        #expect(
            failure("get", "-z")
                == package + "UnrecognizedOptionException: Unrecognized option: -z"
        )
        #expect(failure("get", "-sz")?.hasSuffix("Unrecognized option: -sz") == true)
        #expect(failure("get", "--stat")?.hasSuffix("Unrecognized option: --stat") == true)
        #expect(failure("get", "-5")?.hasSuffix("Unrecognized option: -5") == true)
        #expect(
            failure("get", "-v") == package
                + "MissingArgumentException: Missing argument for option: v"
        )
        let group = ShellGrammar(
            group: [
                .init(name: "n", takesValue: true, meaning: "num"),
                .init(name: "b", takesValue: true, meaning: "bytes"),
            ],
            isRequired: true
        )
        #expect(
            failure("q", grammar: group) == package
                + "MissingOptionException: Missing required option: [-n num, -b bytes]"
        )
        #expect(
            failure("q", "-n", "1", "-b", "2", grammar: group) == package
                + "AlreadySelectedException: The option 'b' was specified but an option from"
                + " this group has already been selected: 'n'"
        )
    }
}
