import Flags

extension Subcommand {
    /// `muster server check FILE...`: what is wrong with `zoo.cfg` files.
    static let serverCheck = Subcommand(
        "server check",
        "Finds what is wrong with zoo.cfg files, alone and together.",
        options: [
            .flag("explain", "say what each parameter does, and what holds without a line"),
            .flag(
                "files-only",
                "look at no dataDir, myid and dynamicConfigFile: other hosts' files"
            ),
            .flag("strict", "end with 1 for warnings too"), .json,
        ],
        arguments: [.init("FILE", "zoo.cfg of ZooKeeper 3.4 to 3.8", takesRest: true)],
        discussion: """
            Several files are those of one ensemble, one for each server. An error is what ZooKeeper 3.8
            refuses, or takes for something else than what stands there; a warning is what will be regretted.
            Looked for, among others: keys that are none (ZooKeeper says nothing), values of the wrong form,
            server.N lines in both forms, numbers given twice, ports that clash, a dataDir that is missing
            or shared, a myid that is missing or names no server, an even number of servers, initLimit and
            syncLimit, and files of one ensemble that differ. A dataDir is looked at on this host;
            --files-only leaves that out.

            Ends with 0 when there is no error, with 1 when there is one (or a warning, with --strict), with
            4 when a file does not exist.
            """
    ) { parsed, context throws(CommandFailure) in
        var files: [ZooCfgFile] = []
        for path in parsed.arguments.prefix(Limits.zooCfgFilesMax) {
            files.append(try ZooCfgFile(reading: path, looksAtFolders: !parsed.has("files-only")))
        }
        guard files.count == parsed.arguments.count else {
            throw CommandFailure(.usage, "more than \(Limits.zooCfgFilesMax) files at once")
        }
        let check = ZooCfgCheck(files)
        let report = ZooCfgReport(check, explains: parsed.has("explain"))
        if parsed.has("json") { try Output.json(report) } else { Output.text(report.text) }
        guard report.errors > 0 || parsed.has("strict") && report.warnings > 0 else { return }
        throw CommandFailure(.failure, report.summary)
    }
}

/// What `muster server check` prints.
struct ZooCfgReport: Encodable {
    let files: [String]
    let errors: Int
    let warnings: Int
    let findings: [ZooCfgFinding]
    /// Nil unless asked for.
    let parameters: [ZooCfgExplanation]?

    init(_ check: ZooCfgCheck, explains: Bool) {
        files = check.files.map(\.path)
        findings = check.findings
        errors = findings.filter { $0.severity == .error }.count
        warnings = findings.count - errors
        parameters = explains ? check.files.flatMap(ZooCfgExplanation.all) : nil
    }

    /// The lines for people.
    var text: String {
        let explained = (parameters ?? []).map { $0.text + "\n" }
        let found = findings.map { $0.text + "\n" }
        let end = errors == 0 ? ["\(summary)\n"] : []
        return Terminal.printable((explained + found + end).joined())
    }

    /// One clause.
    var summary: String {
        let places = files.count == 1 ? files[0] : counted(files.count, "file")
        guard !findings.isEmpty else { return "\(places): nothing is wrong" }
        return "\(places): \(counted(errors, "error")), \(counted(warnings, "warning"))"
    }
}
