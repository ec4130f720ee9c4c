import ServiceModel

/// Remembers how sessions ended, to tell why the instances that they owned left.
///
/// The registry tells of an end before the znodes go, so a session that owned a deleted znode and is
/// not remembered here still lives: its znode was deleted. Bound: `Limits.factsMax`, oldest out first.
struct DepartureReasons: Sendable {
    private var endOf: [Int64: Departure] = [:]
    private var order = Queue<Int64>()
    private let hearsSessionEnds: Bool

    init(hearsSessionEnds: Bool) { self.hearsSessionEnds = hearsSessionEnds }

    mutating func tell(_ fact: SessionFact) {
        let departure: Departure
        switch fact.kind {
        case .connectionLost, .connectionBack: return
        case .closed: departure = .closed
        case .expired: departure = .expired
        }
        guard endOf.updateValue(departure, forKey: fact.session) == nil else { return }
        order.append(fact.session)
        while order.count > Limits.factsMax, let oldest = order.popFirst() { endOf[oldest] = nil }
    }

    /// Why a znode went that is gone now.
    ///
    /// - Parameter owner: Session that owned it, 0 for a persistent znode, which only a deletion ends.
    /// - Returns: How the session ended, else `deleted` or `unknown`.
    func reason(owner: Int64) -> Departure {
        if owner == 0 { return .deleted }
        if let departure = endOf[owner] { return departure }
        return hearsSessionEnds ? .deleted : .unknown
    }
}
