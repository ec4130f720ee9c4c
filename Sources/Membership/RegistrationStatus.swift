public import ServiceModel
public import ZooKeeperProtocol

/// How one registration stands.
public enum RegistrationStatus: Equatable, Sendable {
    /// There is no connection; the znode may still stand, its session lives for its timeout.
    case waiting
    /// On its way into the tree.
    case registering
    /// In the tree, owned by our session.
    case registered
    /// Another live process took the znode too often; tried again then, or when the znode goes.
    case contended(owner: Int64, until: Instant)
    /// The registry refused; tried again then.
    case failing(ErrorCode, until: Instant)
    /// Taken back.
    case ended
}
