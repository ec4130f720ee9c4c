import Foundation
import TestSupport
import Testing

/// `deploy/ensemble` in a folder of the test's own, on free ports.
@Suite(.needs(.zooKeeperServer), .timeLimit(.minutes(5))) struct EnsembleScriptTests {
    @Test func `A11.7 A11.8 three servers and a daemon are started, shown and stopped`()
        async throws
    {
        let script = EnsembleScript(folder: try TemporaryDirectory())
        let before = try await script.run("status")
        #expect(before.status == 3)
        #expect(before.errors.contains("nothing was started in \(script.path)"))

        let start = try await script.run("start")
        try #require(start.status == 0, "\(start.output)\n\(start.errors)")
        #expect(start.errors.contains("export MUSTER_CONTROL="))
        let processes = script.processes
        #expect(processes.count == 4)
        let status = try await script.run("status")
        #expect(status.status == 0, "\(status.errors)")
        #expect(script.modes(in: status).sorted() == ["follower", "follower", "leader"])
        let daemon = "registry  ensemble \(script.connectString), session connected"
        #expect(status.output.contains(daemon), "\(status.output)")
        for (name, id) in processes where name != "musterd" {
            #expect(status.output.contains(", process \(id)\n"), "\(name)")
        }

        // A second start finds everything there, and starts only what is not.
        #expect(try await script.run("start").status == 0)
        #expect(script.processes == processes)
        let lost = try #require(processes["zk2"])
        kill(lost, SIGKILL)
        let isSeen = try await eventually {
            let status = try await script.run("status")
            return status.status == 3 && status.errors.contains("not running: zk2")
        }
        #expect(isSeen)
        #expect(try await script.run("start").status == 0)
        let again = script.processes
        #expect(again["zk2"] != lost)
        #expect(again.filter { $0.key != "zk2" } == processes.filter { $0.key != "zk2" })

        let stop = try await script.run("stop")
        #expect(stop.status == 0, "\(stop.errors)")
        for id in again.values { #expect(!script.isOwn(id)) }
        #expect(script.processes.isEmpty)
        #expect(FileManager.default.fileExists(atPath: script.path + "/zk1/version-2"))
        #expect(try await script.run("stop").errors.contains("nothing runs in"))
    }

    @Test func `a process that the script did not start is left alone`() async throws {
        let script = EnsembleScript(folder: try TemporaryDirectory())
        let other = try Program(["cat"])
        _ = try script.folder.write("zk1.pid", "\(other.id)\n")
        _ = try script.folder.write("zk2.pid", "1\n")
        _ = try script.folder.write("zk3.pid", "-1\n")
        let stop = try await script.run("stop")
        #expect(stop.status == 0, "\(stop.errors)")
        #expect(stop.errors.contains("process \(other.id) is left alone"))
        #expect(stop.errors.contains("nothing runs in"))
        #expect(other.isRunning)
        other.closeInput()
        #expect(await other.wait().status == 0)
    }

    @Test(arguments: [["again"], [], ["start", "a", "b"]])
    func `a command line that is none is answered with the usage`(words: [String]) async throws {
        let outcome = try await Program.run([Checkout.root + "/deploy/ensemble"] + words)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("\ndeploy/ensemble start|stop|status [DIR]\n"))
    }

    @Test(arguments: ["80", "70000", "any"])
    func `a base port that is none is named`(value: String) async throws {
        let script = EnsembleScript(folder: try TemporaryDirectory(), ports: value)
        let outcome = try await script.run("start")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("or free, not '\(value)'"), "\(outcome.errors)")
    }

    @Test func `a port that is taken is named before anything is started`() async throws {
        let daemon = try await Daemon(waitsForView: false)
        let port = try #require(daemon.registry.split(separator: ":").last.flatMap { Int($0) })
        try #require(port > 2_000)
        let script = EnsembleScript(folder: try TemporaryDirectory(), ports: "\(port - 1)")
        let outcome = try await script.run("start")
        #expect(outcome.status == 1)
        let text = "port \(port) (zk1 of zk1) is taken by another process"
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect(script.processes.isEmpty)
        #expect(await daemon.stop().status == 0)
    }
}

/// One folder of `deploy/ensemble`; what it started ends with the value.
private final class EnsembleScript: Sendable {
    let folder: TemporaryDirectory
    private let ports: String

    init(folder: TemporaryDirectory, ports: String = "free") {
        (self.folder, self.ports) = (folder, ports)
    }

    deinit { for id in processes.values { kill(id, SIGKILL) } }

    var path: String { folder.path }

    func run(_ verb: String) async throws -> Program.Outcome {
        let musterd = URL(fileURLWithPath: Checkout.program("musterd"))
        return try await Program.run(
            [Checkout.root + "/deploy/ensemble", verb, path],
            environment: [
                "MUSTER_ENSEMBLE_PORTS": ports,
                "MUSTER_BIN": musterd.deletingLastPathComponent().path,
            ],
            within: .seconds(180)
        )
    }

    /// What the pid files say, of processes that have the folder in their command line.
    var processes: [String: Int32] {
        var processes: [String: Int32] = [:]
        for name in ["zk1", "zk2", "zk3", "musterd"] {
            let text = try? String(contentsOfFile: "\(path)/\(name).pid", encoding: .utf8)
            guard let id = text.flatMap({ Int32($0.dropLast()) }), id > 1, isOwn(id) else {
                continue
            }
            processes[name] = id
        }
        return processes
    }

    /// True for a process that has the folder in its command line; one that ended has none.
    func isOwn(_ id: Int32) -> Bool {
        let line = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(id)/cmdline"))
        return line?.range(of: Data(path.utf8)) != nil
    }

    /// The client addresses, in order.
    var connectString: String {
        let text = try? String(contentsOfFile: path + "/ports", encoding: .utf8)
        let ports = text?.split(separator: "\n").filter { $0.hasPrefix("zk") } ?? []
        return ports.map { "127.0.0.1:" + ($0.split(separator: "=").last ?? "") }
            .joined(separator: ",")
    }

    /// The third column of the servers' lines.
    func modes(in outcome: Program.Outcome) -> [Substring] {
        outcome.output.split(separator: "\n").filter { $0.hasPrefix("zk") }
            .map { $0.split(separator: " ")[2] }
    }
}
