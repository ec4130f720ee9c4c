import FoundationEssentials
import Runtime
import ZooKeeperServer

/// The data directory: whose it is, and whether what is in it can be served.
enum DataDirectory {
    /// Makes the directory this process' own, before anything in it or any socket is touched.
    ///
    /// - Parameter directory: Made where it does not exist.
    /// - Returns: The lock; the directory is free again when it goes.
    /// - Throws: `StartError` that says who has it, or why it cannot be used.
    static func lock(_ directory: String) throws(StartError) -> DirectoryLock {
        let taken: DirectoryLock.Taken
        do throws(RuntimeError) {
            taken = try DirectoryLock.take(directory, name: "musterd.lock")
        } catch {
            throw StartError(
                message: "the data directory \(directory) cannot be used: \(error); "
                    + "make it writable for this user, or name another with --data DIR"
            )
        }
        switch taken {
        case .byUs(let lock): return lock
        case .byOther(let process):
            let other = process.map { "process \($0)" } ?? "another process"
            throw StartError(
                message: "\(directory): in use by \(other), another musterd; stop that "
                    + "one, or give this one a directory of its own with --data DIR"
            )
        }
    }

    /// Refuses to begin with an empty tree where a restore was cut short.
    static func checkStore(_ store: String) throws(StartError) {
        guard let leftover = StoreRestore.leftover(store) else { return }
        throw StartError(
            message: "\(store) is not there, and \(leftover) is: a restore was interrupted; run "
                + "musterd --restore FILE again"
        )
    }

    /// Goes back to a backup, and says what was done and what comes next.
    ///
    /// - Parameters:
    ///   - backup: As `muster server backup` made it.
    ///   - options: Where the data directory is.
    /// - Returns: Lines for people.
    /// - Throws: `StartError` of a directory in use, `RegistryError` of a backup that cannot be used.
    static func restore(_ backup: String, _ options: DaemonOptions) throws -> [String] {
        let lock = try lock(options.directory)
        defer { _ = consume lock }
        let store = options.storeDirectory
        // What lies beside the file itself tells whether it is one.
        let backup = URL(filePath: backup).resolvingSymlinksInPath().path
        let done = try StoreRestore(from: backup, to: store, at: EventLoop.unixNow())
        func hex(_ zxid: Int64) -> String { "0x" + String(zxid, radix: 16) }
        var lines = [
            "\(store): \(done.znodes) znodes as of zxid \(hex(done.backupZxid)), from \(backup)"
        ]
        if let replaced = done.replaced {
            lines += [
                "what was there is in \(replaced); remove it when nobody misses anything",
                "to go back to it, with musterd stopped: mv -T \(store) \(store).undone && "
                    + "mv -T \(replaced) \(store)",
            ]
        } else {
            lines.append("no registry was there before")
        }
        if let doubt = done.doubt {
            lines.append("the last change of what was there is not known (\(doubt))")
        }
        lines += [
            "sessions and ephemerals were left out: clients are told that their sessions are over",
            "changes go on behind zxid \(hex(done.zxid)), above all that clients have seen",
            "start musterd now",
        ]
        return lines
    }
}
