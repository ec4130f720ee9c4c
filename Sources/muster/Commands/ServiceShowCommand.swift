import Flags

extension Subcommand {
    /// `muster service show NAME`: one service with its instances and rejections.
    static let serviceShow = Subcommand(
        "service show",
        "Shows one service: its instances, their states, and what was rejected.",
        options: [.json, .control],
        arguments: [.init("SERVICE", "a Dubbo interface or a DDNS domain")]
    ) { parsed, context throws(CommandFailure) in
        let name = parsed.arguments[0]
        let path = "/v1/services/" + percentEncoded(name)
        let (answer, json) =
            try await context.ask(about: name, path, parsed, as: ServiceAnswer.self)
        if parsed.has("json") { return Output.answer(json) }
        for detail in answer.services {
            let service = detail.service
            Output.line(
                "\(service.name) (\(service.kind)): \(service.serving) of "
                    + "\(counted(service.instances, "instance")) serving, since \(service.since)"
            )
            if !detail.instances.isEmpty { Output.text(instanceTable(detail.instances)) }
            if !detail.rejections.isEmpty { Output.text(rejectionTable(detail.rejections)) }
        }
    }
}
