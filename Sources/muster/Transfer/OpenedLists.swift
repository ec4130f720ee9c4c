import Synchronization
import Telemetry

/// The access lists that have an entry more because of this import, and the credential that it is for.
///
/// Owner: the import, which adds and removes; a signal's end reads it.
final class OpenedLists: Sendable {
    /// `user:password`, made up for one run.
    let credential: String
    private let paths = Mutex<[PathMark: String]>([:])

    init() {
        let secret = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 16) }
        credential = "muster-import:" + secret.joined()
    }

    var isEmpty: Bool { paths.withLock { $0.isEmpty } }

    func contains(_ mark: PathMark) -> Bool { paths.withLock { $0[mark] != nil } }

    /// Notes a list that has the entry, or may have it.
    func add(_ path: String) { paths.withLock { $0[PathMark(path)] = path } }

    /// Notes that a list does not have it.
    func remove(_ path: String) { _ = paths.withLock { $0.removeValue(forKey: PathMark(path)) } }

    /// Names the lists that still have the entry, and how they are taken over; nothing where none has.
    func complainOfRest() {
        let left = paths.withLock { $0.values.sorted() }
        guard !left.isEmpty else { return }
        let rest = left.count - Limits.conflictsShownMax
        complain(
            "access lists were left with an entry more, that of a credential of this import: "
                + left.prefix(Limits.conflictsShownMax).joined(separator: ", ")
                + (rest > 0 ? " and \(rest) more" : "")
        )
        StandardStreams.complain(
            "  the same import with --existing overwrite and --auth FILE takes them over, where FILE "
                + "has the line\n  digest " + credential
        )
    }
}
