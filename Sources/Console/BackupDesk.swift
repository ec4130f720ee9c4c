/// Where the console hands in wishes for a copy of the registry, and asks what became of them.
///
/// Both closures are called on the console's thread and do not wait: a copy may take minutes.
public struct BackupDesk: Sendable {
    /// What came of a wish.
    public enum Admission: Equatable, Sendable {
        /// It was begun; a number that no other one has.
        case begun(number: Int)
        /// Another one is under way, to that file.
        case busy(path: String)
        /// It makes no sense; a sentence, and what to do.
        case refused(message: String, advice: String)
    }

    /// How far the last one is.
    public struct Report: Equatable, Sendable {
        /// What can be said of it.
        public enum State: String, Sendable {
            /// There was none since the start.
            case none
            /// It is being made.
            case running
            /// The file is complete and on the disk.
            case done
            /// There is no file.
            case failed
        }

        /// The number that it was given; 0 for none.
        public var number: Int
        /// What can be said of it.
        public var state: State
        /// The file; empty for none.
        public var path: String
        /// Bytes of the finished file.
        public var bytes: Int
        /// Why it failed; empty otherwise.
        public var problem: String

        /// Creates a report; without anything it is that of no copy at all.
        public init(
            number: Int = 0,
            state: State = .none,
            path: String = "",
            bytes: Int = 0,
            problem: String = ""
        ) {
            (self.number, self.state, self.path) = (number, state, path)
            (self.bytes, self.problem) = (bytes, problem)
        }
    }

    /// Begins a copy to a file, named by an absolute path.
    public var begin: @Sendable (_ path: String) -> Admission
    /// How far the last one is.
    public var report: @Sendable () -> Report

    /// Creates a desk.
    public init(
        begin: @escaping @Sendable (_ path: String) -> Admission,
        report: @escaping @Sendable () -> Report
    ) {
        (self.begin, self.report) = (begin, report)
    }
}

extension BackupDesk.Report {
    /// The body of `/v1/backup`.
    var value: JSONValue {
        [
            "number": .integer(Int64(number)), "state": .string(state.rawValue),
            "path": .string(path), "bytes": .integer(Int64(bytes)), "problem": .string(problem),
        ]
    }
}
