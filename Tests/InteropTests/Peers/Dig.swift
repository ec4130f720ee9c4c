import TestSupport

/// One question asked with Debian's dig, and what it made of the answer.
struct Dig: Sendable {
    /// NOERROR, NXDOMAIN, ...
    var status = ""
    /// Header flags: `qr`, `aa`, ...
    var flags: [String] = []
    /// Record data of the answer section, in order, without owner, TTL, class and type.
    var answers: [String] = []
    /// Whole lines of the authority section.
    var authority: [String] = []
    /// Everything dig printed.
    var text = ""

    /// Asks.
    ///
    /// - Parameters:
    ///   - server: `address:port`.
    ///   - name: Owner name.
    ///   - type: Record type.
    ///   - options: Further words for dig, such as `+tcp`.
    ///   - wrapper: Words in front of dig.
    /// - Throws: When dig cannot be started.
    init(
        _ server: String,
        _ name: String,
        _ type: String,
        _ options: String...,
        through wrapper: [String] = []
    ) async throws {
        let parts = server.split(separator: ":")
        let outcome = try await Program.run(
            wrapper + ["dig", "@\(parts[0])", "-p", "\(parts[1])", "+tries=2", "+time=5"]
                + [name, type] + options
        )
        text = outcome.output
        var section = ""
        for line in outcome.output.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(";; ->>HEADER<<-") {
                status = String(
                    line.split(separator: " ").drop { $0 != "status:" }.dropFirst()
                        .first?.dropLast() ?? ""
                )
            } else if line.hasPrefix(";; flags:") {
                flags = line.dropFirst(9).prefix { $0 != ";" }.split(separator: " ").map(
                    String.init
                )
            } else if line.hasPrefix(";; "), line.hasSuffix("SECTION:") {
                section = String(line.dropFirst(3))
            } else if !line.isEmpty, !line.hasPrefix(";") {
                let fields = line.split(maxSplits: 4) { $0 == " " || $0 == "\t" }
                if section == "ANSWER SECTION:", fields.count == 5 {
                    answers.append(String(fields[4]))
                }
                if section == "AUTHORITY SECTION:" { authority.append(String(line)) }
            }
        }
    }
}
