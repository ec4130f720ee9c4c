import Flags

extension Subcommand {
    /// `muster explain NAME [TYPE]`: why a DNS name answers what it answers.
    static let explain = Subcommand(
        "explain",
        "Says why a DNS name answers what it answers.",
        options: [.json, .control],
        arguments: [
            .init("NAME", "a DNS name"), .init("TYPE", "A, AAAA, SRV, TXT, ...", isOptional: true),
        ]
    ) { parsed, context throws(CommandFailure) in
        var path = "/v1/explain?name=" + percentEncoded(parsed.arguments[0])
        if parsed.arguments.count > 1 { path += "&type=" + percentEncoded(parsed.arguments[1]) }
        let (answer, json) = try await context.ask(path, parsed, as: ExplainAnswer.self)
        if parsed.has("json") { return Output.answer(json) }
        for line in answer.lines { Output.line(line) }
    }
}
