import ServiceModel

/// Keeps the view and the claims on it: which znode speaks for an instance, which stand behind it.
///
/// Step of the data flow: claims and releases of znodes come in, numbered deltas go out, and the view is
/// what the deltas make of it. Invariants: of several claims on an instance the newest znode's is in the
/// view; an instance leaves when its last claim is released, or later when another znode is announced
/// that is about to claim it.
struct ViewLedger: Sendable {
    /// What is known, all deltas included.
    private(set) var view = MembershipView()
    private var deltas: [ViewDelta] = []
    /// Claims that do not speak.
    private var hidden: [InstanceID: [Instance]] = [:]
    /// Znodes, by instance, whose claim will come once they are read.
    private var announced: [InstanceID: Int] = [:]
    /// Instances whose speaker is gone, kept because a claim is announced.
    private var lingering: [InstanceID: Departure] = [:]
    /// Znodes that stand for a service.
    private var znodesOf: [ServiceName: Int] = [:]

    /// The deltas since the last call.
    mutating func takeDeltas() -> [ViewDelta] {
        defer { deltas = [] }
        return deltas
    }

    mutating func setFreshness(_ freshness: MembershipView.Freshness) {
        view.freshness = freshness
    }

    /// Puts in the place of all deltas so far those that lead from another view to this one.
    ///
    /// - Parameters:
    ///   - known: What was shown until now; numbers go on behind its own.
    ///   - time: The moment.
    mutating func follow(_ known: MembershipView, at time: UnixTime) {
        deltas = []
        view.deltaNumber = known.deltaNumber
        for (service, change) in ViewDifference.changes(from: known, to: view) {
            view.deltaNumber += 1
            let number = view.deltaNumber
            deltas.append(ViewDelta(number: number, at: time, service: service, change: change))
        }
        for name in known.services.keys where view.services[name] != nil {
            guard let service = known.services[name] else { continue }
            view.services[name]?.since = service.since
        }
    }

    mutating func advance(zxid: Int64) { view.zxid = max(view.zxid, zxid) }

    private func speaker(of id: InstanceID) -> Instance? {
        view.services[id.service]?.instances[id]
    }

    private mutating func record(_ change: ViewDelta.Change, of service: ServiceName, at: UnixTime)
    {
        let number = view.deltaNumber + 1
        let delta = ViewDelta(number: number, at: at, service: service, change: change)
        view.apply(delta)
        deltas.append(delta)
    }
}

// MARK: Services

extension ViewLedger {
    /// One more znode stands for the service.
    mutating func appear(_ service: ServiceName, at time: UnixTime) {
        znodesOf[service, default: 0] += 1
        guard znodesOf[service] == 1 else { return }
        record(.serviceAppeared, of: service, at: time)
    }

    /// A znode that stood for the service is gone, and all below it.
    mutating func vanish(_ service: ServiceName, at time: UnixTime) {
        guard let count = znodesOf[service] else { return }
        znodesOf[service] = count > 1 ? count - 1 : nil
        guard count == 1 else { return }
        record(.serviceVanished, of: service, at: time)
    }
}

// MARK: Instances

extension ViewLedger {
    /// A znode claims an instance, for the first time or anew.
    mutating func claim(_ instance: Instance, at time: UnixTime) {
        let id = instance.id
        forgetHidden(id, path: instance.origin.path)
        guard let current = speaker(of: id) else {
            record(.joined(instance), of: id.service, at: time)
            return
        }
        if current.origin.path != instance.origin.path, lingering[id] == nil {
            guard Self.speaks(instance, before: current) else {
                hidden[id, default: []].append(instance)
                return
            }
            hidden[id, default: []].append(current)
        }
        lingering[id] = nil
        guard current != instance else { return }
        record(.changed(from: current, to: instance), of: id.service, at: time)
    }

    /// A znode takes its claim back.
    ///
    /// - Parameters:
    ///   - id: What it claimed.
    ///   - path: The znode.
    ///   - reason: Why, should the instance leave.
    ///   - time: The moment.
    mutating func release(
        _ id: InstanceID,
        path: String,
        reason: Departure,
        at time: UnixTime
    ) {
        guard let current = speaker(of: id), current.origin.path == path, lingering[id] == nil
        else {
            forgetHidden(id, path: path)
            return
        }
        if let next = hidden[id]?.max(by: { Self.speaks($1, before: $0) }) {
            forgetHidden(id, path: next.origin.path)
            record(.changed(from: current, to: next), of: id.service, at: time)
        } else if announced[id] != nil {
            lingering[id] = reason
        } else {
            record(.left(current, reason), of: id.service, at: time)
        }
    }

    /// A znode that is about to be read will claim the instance.
    mutating func announce(_ id: InstanceID) { announced[id, default: 0] += 1 }

    /// An announced znode has claimed, or will not.
    mutating func endAnnouncement(_ id: InstanceID, at time: UnixTime) {
        guard let count = announced[id] else { return }
        announced[id] = count > 1 ? count - 1 : nil
        guard count == 1, let reason = lingering.removeValue(forKey: id),
            let current = speaker(of: id)
        else { return }
        record(.left(current, reason), of: id.service, at: time)
    }

    private mutating func forgetHidden(_ id: InstanceID, path: String) {
        guard !hidden.isEmpty, var claims = hidden[id] else { return }
        claims.removeAll { $0.origin.path == path }
        hidden[id] = claims.isEmpty ? nil : claims
    }

    /// The newer znode speaks; two made by one transaction are ordered by path.
    private static func speaks(_ one: Instance, before other: Instance) -> Bool {
        (one.origin.czxid, one.origin.path) > (other.origin.czxid, other.origin.path)
    }
}

// MARK: Rejections

extension ViewLedger {
    /// A znode is not understood.
    mutating func reject(
        path: String,
        of service: ServiceName,
        offender: String,
        reason: String,
        at time: UnixTime
    ) {
        let known = view.services[service]?.rejections[path]
        let rejection = Rejection(
            path: path,
            offender: offender,
            reason: reason,
            since: known?.since ?? time
        )
        guard rejection != known else { return }
        record(.rejected(rejection), of: service, at: time)
    }

    /// A znode is understood now, or gone.
    mutating func endRejection(path: String, of service: ServiceName, at time: UnixTime) {
        guard let rejections = view.services[service]?.rejections, !rejections.isEmpty,
            let rejection = rejections[path]
        else { return }
        record(.rejectionEnded(rejection), of: service, at: time)
    }
}
