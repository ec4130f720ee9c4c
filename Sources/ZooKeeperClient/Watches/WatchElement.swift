public import ZooKeeperProtocol

/// One thing that a watch has to say.
public enum WatchElement: Hashable, Sendable {
    /// Something changed; told before the session gets any reply that shows the change.
    ///
    /// From servers without persistent watches it is told after such replies, and changes in quick
    /// succession as one.
    case event(WatchEvent)
    /// Changes may have gone untold: what is known of the znodes is to be read again.
    case resync(Cause)

    /// Why changes may have gone untold.
    public enum Cause: Hashable, Sendable {
        /// Events came faster than they were read, and those from here on were dropped.
        case overflow
        /// The connection was lost, and is there again with the watch.
        case reconnected
        /// The session expired; a persistent watch is set again in the session after it.
        case expired
    }
}

extension WatchElement: Overflowing {
    static var overflow: WatchElement { .resync(.overflow) }
    var isMarker: Bool { if case .resync = self { true } else { false } }
}
