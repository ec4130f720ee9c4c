internal import ZooKeeperProtocol

/// The watches that the server holds for the session, kept so that they can be set again.
///
/// Step of the data flow: replies that set a watch enter it, events that use one up leave it, and after a
/// reconnect of the same session all of them go out again with the last zxid seen, so that changes made
/// meanwhile fire at once. Paths are the server's, with the chroot. Bound: `Limits.watchesMax`.
struct WatchTable: Equatable {
    /// A watch that comes into being when its request succeeds.
    enum Registration: Equatable {
        case data(String)
        /// By exists: a data watch when the znode is there, else one for its creation.
        case exists(String)
        case children(String)
        case persistent(String)
        case persistentRecursive(String)
        case removal(String, WatcherRequest.Kind)

        /// True when it makes a watch, rather than taking some back.
        var isNew: Bool { if case .removal = self { false } else { true } }
    }

    private var data: Set<String> = []
    private var exist: Set<String> = []
    private var children: Set<String> = []
    private var persistent: Set<String> = []
    private var recursive: Set<String> = []

    /// Watches of all kinds.
    var count: Int {
        data.count + exist.count + children.count + persistent.count + recursive.count
    }

    /// What a request would register, or nil.
    static func registration(of request: Request) -> Registration? {
        switch request {
        case .getData(let record): record.watch ? .data(record.path) : nil
        case .exists(let record): record.watch ? .exists(record.path) : nil
        case .getChildren(let record), .getChildren2(let record):
            record.watch ? .children(record.path) : nil
        case .addWatch(let record):
            switch record.mode {
            case .persistent: .persistent(record.path)
            case .persistentRecursive: .persistentRecursive(record.path)
            }
        case .removeWatches(let record): .removal(record.path, record.type)
        default: nil
        }
    }

    /// The server has answered a request that registers.
    ///
    /// - Returns: The kinds that a removal has taken back; empty for all others.
    @discardableResult
    mutating func answered(_ registration: Registration, _ error: ErrorCode) -> [WatchKind] {
        switch (registration, error) {
        case (.exists(let path), .noNode): exist.insert(path)
        case (.exists(let path), .ok), (.data(let path), .ok): data.insert(path)
        case (.children(let path), .ok): children.insert(path)
        case (.persistent(let path), .ok):
            recursive.remove(path)
            persistent.insert(path)
        case (.persistentRecursive(let path), .ok):
            persistent.remove(path)
            recursive.insert(path)
        case (.removal(let path, let kind), .ok): return remove(path, kind)
        default: break
        }
        return []
    }

    /// An event uses up the one-shot watches that it belongs to.
    mutating func fired(_ event: WatchEvent) {
        switch event.type {
        case .nodeCreated, .nodeDataChanged:
            data.remove(event.path)
            exist.remove(event.path)
        case .nodeDeleted:
            data.remove(event.path)
            exist.remove(event.path)
            children.remove(event.path)
        case .nodeChildrenChanged: children.remove(event.path)
        }
    }

    /// The session is over, and its watches with it.
    mutating func removeAll() { self = WatchTable() }

    /// A server does not know persistent watches: those that stay are the one-shot ones.
    mutating func removePersistent() { (persistent, recursive) = ([], []) }

    /// The kinds of watches that are set at a path itself.
    func kinds(at path: String) -> Set<WatchKind> {
        var kinds: Set<WatchKind> = []
        if data.contains(path) || exist.contains(path) { kinds.insert(.data) }
        if children.contains(path) { kinds.insert(.children) }
        if persistent.contains(path) || recursive.contains(path) { kinds.insert(.persistent) }
        return kinds
    }

    /// Forgets watches of a path; persistent ones go only with `.any`.
    ///
    /// - Returns: The kinds that were there.
    mutating func remove(_ path: String, _ kind: WatcherRequest.Kind) -> [WatchKind] {
        var removed: [WatchKind] = []
        if kind != .data, children.remove(path) != nil { removed.append(.children) }
        if kind != .children {
            let hadData = data.remove(path) != nil
            if exist.remove(path) != nil || hadData { removed.append(.data) }
        }
        guard kind == .any else { return removed }
        let hadPersistent = persistent.remove(path) != nil
        if recursive.remove(path) != nil || hadPersistent { removed.append(.persistent) }
        return removed
    }

    /// The requests that set all watches again, each with at most `Limits.setWatchesBytesMax` of paths.
    ///
    /// - Parameter zxid: The last one seen by the session.
    /// - Returns: None without watches; setWatches2 only where persistent ones need it.
    func renewal(zxid: Int64) -> [Request] {
        var messages: [Request] = []
        var message = Message(zxid: zxid)
        for (kind, paths) in [data, exist, children, persistent, recursive].enumerated() {
            for path in paths.sorted() {
                if message.bytes + path.utf8.count > Limits.setWatchesBytesMax, message.bytes > 0 {
                    messages.append(message.request)
                    message = Message(zxid: zxid)
                }
                message.paths[kind].append(path)
                message.bytes += path.utf8.count + 4
            }
        }
        if message.bytes > 0 { messages.append(message.request) }
        return messages
    }

    private struct Message {
        let zxid: Int64
        var paths: [[String]] = [[], [], [], [], []]
        var bytes = 0
        init(zxid: Int64) { self.zxid = zxid }

        var request: Request {
            let oneShot = SetWatchesRequest(
                relativeZxid: zxid,
                dataWatches: paths[0],
                existWatches: paths[1],
                childWatches: paths[2]
            )
            if paths[3].isEmpty && paths[4].isEmpty { return .setWatches(oneShot) }
            return .setWatches2(
                SetWatches2Request(
                    oneShot: oneShot,
                    persistentWatches: paths[3],
                    persistentRecursiveWatches: paths[4]
                )
            )
        }
    }
}
