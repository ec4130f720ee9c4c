import Testing

@testable import muster

@Suite struct ShellCompletionTests {
    @Test func `the last word says what is asked for`() {
        #expect(ShellCompletion.question("ge") == .command(prefix: "ge"))
        #expect(ShellCompletion.question("") == .command(prefix: ""))
        #expect(ShellCompletion.question("get /") == .child(of: "/", prefix: ""))
        #expect(ShellCompletion.question("get -s /a/bc") == .child(of: "/a", prefix: "bc"))
        #expect(ShellCompletion.question("get /a ") == .command(prefix: ""))
    }

    @Test func `one candidate is inserted, several as far as they agree, then they are shown`() {
        #expect(ShellCompletion.commands("prin") == .init(insert: "twatches "))
        #expect(ShellCompletion.commands("delet") == .init(insert: "e"))
        #expect(ShellCompletion.commands("delete") == .init(choices: ["delete", "deleteall"]))
        #expect(ShellCompletion.commands("zz") == .init())
        #expect(ShellCompletion.children(["b2", "a", "b1"], "b") == .init(choices: ["b1", "b2"]))
        #expect(ShellCompletion.children(["b2", "a", "b1"], "a") == .init())
        let many = (0..<300).map { "n\($0 + 1000)" }
        let answer = ShellCompletion.children(many + ["o"], "")
        #expect(answer.choices.count == Limits.shellCompletionsShownMax + 1)
        #expect(answer.choices.last == "(and 101 more)")
    }
}
