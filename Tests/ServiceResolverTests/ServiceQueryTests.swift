import ServiceModel
import ServiceResolver
import Testing

@Suite struct ServiceQueryTests {
    private let service = ServiceName(.dubbo, "com.foo.Bar")

    private func instance(
        _ last: UInt32,
        scheme: String = "dubbo",
        group: String = "",
        version: String = "",
        tag: String = "",
        standing: State.Standing = .up
    ) -> Instance {
        Instance(
            id: InstanceID(
                service: service,
                scheme: scheme,
                endpoint: Endpoint(address: .v4(0x0a00_0000 | last), port: 1),
                group: group,
                version: version,
                tag: tag
            ),
            state: State(standing, since: UnixTime(milliseconds: 0), why: ""),
            origin: .init(path: "/\(last)")
        )
    }

    private func select(_ query: ServiceQuery, _ instances: [Instance]) -> [String] {
        query.select(instances).map(\.id.endpoint.address.description)
    }

    @Test func `A4.1 without a wish the plain instances are chosen, in one order`() {
        let all = [
            instance(3), instance(1), instance(2, group: "g"), instance(4, tag: "gray"),
            instance(5, standing: .disabled), instance(6, version: "1.0.0"),
        ]
        #expect(select(ServiceQuery(name: "com.foo.Bar"), all) == ["10.0.0.1", "10.0.0.3"])
    }

    @Test func `A4.1 all versions are chosen when there is no unversioned instance`() {
        let all = [instance(1, version: "1.0.0"), instance(2, version: "2.0.0")]
        #expect(select(ServiceQuery(name: "com.foo.Bar"), all) == ["10.0.0.1", "10.0.0.2"])
        let second = ServiceQuery(name: "com.foo.Bar", version: "2.0.0")
        #expect(select(second, all) == ["10.0.0.2"])
    }

    @Test func `A4.1 group and protocol narrow the choice`() {
        let all = [instance(1), instance(2, group: "g"), instance(3, scheme: "tri", group: "g")]
        let group = ServiceQuery(name: "com.foo.Bar", group: "g")
        #expect(select(group, all) == ["10.0.0.2", "10.0.0.3"])
        let both = ServiceQuery(name: "com.foo.Bar", group: "g", scheme: "tri")
        #expect(select(both, all) == ["10.0.0.3"])
    }

    @Test func `a name means the interface, else the domain in any case`() {
        var view = MembershipView()
        let at = UnixTime(milliseconds: 0)
        let domain = ServiceName(.domain, "server.company1.com")
        for (number, name) in [(1, service), (2, domain)] {
            view.apply(
                ViewDelta(number: UInt64(number), at: at, service: name, change: .serviceAppeared)
            )
        }
        #expect(ServiceQuery(name: "com.foo.Bar").service(in: view) == service)
        #expect(ServiceQuery(name: "Server.Company1.com.").service(in: view) == domain)
        #expect(ServiceQuery(name: "com.foo.bar").service(in: view) == nil)
    }
}
