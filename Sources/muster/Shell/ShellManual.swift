import Flags

/// What `muster help shell` says beyond the options.
enum ShellManual {
    /// The paragraphs.
    static var text: String {
        """
        Commands, old and new syntax as in zkCli.sh, whose output of version 3.8 this is:

        \(ShellVerb.usageText.split(separator: "\n").dropFirst().joined(separator: "\n"))

        rmr, ls2 and help are understood too, and so are zkCli's own -server, -timeout and -r. Typed lines
        are kept in shell_history beside the control socket, but for addauth. Ctrl-C throws a line away,
        Ctrl-D ends the shell.

        Differences to zkCli.sh 3.8, all of them on purpose:
        \(differences.map { "  " + $0.what + "\n      " + $0.why }.joined(separator: "\n"))
        """
    }

    /// Where the shell does not print or do what zkCli.sh 3.8.0 does, and why.
    static let differences: [(what: String, why: String)] = [
        (
            "delete PATH VERSION and set PATH DATA VERSION heed the version",
            "3.4 does; 3.8.0 still takes the words and removes or changes any version"
        ),
        (
            "a number that is none is answered with a sentence",
            "3.8.0 prints a Java stack trace and ends"
        ),
        (
            "addWatch with a bad path is answered with a sentence",
            "3.8.0 prints a Java stack trace and ends"
        ),
        (
            "addauth SCHEME without a credential is answered with the usage",
            "3.8.0 sends none, which ends the session"
        ),
        (
            "addauth waits for the server's word",
            "in 3.8.0 the next command may overtake a refusal"
        ),
        (
            "get -s PATH watch, ls -s PATH watch: the watch is set on PATH",
            "3.8.0 overwrites PATH with the option"
        ),
        (
            "addWatch without -m is recursive every time",
            "3.8.0 keeps the mode of the last addWatch"
        ),
        (
            "getEphemerals prints its paths in order",
            "3.8.0 prints them as the server happens to hold them"
        ),
        ("rmr and ls2 work", "3.8.0 has dropped them; old scripts have not"),
        ("help prints the usage and succeeds", "3.8.0 calls it an unknown command"),
        ("a line of blanks is passed over", "3.8.0 takes a blank for a command"),
        (
            "setAcl -R ends each refusal with a line feed",
            "3.8.0 runs them together in one line"
        ),
        (
            "deleteall exits with 1 when something is left, redo with its command's status",
            "3.8.0 exits with 0"
        ),
        (
            "the session is closed at the end of a script, and ephemerals go",
            "3.8.0 leaves them to the session's timeout"
        ),
        (
            "after an expiry the shell goes on with a new session",
            "3.8.0 wants a connect first"
        ),
        ("version names muster", "it is not ZooKeeper's release"),
        ("reconfig -file is refused", "its server lines can be given with -members"),
        (
            "ConnectionLoss without a connection is followed by the reason",
            "3.8.0 has it in Java's log only"
        ),
        ("lines about JLine and Java's log are not printed", "there is no Java"),
    ]
}

/// What `version` says.
enum ShellVersion {
    /// The version of zkCli whose output this is, and our own.
    static let text = "3.8.0 (muster \(Release.version))"
}
