import FoundationEssentials
import ServiceModel
import Telemetry

/// Renders events as JSON objects, one line each; holds the encoder, so one is made for many events.
///
/// ```
/// {"at":"2026-01-31T12:00:00.123Z","departure":"expired","id":"mbx2k4f1-42",
///  "instance":{"address":"10.0.0.1","port":20880,...},"kind":"leave","number":42,
///  "service":"com.foo.Bar","serviceKind":"dubbo","why":"its session expired"}
/// ```
struct EventRenderer {
    private let encoder: JSONEncoder

    init() {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// The event's JSON without line ends, ready for a stream or a request.
    func render(_ event: MembershipEvent, id: EventID) -> RenderedEvent {
        let body = EventBody(event, id: id)
        do {
            let json = String(decoding: try encoder.encode(body), as: UTF8.self)
            return RenderedEvent(id: id, kind: event.kind, json: json)
        } catch {
            fatalError("event \(id) has a value that JSON cannot say: \(error)")
        }
    }
}

/// An event ready to be sent.
public struct RenderedEvent: Equatable, Sendable {
    /// What tells it from all others.
    public let id: EventID
    /// What happened.
    public let kind: MembershipEvent.Kind
    /// One JSON object on one line.
    public let json: String
}

/// The fields of the JSON object; absent ones are left out.
private struct EventBody: Encodable {
    let id: String
    let number: UInt64
    let at: String
    let kind: String
    let service: String
    let serviceKind: String
    let instance: InstanceBody?
    let rejection: RejectionBody?
    let departure: String?
    let why: String

    init(_ event: MembershipEvent, id: EventID) {
        self.id = id.description
        number = event.number
        at = Timestamp(unixMilliseconds: event.at.milliseconds).text
        kind = event.kind.rawValue
        (service, serviceKind) = (event.service.name, event.service.kind.rawValue)
        instance = event.instance.map(InstanceBody.init)
        rejection = event.rejection.map(RejectionBody.init)
        departure = event.departure?.rawValue
        why = event.why
    }
}

/// The instance's part of an event, by the names that the console's API has.
private struct InstanceBody: Encodable {
    let address: String
    let port: UInt16
    let scheme: String
    let group: String
    let version: String
    let tag: String
    let application: String
    let weight: Int
    let state: String
    let path: String
    /// Hexadecimal, as ZooKeeper's own tools print it.
    let session: String

    init(_ instance: Instance) {
        let id = instance.id
        (address, port) = (id.endpoint.address.description, id.endpoint.port)
        (scheme, group, version, tag) = (id.scheme, id.group, id.version, id.tag)
        (application, weight) = (instance.application, instance.weight)
        state = instance.state.standing.rawValue
        path = instance.origin.path
        session = "0x" + String(UInt64(bitPattern: instance.origin.session), radix: 16)
    }
}

private struct RejectionBody: Encodable {
    let path: String
    let offender: String
    let reason: String

    init(_ rejection: Rejection) {
        (path, offender, reason) = (rejection.path, rejection.offender, rejection.reason)
    }
}
