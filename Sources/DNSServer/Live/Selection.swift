import ServiceModel

/// Counts over a service's instances from which follows which of them its plain name shows.
///
/// Kept by the live zone for each service, so that one change needs no look at the others.
struct Census: Equatable {
    /// Instances of one group and tag; consumers of one see no other.
    struct Family: Hashable {
        var group: String
        var tag: String

        init(_ id: InstanceID) { (group, tag) = (id.group, id.tag) }
    }

    /// Answering instances without a version, by family; no zeros.
    private(set) var unversioned: [Family: Int] = [:]
    /// Instances by the bits that their weight is too long for SRV; no zeros, none for 0 bits.
    private(set) var excessBits: [Int: Int] = [:]
    /// Of a domain, its instances by the application that registered them; no zeros.
    private(set) var claims: [String: Int] = [:]

    /// Counts an instance in (`+1`) or out (`-1`).
    mutating func count(_ instance: Instance, by step: Int) {
        if instance.id.service.kind == .domain {
            Self.add(step, to: &claims, instance.application)
        }
        guard Selection.isAnswered(instance) else { return }
        if instance.id.version.isEmpty { Self.add(step, to: &unversioned, Family(instance.id)) }
        let excess = Selection.excessBits(instance.weight)
        if excess > 0 { Self.add(step, to: &excessBits, excess) }
    }

    private static func add<Key>(_ step: Int, to counts: inout [Key: Int], _ key: Key) {
        let sum = (counts[key] ?? 0) + step
        counts[key] = sum == 0 ? nil : sum
    }
}

/// Which of a service's instances its names show, and how their weights are scaled.
///
/// Follows from the whole set of instances: while it stays the same, a change of one instance concerns
/// the records of that one alone.
struct Selection: Equatable {
    /// Families that have answering instances without a version; those with one are left out of the
    /// names that ask for none.
    var unversioned: Set<Census.Family> = []
    /// Bits by which all weights are cut, so that the largest fits 16 bits and proportions stay.
    var weightShift = 0
    /// Of a domain that several applications registered, the one that has it.
    var claimant: String?

    /// A service without instances.
    init() {}

    /// - Complexity: O(n) in the instances of a domain with several claims, else O(families).
    init(_ census: Census, _ service: MembershipView.Service) {
        unversioned = Set(census.unversioned.keys)
        weightShift = census.excessBits.keys.max() ?? 0
        if census.claims.count > 1 { claimant = Self.oldestClaim(service) }
    }

    /// - Complexity: O(n) in the instances.
    init(_ service: MembershipView.Service) {
        var census = Census()
        for instance in service.instances.values { census.count(instance, by: 1) }
        self.init(census, service)
    }

    /// True when an instance stands in any answer about its service.
    static func isAnswered(_ instance: Instance) -> Bool {
        switch instance.state.standing {
        case .up, .suspect: true
        case .draining, .disabled, .masked: false
        }
    }

    /// Bits of a weight over the 16 that SRV has.
    static func excessBits(_ weight: Int) -> Int {
        max(0, Int.bitWidth - max(weight, 0).leadingZeroBitCount - UInt16.bitWidth)
    }

    /// The application whose oldest znode is the oldest of all; of equal ones the first by name.
    private static func oldestClaim(_ service: MembershipView.Service) -> String? {
        var oldest: (czxid: Int64, application: String)?
        for instance in service.instances.values {
            let claim = (czxid: instance.origin.czxid, application: instance.application)
            if let best = oldest, (best.czxid, best.application) <= claim { continue }
            oldest = claim
        }
        return oldest?.application
    }

    /// True when a name without `_version` shows instances of this version.
    func showsWithoutVersion(_ id: InstanceID) -> Bool {
        id.version.isEmpty || !unversioned.contains(Census.Family(id))
    }

    /// The weight in SRV: cut to 16 bits, and 0 only for 0.
    func weight(_ instance: Instance) -> UInt16 {
        guard instance.weight > 0 else { return 0 }
        let cut = instance.weight >> weightShift
        return UInt16(min(max(cut, 1), Limits.weightMax))
    }
}
