internal import CLinux
internal import Glibc

/// What the operating system, or a bound of this target, refused.
public struct RuntimeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of refusal, to be told apart by callers.
    public struct Code: Hashable, Sendable {
        private enum Kind {
            case system, addressInUse, notPermitted, notHere, tooLong, exhausted, unresolved,
                overloaded, closed, bad
        }
        private let kind: Kind

        /// A system call failed; `cause` has its errno.
        public static let system = Code(kind: .system)
        /// Another socket has the address or path.
        public static let addressInUse = Code(kind: .addressInUse)
        /// This user must not do that.
        public static let notPermitted = Code(kind: .notPermitted)
        /// The address is none of this machine's.
        public static let addressNotHere = Code(kind: .notHere)
        /// The path is longer than the kernel takes.
        public static let nameTooLong = Code(kind: .tooLong)
        /// The process or the machine is out of descriptors or memory; the next try may succeed.
        public static let exhausted = Code(kind: .exhausted)
        /// A host name has no address.
        public static let unresolved = Code(kind: .unresolved)
        /// A bounded queue is full; nothing was started.
        public static let overloaded = Code(kind: .overloaded)
        /// The thread or socket was stopped; nothing was started.
        public static let closed = Code(kind: .closed)
        /// An argument from outside has no meaning, such as the text of an address.
        public static let badArgument = Code(kind: .bad)
    }

    /// What kind of refusal it is.
    public let code: Code
    /// What was attempted and what came of it, for people.
    public let message: String
    /// The errno, or 0.
    public let cause: Int32

    init(_ code: Code, _ message: String, cause: Int32 = 0) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// The error of a system call.
    ///
    /// - Parameters:
    ///   - attempt: What was attempted, such as "bind 127.0.0.1:53".
    ///   - failure: The negative errno that a shim returned.
    init(_ attempt: String, failure: Int32) {
        let errno = -failure
        let code: Code =
            switch errno {
            case EADDRINUSE: .addressInUse
            case EACCES, EPERM, EROFS: .notPermitted
            case EADDRNOTAVAIL: .addressNotHere
            case ENAMETOOLONG: .nameTooLong
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: .exhausted
            default: .system
            }
        self.init(code, "\(attempt): \(Self.text(ofErrno: errno))", cause: errno)
    }

    /// The message.
    public var description: String { message }

    /// The kernel's words for an errno, such as "Connection refused".
    static func text(ofErrno errno: Int32) -> String {
        // SAFETY: the shim writes at most 128 bytes with the closing zero into the 128 that it is given.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let base = buffer.baseAddress else { return "error \(errno)" }
            unsafe muster_error_text(errno, base, 128)
            return unsafe String(cString: base)
        }
    }
}
