import Registrations
import ServiceModel
import ZooKeeperProtocol

/// Znodes that come and go, by event or by list.
extension AggregatorEngine {
    /// How a znode became known.
    private enum Source {
        /// Its creation was seen, so all below it will be seen too.
        case event
        /// It stood in a list, so what is below it has to be listed.
        case list
        /// It has been there since before this connection.
        case kept
    }

    mutating func created(_ path: String) {
        let place = layout.place(of: path)
        countChange(of: path, place)
        guard let place else { return }
        switch place {
        case .root: openDirectory(path, from: .event)
        case .providers(let servicePath): directories[servicePath]?.cversion = 0
        default:
            if let parent = parent(of: path, place), directories[parent] == nil { return }
            learn(path, place, from: .event)
        }
    }

    mutating func deleted(_ path: String) {
        let place = layout.place(of: path)
        countChange(of: path, place)
        if case .providers(let servicePath)? = place { directories[servicePath]?.cversion = nil }
        drop(path)
        noticed(at: now.instant)
    }

    /// A child was created or deleted: its parent's cversion is one more.
    private mutating func countChange(of path: String, _ place: RegistryLayout.Place?) {
        if case .provider(_, let servicePath)? = place {
            directories[servicePath]?.count()
        } else if let parent = ZNodePath.parent(of: path), directories[parent]?.service == nil {
            directories[parent]?.count()
        }
    }

    mutating func dataChanged(_ path: String) {
        guard let leaf = leaves[path] else { return }
        switch leaf.place {
        case .domain, .entry:
            leaves[path]?.noticedAt = leaf.noticedAt ?? now.instant
            queue.add(.read(path), isFirstReading: false)
        default: break
        }
    }

    /// The children of a path are known, as of now.
    ///
    /// - Parameters:
    ///   - path: What was listed.
    ///   - names: Its children's.
    ///   - cversion: Its own; nil where it does not exist.
    mutating func listed(_ path: String, _ names: [String], cversion: Int32?) {
        guard let place = layout.place(of: path) else { return }
        if case .root = place { openDirectory(path, from: .event) }
        if case .service = place {
            learn(path, place, from: .list)
            return
        }
        guard let directory = directory(listedAs: path, place),
            let known = directories[directory]?.children
        else { return }
        know(directory)
        directories[directory]?.cversion = cversion
        if case .providers = place, let service = directories[directory]?.service, known.isEmpty {
            learn(allBelow: path, names, of: service, servicePath: directory)
            return
        }
        let paths = Set(names.map { ZNodePath.join(path, $0) })
        for gone in known.keys.filter({ !paths.contains($0) }).sorted() { drop(gone) }
        for name in names {
            let child = ZNodePath.join(path, name)
            guard let place = layout.place(of: child) else { continue }
            learn(child, place, from: .list)
        }
    }

    /// The path that should be listed is not there.
    mutating func listedNothing(_ path: String) {
        if case .providers = layout.place(of: path) {
            listed(path, [], cversion: nil)
        } else {
            drop(path)
        }
    }

    /// Asks for a path's children, or only whether they are those that were known before this connection.
    mutating func explore(_ path: String) {
        let name = layout.place(of: path).flatMap { directory(listedAs: path, $0) }
        let known = name.flatMap { directories[$0] }
        let isKnown = known?.cversion != nil && known?.knownIn == before.connection
        queue.add(isKnown ? .check(path) : .list(path), isFirstReading: true)
    }

    /// A directory whose children were known has been asked for its Stat.
    ///
    /// They are the same if there were as many creations and deletions of children, cversion, as have been
    /// seen, and the last one, pzxid, was before that connection's end: a registry that was put back to an
    /// earlier state has a lower cversion, and what happened there since has higher zxids.
    mutating func checked(_ path: String, _ stat: Stat) {
        guard let place = layout.place(of: path),
            let name = directory(listedAs: path, place), let directory = directories[name]
        else { return }
        let isSame = stat.cversion == directory.cversion && stat.pzxid <= before.zxid
        guard isSame else {
            queue.add(.list(path), isFirstReading: true)
            return
        }
        directories[name]?.askedIn = connection
        know(name)
        for child in directory.children.keys {
            let leaf = leaves[child]
            // What a provider's data says means nothing, and its Stat is known.
            if let leaf, leaf.isCurrent, case .provider = leaf.content { continue }
            guard let place = leaf?.place ?? layout.place(of: child) else { continue }
            learn(child, place, from: .kept)
        }
    }

    /// The directory whose children stand in the list of a path; nil for a path that is never listed.
    private func directory(listedAs path: String, _ place: RegistryLayout.Place) -> String? {
        switch place {
        case .providers(let servicePath): servicePath
        case .root, .application, .domain: path
        case .service, .provider, .entry, .unusable: nil
        }
    }

    private mutating func learn(_ path: String, _ place: RegistryLayout.Place, from source: Source)
    {
        switch place {
        case .service, .application:
            openDirectory(path, from: source)
        case .domain:
            openDirectory(path, from: source)
            learnLeaf(path, place, from: source)
        case .provider, .entry, .unusable: learnLeaf(path, place, from: source)
        case .root, .providers: return
        }
        if let parent = parent(of: path, place) { directories[parent]?.children[path] = true }
    }

    /// A service's first providers: nothing can be gone or replaced yet, so that their names are not even
    /// looked at before they are read, and no queue keeps account of each.
    private mutating func learn(
        allBelow path: String,
        _ names: [String],
        of service: ServiceName,
        servicePath: String
    ) {
        let place = RegistryLayout.Place.provider(service, servicePath: servicePath)
        let paths = names.map { ZNodePath.join(path, $0) }.filter { child in
            let leaf = Leaf(
                place: place,
                content: .unread,
                origin: Instance.Origin(path: child),
                connection: connection,
                noticedAt: nil
            )
            // False for a name that is the same as one before, though of other bytes.
            return leaves.insert(leaf, for: child)
        }
        directories[servicePath]?.children = PersistentMap(unique: paths.map { ($0, true) })
        queue.read(listed: paths)
    }

    /// A directory exists; its children are listed, unless this connection's events tell of all of them.
    private mutating func openDirectory(_ path: String, from source: Source) {
        if let known = directories[path], known.askedIn == connection { return }
        let place = layout.place(of: path)
        if source == .event, place != .root { dropChildren(of: path) }
        var directory = directories[path] ?? Directory()
        directory.askedIn = connection
        if case .service(let service) = place, directory.service == nil {
            directory.service = service
            ledger.appear(service, at: now.time)
        }
        guard source != .event else {
            // A service's list is that of its `providers`, which are still to come.
            directory.cversion = directory.service == nil ? 0 : nil
            directories[path] = directory
            know(path)
            return
        }
        directories[path] = directory
        var listed = path
        if case .service = place { listed = ZNodePath.join(path, DubboTree.providers) }
        explore(listed)
    }

    private mutating func learnLeaf(
        _ path: String,
        _ place: RegistryLayout.Place,
        from source: Source
    ) {
        let isFirstReading = source != .event
        if var leaf = departingLeaves.removeValue(forKey: path) ?? leaves[path] {
            let isNews = source == .event || leaf.connection != connection
            leaf.connection = connection
            if isNews { leaf.isCurrent = false }
            if source == .event, leaf.isUnread { announce(&leaf) }
            if source == .event { leaf.noticedAt = leaf.noticedAt ?? now.instant }
            leaves[path] = leaf
            if case .rejected = leaf.content, !leaf.isReadable { return }
            if isNews { queue.add(.read(path), isFirstReading: isFirstReading) }
            return
        }
        var leaf = Leaf(
            place: place,
            content: .unread,
            origin: Instance.Origin(path: path),
            connection: connection,
            noticedAt: source == .event ? now.instant : nil
        )
        if source == .event { noticed(at: now.instant) }
        announce(&leaf)
        leaves[path] = leaf
        if case .rejected = leaf.content { return }
        queue.add(.read(path), isFirstReading: isFirstReading)
    }

    /// Takes from a new leaf's name what it tells before the leaf is read.
    private mutating func announce(_ leaf: inout Leaf) {
        switch leaf.place {
        case .provider(let service, _):
            let name = ZNodePath.name(of: leaf.origin.path)
            do throws(RegistrationError) {
                let instance = try ProviderName.parse(
                    name,
                    service: service,
                    origin: leaf.origin,
                    since: now.time
                )
                leaf.content = .announced(instance)
                ledger.announce(instance.id)
            } catch {
                leaf.content = .rejected
                reject(leaf.origin.path, of: service, error)
            }
        case .unusable(let service, let error):
            ledger.appear(service, at: now.time)
            leaf.content = .rejected
            reject(leaf.origin.path, of: service, error)
        default: break
        }
    }

    /// Puts a znode among those that are not understood.
    mutating func reject(_ path: String, of service: ServiceName, _ error: RegistrationError) {
        ledger.reject(
            path: path,
            of: service,
            offender: error.offender,
            reason: error.reason,
            at: now.time
        )
    }
}

/// What is gone.
extension AggregatorEngine {
    /// A znode, and all that stood below it, is gone.
    mutating func drop(_ path: String) {
        let place = layout.place(of: path)
        if case .providers(let servicePath) = place { dropChildren(of: servicePath) }
        dropChildren(of: path)
        forgetListing(path)
        if let directory = directories[path] {
            directories[path] = nil
            if let service = directory.service {
                forgetListing(ZNodePath.join(path, DubboTree.providers))
                departures.append(.service(service))
            }
        }
        if let leaf = leaves[path] {
            leaves[path] = nil
            queue.remove(.read(path))
            departingLeaves[path] = leaf
            departures.append(.leaf(path))
        }
        if let place, let parent = parent(of: path, place) {
            directories[parent]?.children[path] = nil
        }
    }

    private mutating func forgetListing(_ path: String) {
        queue.remove(.list(path))
        queue.remove(.check(path))
    }

    private mutating func dropChildren(of path: String) {
        guard let children = directories[path]?.children, !children.isEmpty else { return }
        for child in children.keys.sorted() { drop(child) }
    }

    /// Carries out the departures that were not taken back.
    mutating func settle() {
        let all = departures
        departures = []
        for departing in all {
            switch departing {
            case .service(let service): ledger.vanish(service, at: now.time)
            case .leaf(let path):
                guard let leaf = departingLeaves.removeValue(forKey: path) else { continue }
                release(leaf)
            }
        }
    }

    private mutating func release(_ leaf: Leaf) {
        guard let service = leaf.service else { return }
        let path = leaf.origin.path
        let reason = reasons.reason(owner: leaf.origin.session)
        ledger.endRejection(path: path, of: service, at: now.time)
        switch leaf.content {
        case .announced(let instance): ledger.endAnnouncement(instance.id, at: now.time)
        case .provider(let id): ledger.release(id, path: path, reason: reason, at: now.time)
        case .list(let entries, _): releaseList(leaf, entries, of: service, reason: reason)
        case .unread, .rejected: break
        }
        if case .unusable = leaf.place { ledger.vanish(service, at: now.time) }
    }

    /// The directory that a znode is a child of; nil for a root.
    func parent(of path: String, _ place: RegistryLayout.Place) -> String? {
        if case .provider(_, let servicePath) = place { return servicePath }
        if layout.roots.contains(where: { $0.path == path }) { return nil }
        return ZNodePath.parent(of: path)
    }
}
