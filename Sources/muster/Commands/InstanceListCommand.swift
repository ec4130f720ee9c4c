import Flags

extension Subcommand {
    /// `muster instance ls`: all instances, with `--all` also what could not be understood.
    static let instanceList = Subcommand(
        "instance ls",
        "Lists instances with their states.",
        options: [
            .flag("all", "also registrations that are not understood, with the reason"),
            .value("service", "NAME", "only those of one service"),
            .json, .control,
        ]
    ) { parsed, context throws(CommandFailure) in
        var query: [String] = parsed.has("all") ? ["all=1"] : []
        if let service = parsed.value("service") {
            query.append("service=" + percentEncoded(service))
        }
        let path = "/v1/instances" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
        let (answer, json) = try await context.ask(
            about: parsed.value("service") ?? "",
            path,
            parsed,
            as: InstancesAnswer.self
        )
        if parsed.has("json") { return Output.answer(json) }
        if answer.instances.isEmpty {
            Output.line("no instances are registered")
        } else {
            Output.text(instanceTable(answer.instances, showsService: true))
        }
        if answer.instances.count < answer.total {
            Output.line(
                "... and \(answer.total - answer.instances.count) more; narrow with --service"
            )
        }
        if let rejections = answer.rejections, !rejections.isEmpty {
            Output.line("not understood:")
            Output.text(rejectionTable(rejections))
        }
    }
}

/// The instances of one or of many services, as people read them.
func instanceTable(_ instances: [InstanceAnswer], showsService: Bool = false) -> String {
    var table =
        showsService
        ? TextTable("ENDPOINT", "PROTOCOL", "VERSION", "GROUP", "WEIGHT", "STATE", "WHY", "SERVICE")
        : TextTable("ENDPOINT", "PROTOCOL", "VERSION", "GROUP", "WEIGHT", "STATE", "WHY")
    func shown(_ text: String) -> String { text.isEmpty ? "-" : text }
    for instance in instances {
        let cells = [
            instance.endpoint, shown(instance.scheme), shown(instance.version),
            shown(instance.group), "\(instance.weight)", instance.state, instance.why,
        ]
        table.add(showsService ? cells + [instance.service] : cells)
    }
    return table.text
}

/// Registrations that are not understood, as people read them.
func rejectionTable(_ rejections: [RejectionAnswer]) -> String {
    var table = TextTable("REASON", "OFFENDER", "PATH")
    for rejection in rejections {
        table.add([rejection.reason, rejection.offender, rejection.path])
    }
    return table.text
}
