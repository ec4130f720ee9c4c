import Runtime
import ServiceModel

/// Decides which TCP connections may stay: an engine without sockets or clocks.
///
/// Connections are known by number. Invariants: at most `connectionsMax` of them; at most
/// `connectionsPerAddressMax` of one address, loopback excepted.
struct StreamBudget {
    /// What to do with a new connection.
    enum Admission: Equatable {
        /// It stays.
        case accept
        /// It is closed at once.
        case refuse
        /// It stays, and that one is closed for it.
        case replace(UInt64)
    }

    private let bounds: NameServerConfiguration.StreamBounds
    private var active: [UInt64: (last: Instant, address: IPAddress?)] = [:]
    private var perAddress: [IPAddress: Int] = [:]

    init(_ bounds: NameServerConfiguration.StreamBounds) { self.bounds = bounds }

    /// Connections that stay.
    var count: Int { active.count }

    /// Decides about a new connection and notes it unless it is refused.
    ///
    /// A replaced one is forgotten: close it without calling `remove`.
    ///
    /// - Complexity: O(connections) at the bound, else O(1).
    mutating func admit(_ id: UInt64, from address: IPAddress?, now: Instant) -> Admission {
        let counted = address.flatMap { $0.isLoopback ? nil : $0 }
        if let counted, perAddress[counted, default: 0] >= bounds.connectionsPerAddressMax {
            return .refuse
        }
        var admission = Admission.accept
        if active.count >= bounds.connectionsMax {
            guard let idle = active.min(by: { ($0.value.last, $0.key) < ($1.value.last, $1.key) })
            else { return .refuse }
            remove(idle.key)
            admission = .replace(idle.key)
        }
        active[id] = (now, counted)
        if let counted { perAddress[counted, default: 0] += 1 }
        return admission
    }

    /// A complete question came or bytes of an answer left.
    mutating func touch(_ id: UInt64, now: Instant) { active[id]?.last = now }

    /// The connection is closed.
    mutating func remove(_ id: UInt64) {
        guard let gone = active.removeValue(forKey: id), let address = gone.address else { return }
        let left = perAddress[address, default: 1] - 1
        perAddress[address] = left > 0 ? left : nil
    }

    /// Connections that were idle for too long, in order of their numbers.
    func idle(now: Instant) -> [UInt64] {
        active.filter { now - $0.value.last >= bounds.idleMax }.map(\.key).sorted()
    }
}
