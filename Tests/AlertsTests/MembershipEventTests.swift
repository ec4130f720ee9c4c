import ServiceModel
import Testing

@testable import Alerts

@Suite struct MembershipEventTests {
    @Test func `a departure says who, from where and why`() throws {
        let event = MembershipEvent(Fixture.delta(42, .left(try Fixture.instance(), .expired)))
        #expect(
            event.line
                == "leave com.foo.Bar 10.0.0.1:20880 (dubbo, group blue, version 1.0) expired: "
                + "its session expired"
        )
        let rendered = EventRenderer().render(event, id: EventID(stream: "m1", number: 42))
        #expect(
            rendered.json == """
                {"at":"2026-01-31T12:00:00.123Z","departure":"expired","id":"m1-42","instance":\
                {"address":"10.0.0.1","application":"shop","group":"blue",\
                "path":"/dubbo/com.foo.Bar/providers/x","port":20880,"scheme":"dubbo",\
                "session":"0x10a","state":"up","tag":"","version":"1.0","weight":100},\
                "kind":"leave","number":42,"service":"com.foo.Bar","serviceKind":"dubbo",\
                "why":"its session expired"}
                """
        )
    }

    @Test func `a rejection names the znode, the offender and the reason`() {
        let rejection = Rejection(
            path: "/dubbo/com.foo.Bar/providers/%zz",
            offender: "%zz",
            reason: "not an escape\n",
            since: UnixTime(milliseconds: 0)
        )
        let event = MembershipEvent(Fixture.delta(1, .rejected(rejection)))
        #expect(event.kind == .reject)
        #expect(event.line.contains("/dubbo/com.foo.Bar/providers/%zz (%zz): not an escape"))
        let json = EventRenderer().render(event, id: EventID(stream: "m1", number: 1)).json
        #expect(json.contains(#""rejection":{"offender":"%zz","path":"/dubbo/com.foo.Bar/"#))
        #expect(json.contains(#""reason":"not an escape\n""#))
        #expect(!json.contains("\n"))
    }

    @Test func `a change says what differs`() throws {
        let old = try Fixture.instance(parameters: ["a": "1", "b": "2"])
        var new = try Fixture.instance(weight: 50, parameters: ["a": "2", "c": "3"])
        new.state = State(.disabled, since: UnixTime(milliseconds: 6), why: "enabled=false")
        let event = MembershipEvent(Fixture.delta(1, .changed(from: old, to: new)))
        #expect(
            event.why == "up -> disabled (enabled=false), weight 100 -> 50, a 1 -> 2, b 2 -> none, "
                + "c none -> 3"
        )
        #expect(event.instance == new)
    }

    @Test func `many changed parameters are counted, and none is still a sentence`() throws {
        let names = (0..<9).map { "p\($0)" }
        let old = try Fixture.instance()
        var new = try Fixture.instance(
            parameters: Parameters(sorted: names.map { (name: $0, value: "x") })
        )
        #expect(InstanceDifference(from: old, to: new).clauses.last == "5 more parameters")
        new = old
        new.origin.session = 7
        #expect("\(InstanceDifference(from: old, to: new))" == "registered by another session")
        #expect("\(InstanceDifference(from: old, to: old))" == "its znode was written")
    }

    @Test(arguments: Departure.allCases)
    func `every departure has a clause`(departure: Departure) throws {
        let event = MembershipEvent(Fixture.delta(1, .left(try Fixture.instance(), departure)))
        #expect(event.departure == departure)
        #expect(!event.why.isEmpty)
    }

    @Test func `services that come and go are events without an instance`() {
        let appeared = MembershipEvent(Fixture.delta(1, .serviceAppeared))
        let vanished = MembershipEvent(Fixture.delta(2, .serviceVanished))
        #expect((appeared.kind, vanished.kind) == (.appear, .vanish))
        #expect(appeared.instance == nil)
        #expect(vanished.line == "vanish com.foo.Bar: service removed")
    }
}
