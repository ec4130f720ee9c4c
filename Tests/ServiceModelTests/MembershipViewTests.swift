import ServiceModel
import Testing

@Suite struct MembershipViewTests {
    private let service = ServiceName(.dubbo, "com.foo.Bar")
    private let at = UnixTime(milliseconds: 1_000)

    private func instance(_ last: UInt32, weight: Int = 100) -> Instance {
        Instance(
            id: InstanceID(
                service: service,
                scheme: "dubbo",
                endpoint: Endpoint(address: .v4(0x0a00_0000 | last), port: 20_880)
            ),
            weight: weight,
            state: State(.up, since: at, why: "registered"),
            origin: .init(path: "/dubbo/com.foo.Bar/providers/\(last)")
        )
    }

    private func delta(_ number: UInt64, _ change: ViewDelta.Change) -> ViewDelta {
        ViewDelta(number: number, at: at, service: service, change: change)
    }

    @Test func `deltas add, change and remove instances and count them`() throws {
        var view = MembershipView()
        view.apply(delta(1, .serviceAppeared))
        #expect(view.services[service]?.instances.isEmpty == true)
        view.apply(delta(2, .joined(instance(1))))
        view.apply(delta(3, .joined(instance(2))))
        view.apply(delta(4, .changed(from: instance(1), to: instance(1, weight: 5))))
        #expect(view.instanceCount == 2)
        #expect(view.services[service]?.instances[instance(1).id]?.weight == 5)
        view.apply(delta(5, .left(instance(2), .expired)))
        #expect(view.instanceCount == 1)
        view.apply(delta(6, .serviceVanished))
        #expect(view.instanceCount == 0)
        #expect(view.services[service] == nil)
        #expect(view.deltaNumber == 6)
    }

    @Test func `a change of identity leaves only the new one`() {
        var view = MembershipView()
        view.apply(delta(1, .joined(instance(1))))
        view.apply(delta(2, .changed(from: instance(1), to: instance(2))))
        #expect(view.services[service]?.instances.keys == [instance(2).id])
    }

    @Test func `a rejection stands beside the instances`() {
        let bad = Rejection(path: "/dubbo/x/providers/%", offender: "%", reason: "bad", since: at)
        var view = MembershipView()
        view.apply(delta(1, .joined(instance(1))))
        view.apply(delta(2, .rejected(bad)))
        #expect(view.services[service]?.rejections[bad.path] == bad)
        #expect(view.instanceCount == 1)
        view.apply(delta(3, .rejectionEnded(bad)))
        #expect(view.services[service]?.rejections.isEmpty == true)
    }
}
