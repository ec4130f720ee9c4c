/// How an operation ended: the `err` field of a reply (ZooKeeper 3.8 KeeperException.Code).
///
/// Any number can be held, as a newer peer may know more. Servers send only the ones named here: kazoo's
/// connection thread dies of others.
public struct ErrorCode: RawRepresentable, Hashable, Error, CustomStringConvertible {
    /// The number on the wire.
    public let rawValue: Int32

    /// Any number, known or not.
    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// All the codes that have a name, by falling number.
    public static let known: [ErrorCode] = names.map(\.code)

    /// ZooKeeper's own name of the code, or its number.
    public var description: String {
        Self.names.first { $0.code == self }?.name ?? "ERROR \(rawValue)"
    }

    private static let names: [(code: ErrorCode, name: String)] = [
        (.ok, "OK"),
        (.systemError, "SYSTEMERROR"),
        (.runtimeInconsistency, "RUNTIMEINCONSISTENCY"),
        (.dataInconsistency, "DATAINCONSISTENCY"),
        (.connectionLoss, "CONNECTIONLOSS"),
        (.marshallingError, "MARSHALLINGERROR"),
        (.unimplemented, "UNIMPLEMENTED"),
        (.operationTimeout, "OPERATIONTIMEOUT"),
        (.badArguments, "BADARGUMENTS"),
        (.unknownSession, "UNKNOWNSESSION"),
        (.newConfigNoQuorum, "NEWCONFIGNOQUORUM"),
        (.reconfigInProgress, "RECONFIGINPROGRESS"),
        (.apiError, "APIERROR"),
        (.noNode, "NONODE"),
        (.noAuth, "NOAUTH"),
        (.badVersion, "BADVERSION"),
        (.noChildrenForEphemerals, "NOCHILDRENFOREPHEMERALS"),
        (.nodeExists, "NODEEXISTS"),
        (.notEmpty, "NOTEMPTY"),
        (.sessionExpired, "SESSIONEXPIRED"),
        (.invalidCallback, "INVALIDCALLBACK"),
        (.invalidACL, "INVALIDACL"),
        (.authFailed, "AUTHFAILED"),
        (.sessionMoved, "SESSIONMOVED"),
        (.notReadOnly, "NOTREADONLY"),
        (.ephemeralOnLocalSession, "EPHEMERALONLOCALSESSION"),
        (.noWatcher, "NOWATCHER"),
        (.requestTimeout, "REQUESTTIMEOUT"),
        (.reconfigDisabled, "RECONFIGDISABLED"),
        (.sessionClosedRequireSASLAuth, "SESSIONCLOSEDREQUIRESASLAUTH"),
        (.quotaExceeded, "QUOTAEXCEEDED"),
        (.throttledOp, "THROTTLEDOP"),
    ]
}

extension ErrorCode {
    /// Success.
    public static let ok = ErrorCode(rawValue: 0)
    /// Some failure of the server; also the least of the system codes.
    public static let systemError = ErrorCode(rawValue: -1)
    /// The result of an operation behind the culprit of a failed multi.
    public static let runtimeInconsistency = ErrorCode(rawValue: -2)
    /// The server's data contradict themselves.
    public static let dataInconsistency = ErrorCode(rawValue: -3)
    /// Only inside clients: the connection went before the reply came.
    public static let connectionLoss = ErrorCode(rawValue: -4)
    /// The request's bytes could not be understood.
    public static let marshallingError = ErrorCode(rawValue: -5)
    /// The server does not know the operation.
    public static let unimplemented = ErrorCode(rawValue: -6)
    /// Only inside clients: no reply in time.
    public static let operationTimeout = ErrorCode(rawValue: -7)
    /// A path, flag or number outside its rules.
    public static let badArguments = ErrorCode(rawValue: -8)
    /// Internal to servers: no such session.
    public static let unknownSession = ErrorCode(rawValue: -12)
    /// The new ensemble has no quorum.
    public static let newConfigNoQuorum = ErrorCode(rawValue: -13)
    /// Another reconfiguration runs.
    public static let reconfigInProgress = ErrorCode(rawValue: -14)
    /// The least of the API codes; never sent.
    public static let apiError = ErrorCode(rawValue: -100)
    /// No znode has the path.
    public static let noNode = ErrorCode(rawValue: -101)
    /// The access list refuses.
    public static let noAuth = ErrorCode(rawValue: -102)
    /// The znode's version is not the expected one.
    public static let badVersion = ErrorCode(rawValue: -103)
    /// Ephemerals have no children.
    public static let noChildrenForEphemerals = ErrorCode(rawValue: -108)
    /// The path is taken.
    public static let nodeExists = ErrorCode(rawValue: -110)
    /// The znode has children.
    public static let notEmpty = ErrorCode(rawValue: -111)
    /// The session is over.
    public static let sessionExpired = ErrorCode(rawValue: -112)
    /// Only inside clients.
    public static let invalidCallback = ErrorCode(rawValue: -113)
    /// The access list is empty or malformed.
    public static let invalidACL = ErrorCode(rawValue: -114)
    /// The credential was refused.
    public static let authFailed = ErrorCode(rawValue: -115)
    /// The session lives on another connection by now.
    public static let sessionMoved = ErrorCode(rawValue: -118)
    /// A write at a server that is read-only.
    public static let notReadOnly = ErrorCode(rawValue: -119)
    /// Local sessions own no ephemerals.
    public static let ephemeralOnLocalSession = ErrorCode(rawValue: -120)
    /// There is no such watch to remove.
    public static let noWatcher = ErrorCode(rawValue: -121)
    /// Only inside clients.
    public static let requestTimeout = ErrorCode(rawValue: -122)
    /// Reconfiguration is switched off.
    public static let reconfigDisabled = ErrorCode(rawValue: -123)
    /// The server insists on SASL and closes the session.
    public static let sessionClosedRequireSASLAuth = ErrorCode(rawValue: -124)
    /// A hard quota stands against the write.
    public static let quotaExceeded = ErrorCode(rawValue: -125)
    /// The server is overloaded and did not try.
    public static let throttledOp = ErrorCode(rawValue: -127)
}
