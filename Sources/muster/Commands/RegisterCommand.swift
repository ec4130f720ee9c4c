import Flags
import Membership
import Registrations
import Runtime
import ServiceModel
import Synchronization
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster register URL`: an instance in the tree, alive for as long as the command runs.
    static let register = Subcommand(
        "register",
        "Registers a provider and keeps it alive until the command is stopped.",
        options: [
            .value("root", "PATH", "root of the Dubbo tree (/dubbo)"),
            .value("timeout", "SECONDS", "session timeout to ask for (10)"),
            .flag("quiet", "says only what goes wrong"),
            .server, .control,
        ],
        arguments: [
            .init("URL", "provider URL, such as dubbo://10.0.0.1:20880/com.foo.Bar?version=1.0.0")
        ],
        discussion:
            "SIGTERM or Ctrl-C deregisters at once; a crash does so after the session timeout.",
        hearsSignals: true
    ) { parsed, context throws(CommandFailure) in
        let name = try ProviderURL(parsed.arguments[0])
        let seconds = try parsed.number("timeout", in: 1...3_600) ?? 10
        let path = name.path(root: parsed.value("root") ?? "/dubbo")
        let server = await context.serverName(parsed)
        let session = try context.session(server, timeout: .seconds(seconds))
        let registrar = Registrar(loop: context.loop, session: session)
        let isQuiet = parsed.has("quiet")
        let hasRegistered = Atomic(false)
        await registrar.attach { _, status in
            if status == .registered { hasRegistered.store(true, ordering: .relaxed) }
            report(status, name.shown, server, isQuiet)
        }
        do throws(MembershipError) {
            try await registrar.register(path: path, data: Array(name.host.utf8))
        } catch {
            throw CommandFailure(.usage, error.message)
        }
        let life = Task { await registrar.run() }
        let look = Task {
            guard await !session.answers() else { return }
            complain("nobody answers on \(server); \(name.shown) is registered when it is there")
        }
        await context.waitForEnd()
        await registrar.deregister(path: path)
        life.cancel()
        await life.value
        await look.value
        if !isQuiet, hasRegistered.load(ordering: .relaxed) {
            Output.line("deregistered \(name.shown)")
        }
    }

    private static func report(
        _ status: RegistrationStatus,
        _ name: String,
        _ server: String,
        _ isQuiet: Bool
    ) {
        switch status {
        case .registered: if !isQuiet { Output.line("registered \(name) on \(server)") }
        case .waiting:
            complain("\(server) is out of reach; \(name) is registered again when it is back")
        case .contended(let owner, _):
            let session = "0x" + String(UInt64(bitPattern: owner), radix: 16)
            complain("another live process (session \(session)) holds \(name); trying again later")
        case .failing(let code, _): complain("the registry refuses \(name): error \(code.rawValue)")
        case .registering, .ended: break
        }
    }
}

/// A provider's URL as the user typed it, checked, and its place in the tree.
private struct ProviderURL {
    let shown: String
    let host: String
    private let service: String
    private let child: String

    init(_ text: String) throws(CommandFailure) {
        let advice = "such as dubbo://10.0.0.1:20880/com.foo.Bar?version=1.0.0"
        let url: DubboURL
        do throws(RegistrationError) {
            url = try DubboURL(text: text)
        } catch {
            throw CommandFailure(.usage, "'\(text)': \(error.reason)", advice: advice)
        }
        guard IPAddress(url.host) != nil, (1...65_535).contains(url.port), !url.interface.isEmpty
        else {
            throw CommandFailure(
                .usage,
                "'\(text)' is no provider URL: scheme://ADDRESS:PORT/INTERFACE",
                advice: advice
            )
        }
        (shown, host, child) = (text, url.host, url.childName)
        service = PercentCoding.encode(url.interface)
    }

    func path(root: String) -> String { "\(root)/\(service)/\(DubboTree.providers)/\(child)" }
}
