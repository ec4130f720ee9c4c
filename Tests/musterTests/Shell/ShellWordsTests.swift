import Testing

@testable import muster

@Suite struct ShellWordsTests {
    @Test(arguments: [
        ("ls /", ["ls", "/"]),
        ("  ls \t /  ", ["ls", "/"]),
        ("set /a \"a  b\" 'x\"y'", ["set", "/a", "a  b", "x\"y"]),
        ("set /a ''", ["set", "/a", ""]),
        ("set /a \"open end", ["set", "/a", "open", "end"]),
        ("set /a b\"c d\"", ["set", "/a", "b\"c", "d\""]),
        ("'ls''/'", ["ls", "/"]),
        (" \"open", [" \"open"]),
        ("\"", []),
        ("   ", []),
        ("", []),
        ("get /\u{e9}\u{1f600}", ["get", "/\u{e9}\u{1f600}"]),
    ])
    func `words are split as zkCli splits them`(line: String, words: [String]) {
        #expect(ShellWords.split(line) == words)
    }

    @Test(arguments: [
        (["-server", "h:1", "get", "-s", "/a"], ["--server", "h:1", "--", "get", "-s", "/a"]),
        (["--server=h:1", "ls", "-R", "/"], ["--server=h:1", "--", "ls", "-R", "/"]),
        (["-timeout", "5", "-r", "-waitforconnection"], ["--timeout", "5", "--readonly"]),
        (["--help"], ["--help"]),
        (["-server"], ["--server"]),
        (["set", "--", "/a", "-1"], ["--", "set", "--", "/a", "-1"]),
    ])
    func `A12.1 zkCli's own options are taken, and a command's are left to it`(
        words: [String],
        prepared: [String]
    ) {
        #expect(Subcommand.prepare(words[...]) == prepared)
    }
}
