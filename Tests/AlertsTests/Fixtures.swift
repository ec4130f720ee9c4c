import ServiceModel

@testable import Alerts

/// Instances and deltas that the tests share.
enum Fixture {
    static let service = ServiceName(.dubbo, "com.foo.Bar")

    static func instance(
        _ endpoint: String = "10.0.0.1:20880",
        weight: Int = 100,
        parameters: Parameters = [:]
    ) throws -> Instance {
        guard let endpoint = Endpoint(endpoint) else { throw AlertsError(.badPosition, endpoint) }
        return Instance(
            id: InstanceID(
                service: service,
                scheme: "dubbo",
                endpoint: endpoint,
                group: "blue",
                version: "1.0"
            ),
            weight: weight,
            application: "shop",
            state: State(.up, since: UnixTime(milliseconds: 5), why: "registered"),
            parameters: parameters,
            origin: Instance.Origin(path: "/dubbo/com.foo.Bar/providers/x", session: 0x10a)
        )
    }

    static func delta(_ number: UInt64, _ change: ViewDelta.Change) -> ViewDelta {
        ViewDelta(
            number: number,
            at: UnixTime(milliseconds: 1_769_860_800_123),
            service: service,
            change: change
        )
    }

    static func rendered(_ number: UInt64, kind: MembershipEvent.Kind = .join) -> RenderedEvent {
        let id = EventID(stream: "s", number: number)
        return RenderedEvent(id: id, kind: kind, json: "{\"number\":\(number)}")
    }

    static func time(_ seconds: Double) -> Instant {
        Instant(nanoseconds: Int64(seconds * 1e9))
    }
}
