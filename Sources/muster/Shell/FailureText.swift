import ZooKeeperClient
import ZooKeeperProtocol

/// What zkCli says of an operation that did not succeed.
enum FailureText {
    /// The sentence of a code, with the path concerned where there is one.
    static func sentence(_ code: ErrorCode, _ path: String?) -> String {
        let subject = path ?? "null"
        switch code {
        case .noNode: return "Node does not exist: \(subject)"
        case .noChildrenForEphemerals: return "Ephemerals cannot have children: \(subject)"
        case .nodeExists: return "Node already exists: \(subject)"
        case .notEmpty: return "Node not empty: \(subject)"
        case .notReadOnly: return "Not a read-only call: \(subject)"
        case .invalidACL: return "Acl is not valid : \(subject)"
        case .noAuth: return "Insufficient permission : \(subject)"
        case .badArguments: return "Arguments are not valid : \(subject)"
        case .badVersion: return "version No is not valid : \(subject)"
        case .quotaExceeded: return "Quota has exceeded : \(subject)"
        case .reconfigInProgress:
            return "Another reconfiguration is in progress -- concurrent reconfigs not supported"
                + " (yet)"
        case .newConfigNoQuorum:
            return "No quorum of new config is connected and up-to-date with the leader of last"
                + " commmitted config - try invoking reconfiguration after new servers are"
                + " connected and synced"
        default: return message(code, path)
        }
    }

    /// The exception's own message: `KeeperErrorCode = ConnectionLoss for /a`.
    static func message(_ code: ErrorCode, _ path: String?) -> String {
        let name = names[code] ?? "Unknown error \(code)"
        guard let path, !path.isEmpty else { return "KeeperErrorCode = \(name)" }
        return "KeeperErrorCode = \(name) for \(path)"
    }

    /// The server's code of an error, or the one that clients use for what happened to the request.
    static func code(_ error: ZooKeeperError) -> ErrorCode? {
        switch error.code {
        case .refused: error.server
        case .notSent, .outcomeUnknown: .connectionLoss
        case .sessionExpired, .closed: .sessionExpired
        case .authFailed: .authFailed
        default: nil
        }
    }

    private static let names: [ErrorCode: String] = [
        .ok: "ok", .systemError: "SystemError", .runtimeInconsistency: "RuntimeInconsistency",
        .dataInconsistency: "DataInconsistency", .connectionLoss: "ConnectionLoss",
        .marshallingError: "MarshallingError", .newConfigNoQuorum: "NewConfigNoQuorum",
        .reconfigInProgress: "ReconfigInProgress", .unimplemented: "Unimplemented",
        .operationTimeout: "OperationTimeout", .badArguments: "BadArguments",
        .apiError: "APIError", .noNode: "NoNode", .noAuth: "NoAuth", .badVersion: "BadVersion",
        .noChildrenForEphemerals: "NoChildrenForEphemerals", .nodeExists: "NodeExists",
        .invalidACL: "InvalidACL", .authFailed: "AuthFailed", .notEmpty: "Directory not empty",
        .sessionExpired: "Session expired", .invalidCallback: "Invalid callback",
        .sessionMoved: "Session moved", .notReadOnly: "Not a read-only call",
        .ephemeralOnLocalSession: "Ephemeral node on local session",
        .noWatcher: "No such watcher", .reconfigDisabled: "Reconfig is disabled",
        .sessionClosedRequireSASLAuth: "Session closed because client failed to authenticate",
        .quotaExceeded: "Quota has exceeded", .throttledOp: "Op throttled due to high load",
    ]
}
