import Console
import FoundationEssentials
import Runtime
import Synchronization
import Telemetry
import ZooKeeperServer

/// Makes the backups that the console orders, one at a time.
///
/// Step of the data flow: between the control socket and the registry's store. The orders come on the console's
/// thread; `run` carries them out, and is awaited before the registry stops.
final class BackupKeeper: Sendable {
    private let registry: RegistryServer
    /// Folder of the live store, where no backup may go.
    private let store: String
    private let report = Mutex(BackupDesk.Report())
    private let orders: AsyncStream<String>
    private let input: AsyncStream<String>.Continuation
    private let log = Log("backup")

    init(_ registry: RegistryServer, store: String) {
        (self.registry, self.store) = (registry, store)
        (orders, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// What the console sees of it.
    var desk: BackupDesk {
        BackupDesk(
            begin: { [self] in begin($0) },
            report: { [self] in report.withLock { $0 } }
        )
    }

    /// Carries orders out until the task is cancelled.
    func run() async {
        for await path in orders {
            var problem = ""
            do throws(RegistryError) {
                try await registry.backUp(to: path)
                log.notice("the registry was copied to \(path)")
            } catch {
                problem = error.message
                log.error("\(path): \(problem)")
            }
            let bytes = problem.isEmpty ? Self.size(path) : 0
            report.withLock { report in
                report.state = problem.isEmpty ? .done : .failed
                (report.bytes, report.problem) = (bytes, problem)
            }
        }
    }

    private func begin(_ path: String) -> BackupDesk.Admission {
        let folder = URL(filePath: path).deletingLastPathComponent().resolvingSymlinksInPath().path
        guard folder != URL(filePath: store).resolvingSymlinksInPath().path else {
            return .refused(
                message: "\(path) is among the live registry's own files",
                advice: "name a file in another folder"
            )
        }
        return report.withLock { report in
            guard report.state != .running else { return .busy(path: report.path) }
            report = BackupDesk.Report(number: report.number + 1, state: .running, path: path)
            input.yield(path)
            return .begun(number: report.number)
        }
    }

    private static func size(_ path: String) -> Int {
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        return facts?[.size] as? Int ?? 0
    }
}
