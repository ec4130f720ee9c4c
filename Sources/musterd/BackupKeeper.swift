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
    /// The data directory, where no backup may go.
    private let directory: String
    private let report = Mutex(BackupDesk.Report())
    private let orders: AsyncStream<String>
    private let input: AsyncStream<String>.Continuation
    private let log = Log("backup")

    init(_ registry: RegistryServer, directory: String) {
        (self.registry, self.directory) = (registry, directory)
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
            var (bytes, problem) = (0, "")
            do throws(RegistryError) {
                bytes = try await registry.backUp(to: path)
                log.notice("the registry was copied to \(path): \(bytes) bytes")
            } catch {
                problem = error.message
                log.error("\(path): \(problem)")
            }
            report.withLock { report in
                report.state = problem.isEmpty ? .done : .failed
                (report.bytes, report.problem) = (bytes, problem)
            }
        }
    }

    private func begin(_ path: String) -> BackupDesk.Admission {
        if let obstacle = obstacle(to: path) {
            return .refused(message: "\(path) \(obstacle)", advice: "name a file in another folder")
        }
        return report.withLock { report in
            guard report.state != .running else { return .busy(path: report.path) }
            report = BackupDesk.Report(number: report.number + 1, state: .running, path: path)
            input.yield(path)
            return .begun(number: report.number)
        }
    }

    /// Why no copy may go there; nil where one may, for all that its name says.
    private func obstacle(to path: String) -> String? {
        let folder = URL(filePath: path).deletingLastPathComponent().resolvingSymlinksInPath().path
        let own = URL(filePath: directory).resolvingSymlinksInPath().path
        guard folder != own, !folder.hasPrefix(own + "/") else {
            return "is among the daemon's own files: \(own) is its data directory"
        }
        do {
            // Of a link, not of what it leads to: that is what would be replaced.
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            let isFile = facts[.type] as? FileAttributeType == .typeRegular
            return isFile ? nil : "is there already, and no regular file"
        } catch {
            // It is not there; where that is not all, making it fails and says why.
            return nil
        }
    }
}
