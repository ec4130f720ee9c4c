import Flags

/// `muster help [TOPIC]`: the manual is in the program.
enum Help {
    /// What `muster` prints when asked nothing.
    static var overview: String {
        var table = TextTable("COMMAND", "WHAT IT DOES")
        for subcommand in Muster.subcommands {
            table.add("muster " + subcommand.name, subcommand.syntax.summary)
        }
        return "muster: service registry and dynamic DNS\n\n" + table.text
            + "\nmuster help COMMAND or TOPIC says more; topics: "
            + topics.map(\.name).joined(separator: ", ") + "\n"
    }

    /// Prints the overview, a command's help or a topic.
    ///
    /// - Parameter words: What stands behind `help`.
    /// - Returns: Always nil: nothing failed.
    /// - Throws: `CommandFailure` for a topic that does not exist.
    static func show(_ words: [String]) throws(CommandFailure) -> CommandFailure? {
        let wanted = words.joined(separator: " ")
        if wanted.isEmpty {
            Output.text(overview)
        } else if let topic = topics.first(where: { $0.name == wanted }) {
            Output.text(topic.text + "\n")
        } else if let command = Muster.subcommands.first(where: { $0.name == wanted }) {
            Output.text(command.syntax.help)
        } else if Muster.subcommands.contains(where: { $0.name.hasPrefix(wanted + " ") }) {
            for command in Muster.subcommands where command.name.hasPrefix(wanted + " ") {
                Output.text(command.syntax.help + "\n")
            }
        } else {
            throw CommandFailure(
                .usage,
                "no help on '\(wanted)'",
                advice: "muster help lists all commands and topics"
            )
        }
        return nil
    }

    private static let topics: [(name: String, text: String)] = [
        ("names", names), ("exit-codes", exitCodes), ("environment", environment),
        ("zookeeper", ZooKeeperDifferences.text),
    ]

    private static let names = """
        DNS names that answer, in the zone muster.internal (configurable: dns.origins):

          <interface>.dubbo.<zone>                  A, AAAA, SRV, TXT of live providers without group and tag
          _<protocol>._tcp.<interface>.dubbo.<zone> SRV of that protocol alone
          <v>._version.  <g>._group.  <t>._tag.     in front of an interface name: the narrowed set
          10-0-0-1.node.<zone>                      A or AAAA of one instance
          the domain of /DDNS/<app>/<domain>        its entries, under exactly that name

        muster explain NAME says why a name answers what it answers.
        """

    private static var exitCodes: String {
        ExitStatus.allCases.map { "\($0.rawValue)  \($0.meaning)" }.joined(separator: "\n")
            + "\n\nmuster shell ends as zkCli.sh does: 1 for a command that failed, 127 for one that is none."
    }

    private static let environment = """
        MUSTER_CONTROL   the daemon's control socket; else $STATE_DIRECTORY/control.sock,
                         else ~/.local/state/muster/control.sock
        MUSTER_SERVER    the registry, host:port,host:port/chroot; else what the daemon says,
                         else 127.0.0.1:2181
        """
}
