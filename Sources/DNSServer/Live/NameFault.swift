public import ServiceModel

/// A registration that has no records, or not all, because of its name; for `status`.
public struct NameFault: Equatable, Sendable {
    /// The service.
    public let service: ServiceName
    /// The instance, or nil when the whole service has no name.
    public let instance: InstanceID?
    /// What is wrong, a clause for people.
    public let reason: String
}

/// The faults of the names that are registered now.
///
/// Bounded: at `Limits.nameFaultsMax` new ones are not remembered, and `isComplete` is false from then on.
struct NameFaults {
    private var ofServices: [ServiceName: String] = [:]
    private var ofInstances: [InstanceID: String] = [:]
    private(set) var isComplete = true
    /// Counts the changes of `all`.
    private(set) var revision = 0

    /// All that are remembered, services before instances, in order.
    var all: [NameFault] {
        ofServices.sorted { $0.key < $1.key }
            .map { NameFault(service: $0.key, instance: nil, reason: $0.value) }
            + ofInstances.sorted { $0.key < $1.key }
            .map { NameFault(service: $0.key.service, instance: $0.key, reason: $0.value) }
    }

    /// Notes what is wrong with a service's name now, nil for nothing.
    mutating func note(_ service: ServiceName, _ reason: String?) {
        let old = ofServices[service]
        guard reason != old, reason == nil || old != nil || hasRoom else { return }
        ofServices[service] = reason
        revision += 1
    }

    /// Notes what is wrong with an instance's names now, nil for nothing.
    mutating func note(_ instance: InstanceID, _ reason: String?) {
        let old = ofInstances[instance]
        guard reason != old, reason == nil || old != nil || hasRoom else { return }
        ofInstances[instance] = reason
        revision += 1
    }

    private var hasRoom: Bool {
        mutating get {
            let hasRoom = ofServices.count + ofInstances.count < Limits.nameFaultsMax
            if !hasRoom { isComplete = false }
            return hasRoom
        }
    }
}
