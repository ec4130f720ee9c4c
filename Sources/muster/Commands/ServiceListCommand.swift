import Flags

extension Subcommand {
    /// `muster service ls`: every service and how many serve it.
    static let serviceList = Subcommand(
        "service ls",
        "Lists all services.",
        options: [.json, .control]
    ) { parsed, context throws(CommandFailure) in
        let (answer, json) = try await context.ask("/v1/services", parsed, as: ServicesAnswer.self)
        if parsed.has("json") { return Output.answer(json) }
        guard !answer.services.isEmpty else { return Output.line("no services are registered") }
        var table = TextTable("SERVICE", "KIND", "SERVING", "INSTANCES", "REJECTED")
        for row in answer.services {
            table.add(row.name, row.kind, "\(row.serving)", "\(row.instances)", "\(row.rejections)")
        }
        Output.text(table.text)
    }
}
