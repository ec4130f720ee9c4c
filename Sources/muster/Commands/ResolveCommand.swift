import Flags
import ServiceModel
import ServiceResolver
import Telemetry

extension Subcommand {
    /// `muster resolve SERVICE`: one good endpoint, by round robin.
    static let resolve = Subcommand(
        "resolve",
        "Picks an endpoint of a service by weighted round robin.",
        options: [
            .value("count", "N", "so many picks, a line each (1)"),
            .value("group", "GROUP", "providers of that group"),
            .value("version", "VERSION", "providers of that version"),
            .value("protocol", "SCHEME", "providers of that protocol"),
            .json, .server, .control,
        ],
        arguments: [.init("SERVICE", "a Dubbo interface or a DDNS domain")]
    ) { parsed, context throws(CommandFailure) in
        let count = try parsed.number("count", in: 1...Limits.picksMax) ?? 1
        let name = parsed.arguments[0]
        let server = await context.serverName(parsed)
        let session = try context.session(server, timeout: .seconds(10))
        let wish = ServiceQuery(
            name: name,
            group: parsed.value("group"),
            version: parsed.value("version"),
            scheme: parsed.value("protocol")
        )
        let resolver = EndpointResolver(loop: context.loop, session: session, query: wish)
        let life = Task { await resolver.run() }
        guard await session.answers() else {
            life.cancel()
            await life.value
            throw unreachable(server)
        }
        var picks: [String] = []
        do throws(ResolverError) {
            for _ in 0..<count { picks.append(try await resolver.pick().id.endpoint.description) }
        } catch {
            life.cancel()
            await life.value
            throw failure(error, name, server)
        }
        life.cancel()
        await life.value
        if parsed.has("json") { return try Output.json(picks) }
        Output.text(picks.map { $0 + "\n" }.joined())
    }

    private static func failure(
        _ error: ResolverError,
        _ name: String,
        _ server: String
    ) -> CommandFailure {
        switch error.code {
        case .noSuchService:
            CommandFailure(
                .notFound,
                "\(name) is not registered on \(server)",
                advice: "muster service ls lists what is"
            )
        case .noInstance:
            CommandFailure(.notFound, "\(name) has no live provider that fits on \(server)")
        default: unreachable(server)
        }
    }

    private static func unreachable(_ server: String) -> CommandFailure {
        CommandFailure(
            .unreachable,
            "no ZooKeeper server answers on \(server)",
            advice: "start musterd, or name a server with --server or MUSTER_SERVER"
        )
    }
}
