import Runtime
import ServiceModel
import Synchronization
import Telemetry

@testable import Console

/// A view with one Dubbo service of two instances and a rejection, one empty service, and one domain.
enum Fixture {
    static let service = ServiceName(.dubbo, "com.foo.Bar")
    static let start = UnixTime(milliseconds: 1_769_860_800_123)

    static func instance(_ address: String, _ service: ServiceName = service) -> Instance {
        Instance(
            id: InstanceID(
                service: service,
                scheme: "dubbo",
                endpoint: Endpoint(address) ?? Endpoint(address: .v4(0), port: 0),
                version: "1.0"
            ),
            application: "shop",
            state: State(.up, since: start, why: "registered"),
            parameters: ["side": "provider"],
            origin: Instance.Origin(path: "/dubbo/com.foo.Bar/providers/x", session: 0x10a)
        )
    }

    static func view() -> MembershipView {
        var view = MembershipView()
        var disabled = instance("10.0.0.2:20880")
        disabled.state.standing = .disabled
        let domain = ServiceName(.domain, "server.app1.company1.com")
        let rejection = Rejection(
            path: "/dubbo/com.foo.Bar/providers/%zz",
            offender: "%zz",
            reason: "not an escape",
            since: start
        )
        let changes: [(ServiceName, ViewDelta.Change)] = [
            (service, .joined(disabled)), (service, .joined(instance("10.0.0.1:20880"))),
            (service, .rejected(rejection)),
            (ServiceName(.dubbo, "com.foo.Empty"), .serviceAppeared),
            (domain, .joined(instance("10.0.0.3", domain))),
        ]
        for (index, change) in changes.enumerated() {
            view.apply(
                ViewDelta(number: UInt64(index + 1), at: start, service: change.0, change: change.1)
            )
        }
        view.freshness = .live
        view.zxid = 0x2a
        return view
    }

    static func sources(
        _ view: MembershipView = view(),
        feed: TestFeed = TestFeed(),
        metrics: MetricsRegistry = MetricsRegistry()
    ) -> ConsoleSources {
        ConsoleSources(
            view: Published(view),
            status: { ["registry": ["mode": "embedded", "sessions": 3]] },
            explain: { name, type in
                guard name != "bad name" else {
                    return .refused(message: "no DNS name", advice: "give one")
                }
                return .lines(["\(name) \(type ?? "any")", "10.0.0.1 is in"])
            },
            events: feed.feed,
            metrics: metrics
        )
    }
}

/// A feed whose events the test writes.
final class TestFeed: Sendable {
    private struct State {
        var items: [EventFeed.Item] = []
        var wakes: [Int: @Sendable () -> Void] = [:]
        var cancelled = 0
        var capacity = 1_000
    }
    private let state = Mutex(State())

    var subscriberCount: Int { state.withLock { $0.wakes.count } }
    var cancelledCount: Int { state.withLock { $0.cancelled } }
    func limit(to capacity: Int) { state.withLock { $0.capacity = capacity } }

    func append(_ count: Int) {
        let wakes = state.withLock { state in
            for _ in 0..<count {
                let number = state.items.count + 1
                let json = "{\"number\":\(number)}"
                state.items.append(EventFeed.Item(id: "s-\(number)", kind: "join", json: json))
            }
            return Array(state.wakes.values)
        }
        for wake in wakes { wake() }
    }

    var feed: EventFeed {
        EventFeed { position, wake in
            let first = self.state.withLock { state -> (key: Int, place: Int)? in
                guard state.wakes.count < state.capacity else { return nil }
                let key = state.cancelled + state.wakes.count + 1
                state.wakes[key] = wake
                switch position {
                case .now: return (key, state.items.count)
                case .oldest: return (key, 0)
                case .after(let id): return (key, Int(id.dropFirst(2)) ?? -1)
                }
            }
            guard let first else { return .full }
            guard first.place >= 0 else {
                self.cancel(first.key)
                return .badPosition("that is no event id")
            }
            let place = Mutex(first.place)
            return .admitted(
                EventFeed.Subscription(
                    next: { countMax in place.withLock { self.next(&$0, countMax) } },
                    cancel: { self.cancel(first.key) }
                )
            )
        }
    }

    private func next(_ place: inout Int, _ countMax: Int) -> EventFeed.Next {
        let items = state.withLock { Array($0.items.dropFirst(place).prefix(countMax)) }
        place += items.count
        return items.isEmpty ? .nothing : .items(items)
    }

    private func cancel(_ key: Int) {
        state.withLock { state in
            state.wakes[key] = nil
            state.cancelled += 1
        }
    }
}
