import ServiceModel

/// What leads from one view to another, as deltas.
///
/// For the moment in which the registry was read again and what was remembered meets what is. What
/// happened in between is known only by its outcome, so whoever left did so for an unknown reason.
enum ViewDifference {
    /// The changes of all services, by their names; within a service nobody leaves before others join.
    ///
    /// - Parameters:
    ///   - old: What was known.
    ///   - new: What is known.
    /// - Returns: Changes that, carried out on `old`, make the services of `new`.
    /// - Complexity: O(n) in instances, O(n log n) in services and in instances that differ.
    static func changes(
        from old: MembershipView,
        to new: MembershipView
    ) -> [(service: ServiceName, change: ViewDelta.Change)] {
        let names = Set(old.services.keys).union(new.services.keys).sorted()
        return names.flatMap { name in
            changes(from: old.services[name], to: new.services[name]).map { (name, $0) }
        }
    }

    private static func changes(
        from old: MembershipView.Service?,
        to new: MembershipView.Service?
    ) -> [ViewDelta.Change] {
        var changes: [ViewDelta.Change] = []
        if old == nil, new != nil { changes.append(.serviceAppeared) }
        let (was, comes) = (old?.instances, new?.instances)
        let other = (comes?.keys ?? []).filter { !isSame(was?[$0], comes?[$0]) }
        for id in other.sorted() {
            guard let instance = comes?[id] else { continue }
            changes.append(was?[id].map { .changed(from: $0, to: instance) } ?? .joined(instance))
        }
        for id in (was?.keys ?? []).filter({ comes?[$0] == nil }).sorted() {
            if let instance = was?[id] { changes.append(.left(instance, .unknown)) }
        }
        let (faulty, wrong) = (old?.rejections, new?.rejections)
        for path in (wrong?.keys ?? []).filter({ wrong?[$0] != faulty?[$0] }).sorted() {
            if let rejection = wrong?[path] { changes.append(.rejected(rejection)) }
        }
        for path in (faulty?.keys ?? []).filter({ wrong?[$0] == nil }).sorted() {
            if let rejection = faulty?[path] { changes.append(.rejectionEnded(rejection)) }
        }
        if old != nil, new == nil { changes.append(.serviceVanished) }
        return changes
    }

    /// True for one registration that was read twice.
    ///
    /// How long an entry has stood in a domain's list is known to those who saw it come, and not told by
    /// the list itself.
    private static func isSame(_ old: Instance?, _ new: Instance?) -> Bool {
        guard var old, let new else { return false }
        (old.state.since, old.origin.mzxid) = (new.state.since, new.origin.mzxid)
        return old == new
    }
}
