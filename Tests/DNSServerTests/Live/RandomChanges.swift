import ServiceModel
import TestSupport
import Testing

/// Random changes of a small set of services, so that names meet often.
enum RandomChanges {
    static let services = [
        ServiceName(.dubbo, "com.foo.Bar"), ServiceName(.dubbo, "com.foo.bar"),
        ServiceName(.dubbo, "com.foo.Bar.Inner"), ServiceName(.dubbo, "solo"),
        Sample.domain("a.company1.com"), Sample.domain("b.company1.com"),
        Sample.domain("x.other.net"), Sample.domain("y.x.other.net"),
    ]

    /// A batch of 1 to 5 changes that follow from each other.
    static func batch(
        _ view: MembershipView,
        _ random: inout SeededGenerator
    ) throws -> [(ServiceName, ViewDelta.Change)] {
        var view = view
        var changes: [(ServiceName, ViewDelta.Change)] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let service = try #require(services.randomElement(using: &random))
            let change = try Self.change(service, view, &random)
            let number = view.deltaNumber + 1
            view.apply(.init(number: number, at: Sample.time, service: service, change: change))
            changes.append((service, change))
        }
        return changes
    }

    private static func change(
        _ service: ServiceName,
        _ view: MembershipView,
        _ random: inout SeededGenerator
    ) throws -> ViewDelta.Change {
        let present = (view.services[service]?.instances.values ?? []).sorted { $0.id < $1.id }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .serviceAppeared
        case 1 where Int.random(in: 0..<3, using: &random) == 0: return .serviceVanished
        case 1, 2, 3, 4:
            guard let old = present.randomElement(using: &random) else { break }
            return .left(old, .unknown)
        case 5, 6:
            guard let old = present.randomElement(using: &random) else { break }
            var new = try instance(service, &random)
            if Bool.random(using: &random) || view.services[service]?.instances[new.id] != nil {
                new.id = old.id
            }
            return .changed(from: old, to: new)
        default: break
        }
        let new = try instance(service, &random)
        guard let old = view.services[service]?.instances[new.id] else { return .joined(new) }
        return .changed(from: old, to: new)
    }

    private static func instance(
        _ service: ServiceName,
        _ random: inout SeededGenerator
    ) throws -> Instance {
        func pick<T>(_ choices: [T]) throws -> T {
            try #require(choices.randomElement(using: &random))
        }
        let isDomain = service.kind == .domain
        let endpoints = ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.2:2", "10.0.0.3:1"]
        return try Sample.instance(
            try pick(isDomain ? endpoints + ["10.0.0.4"] : endpoints),
            service,
            scheme: try pick(["dubbo", "tri", "Rest"]),
            group: isDomain ? "" : try pick(["", "", "g.1", "G2"]),
            version: isDomain ? "" : try pick(["", "1.0", "2.0.0-Beta"]),
            tag: isDomain ? "" : try pick(["", "", "gray"]),
            weight: try pick([100, 100, 0, 1, 88_888, 1_000_000]),
            standing: try pick([.up, .up, .up, .suspect, .draining, .disabled, .masked]),
            ipv6: try pick([nil, nil, "2001:db8::5"]),
            application: isDomain ? try pick(["one", "two"]) : "",
            czxid: Int64(try pick([3, 4, 5]))
        )
    }
}
