/// What went wrong with stored bytes, and where.
public struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of trouble, to be told apart by callers.
    public struct Code: Hashable, Sendable {
        private enum Kind { case failed, noSpace, notFound, damaged, unknownFormat, busy }
        private let kind: Kind

        /// The machine refused a call; `cause` has its errno, or SQLite's extended code.
        public static let failed = Code(kind: .failed)
        /// There is no room on the disk, in the quota, or under the limit of file sizes.
        public static let noSpace = Code(kind: .noSpace)
        /// There is no such file or folder.
        public static let notFound = Code(kind: .notFound)
        /// The bytes are not those that were written.
        public static let damaged = Code(kind: .damaged)
        /// The file is of a format that this program does not know, such as that of a later version.
        public static let unknownFormat = Code(kind: .unknownFormat)
        /// Another program holds the database.
        public static let busy = Code(kind: .busy)
    }

    /// What kind of trouble it is.
    public let code: Code
    /// The file or folder.
    public let path: String
    /// Where in the file the trouble begins, in bytes; nil where that means nothing.
    public let offset: Int?
    /// What was attempted and what came of it, for people.
    public let message: String
    /// The errno, or SQLite's extended code; 0 for neither.
    public let cause: Int32

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: What kind of trouble it is.
    ///   - path: The file or folder.
    ///   - offset: Where in it, in bytes.
    ///   - message: What was attempted and what came of it.
    ///   - cause: The errno, or SQLite's extended code.
    public init(
        _ code: Code,
        _ path: String,
        at offset: Int? = nil,
        _ message: String,
        cause: Int32 = 0
    ) {
        (self.code, self.path, self.offset) = (code, path, offset)
        (self.message, self.cause) = (message, cause)
    }

    /// One line with the file, the offset where there is one, and what happened.
    public var description: String {
        let place = offset.map { "\(path), offset \($0)" } ?? path
        return "\(place): \(message)"
    }
}
