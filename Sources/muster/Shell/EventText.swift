import ZooKeeperClient
import ZooKeeperProtocol

/// Watch events and changes of the connection as zkCli prints them.
enum EventText {
    /// The block of an event: blank line, `WATCHER::`, blank line, the event.
    static func block(_ event: SessionEvent) -> String? {
        switch event {
        case .watch(let watch): block(name(watch.type), watch.path)
        case .state(let state): name(state).map { block("None", nil, state: $0) }
        case .reply: nil
        }
    }

    /// The block of a watch that was taken back.
    static func block(removed kind: WatchKind, _ path: String) -> String {
        switch kind {
        case .children: block("ChildWatchRemoved", path)
        case .data: block("DataWatchRemoved", path)
        case .persistent: block("PersistentWatchRemoved", path)
        }
    }

    private static func block(
        _ type: String,
        _ path: String?,
        state: String = "SyncConnected"
    ) -> String {
        "\nWATCHER::\n\nWatchedEvent state:\(state) type:\(type) path:\(path ?? "null")"
    }

    private static func name(_ kind: WatchEvent.Kind) -> String {
        switch kind {
        case .nodeCreated: "NodeCreated"
        case .nodeDeleted: "NodeDeleted"
        case .nodeDataChanged: "NodeDataChanged"
        case .nodeChildrenChanged: "NodeChildrenChanged"
        }
    }

    private static func name(_ state: SessionState) -> String? {
        switch state {
        case .connecting: nil
        case .connected: "SyncConnected"
        case .connectedReadOnly: "ConnectedReadOnly"
        case .suspended: "Disconnected"
        case .expired: "Expired"
        case .closed: "Closed"
        case .authFailed: "AuthFailed"
        }
    }
}
