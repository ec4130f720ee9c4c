import Flags
import FoundationEssentials
import Glibc
import Runtime
import Telemetry
import ZooKeeperClient

extension Subcommand {
    /// `muster shell`: zkCli's commands, typed, from a script or on the command line.
    static let shell = Subcommand(
        "shell",
        "Runs zkCli's commands: typed, from a script, or one given here.",
        options: [
            .server,
            .value("timeout", "MS", "session timeout to ask for, in milliseconds (30000)"),
            .flag("readonly", "a server that is read-only will do"),
            .control,
        ],
        arguments: [
            .init(
                "COMMAND",
                "a command with its arguments, behind all options; the exit status is its own",
                isOptional: true,
                takesRest: true
            )
        ],
        discussion: ShellManual.text,
        hearsSignals: true,
        prepare: prepare
    ) { parsed, context throws(CommandFailure) in
        let setup = Shell.Setup(
            loop: context.loop,
            timeout: .milliseconds(try parsed.number("timeout", in: 1...Int(Int32.max)) ?? 30_000),
            server: await context.serverName(parsed),
            allowsReadOnly: parsed.has("readonly")
        )
        let isTyped = parsed.arguments.isEmpty && isatty(0) == 1 && isatty(1) == 1
        let editor = isTyped ? LineEditor(historyPath: context.shellHistoryPath()) : nil
        let status = await run(setup, editor, parsed.arguments, context)
        editor?.stop()
        guard status == 0 else {
            StandardStreams.flush()
            exit(status)
        }
    }

    /// zkCli's own options become ours, and everything from the command on is its own business.
    static func prepare(_ words: ArraySlice<String>) -> [String] {
        var prepared: [String] = []
        var rest = words
        while let word = rest.popFirst() {
            switch word {
            case "-server", "-timeout", "--server", "--timeout", "--control":
                prepared.append(word.hasPrefix("--") ? word : "-" + word)
                if let value = rest.popFirst() { prepared.append(value) }
            case "-r": prepared.append("--readonly")
            // Commands wait for the connection anyway.
            case "-waitforconnection": break
            case "--": return prepared + ["--"] + rest
            case _ where word.hasPrefix("-") && word != "-": prepared.append(word)
            default: return prepared + ["--", word] + rest
            }
        }
        return prepared
    }

    /// Runs the shell to its end, whichever way lines come.
    private static func run(
        _ setup: Shell.Setup,
        _ editor: LineEditor?,
        _ words: [String],
        _ context: CommandContext
    ) async -> Int32 {
        let screen = ShellScreen(editor: editor)
        let shell = Shell(setup, screen: screen, prompt: ShellPrompt { editor?.prompt($0) })
        let lines = ShellLines(shell: shell, screen: screen, editor: editor)
        let (signals, signalled) = AsyncStream.makeStream(
            of: Signal.self,
            bufferingPolicy: .bufferingOldest(1)
        )
        context.atSignal { signal in
            if signal != .interrupt || !lines.interrupt() { signalled.yield(signal) }
        }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { runs in
                    for await session in shell.sessions { runs.addTask { await session.run() } }
                }
            }
            group.addTask {
                for await signal in signals {
                    await shell.end()
                    editor?.stop()
                    StandardStreams.flush()
                    exit(128 + number(of: signal))
                }
            }
            let status = await session(shell, lines, screen, setup.server, words)
            signalled.finish()
            await shell.end()
            return status
        }
    }

    private static func session(
        _ shell: Shell,
        _ lines: ShellLines,
        _ screen: ShellScreen,
        _ server: String,
        _ words: [String]
    ) async -> Int32 {
        screen.out("Connecting to \(server)")
        do throws(ShellFailure) {
            try await shell.connect(server)
            return words.isEmpty ? await lines.run() : await lines.run(words)
        } catch {
            screen.err(error.message)
            return error.status
        }
    }

    private static func number(of signal: Signal) -> Int32 {
        switch signal {
        case .hangup: SIGHUP
        case .interrupt: SIGINT
        default: SIGTERM
        }
    }
}

extension CommandContext {
    /// The file of the shell's remembered lines; its directory is made if it is missing.
    func shellHistoryPath() -> String {
        do {
            try FileManager.default.createDirectory(
                atPath: stateDirectory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            complain("lines will not be remembered: \(error)")
        }
        return stateDirectory + "/shell_history"
    }
}
