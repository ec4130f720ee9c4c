import ServiceModel
import Telemetry

/// One instance in JSON; where it has the same fields as an event's, they have the same names.
struct InstanceBody: Encodable {
    let service: String
    let serviceKind: String
    let address: String
    let port: UInt16
    /// A second address on the same port; left out when there is none.
    let alternateAddress: String?
    let scheme: String
    let group: String
    let version: String
    let tag: String
    let application: String
    let weight: Int
    let state: String
    let since: String
    let why: String
    let startedAt: String?
    let path: String
    /// Hexadecimal, as ZooKeeper's own tools print it.
    let session: String
    let parameters: [String: String]

    init(_ instance: Instance) {
        let id = instance.id
        (service, serviceKind) = (id.service.name, id.service.kind.rawValue)
        (address, port) = (id.endpoint.address.description, id.endpoint.port)
        alternateAddress = instance.alternateAddress?.description
        (scheme, group, version, tag) = (id.scheme, id.group, id.version, id.tag)
        (application, weight) = (instance.application, instance.weight)
        (state, why) = (instance.state.standing.rawValue, instance.state.why)
        since = instance.state.since.text
        startedAt = instance.startedAt?.text
        path = instance.origin.path
        session = instance.origin.session.hexadecimal
        parameters = instance.parameters.dictionary
    }
}

/// One registration that is not understood.
struct RejectionBody: Encodable {
    let service: String
    let serviceKind: String
    let path: String
    let offender: String
    let reason: String
    let since: String

    init(_ rejection: Rejection, of service: ServiceName) {
        (self.service, serviceKind) = (service.name, service.kind.rawValue)
        (path, offender) = (rejection.path, rejection.offender)
        (reason, since) = (rejection.reason, rejection.since.text)
    }
}

extension UnixTime {
    /// RFC 3339 text in UTC with milliseconds.
    var text: String { Timestamp(unixMilliseconds: milliseconds).text }
}

extension Int64 {
    /// Unsigned hexadecimal with `0x`, as ZooKeeper prints sessions and zxids.
    var hexadecimal: String { "0x" + String(UInt64(bitPattern: self), radix: 16) }
}
