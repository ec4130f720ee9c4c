import ServiceModel
import Testing

@testable import Alerts

@Suite struct AlertShareTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)
    private let window = Duration.seconds(25)

    private func share(_ own: String) -> AlertShare { AlertShare(own: own, window: window) }

    private func service(_ number: Int) -> ServiceName { ServiceName(.dubbo, "a.S\(number)") }

    private func notice(_ number: Int, isEarlier: Bool = false) -> AlertShare.Notice {
        let id = EventID(stream: "s", number: UInt64(number))
        let event = RenderedEvent(id: id, kind: .join, json: "\(number)")
        return .init(event: event, service: service(number), isEarlier: isEarlier)
    }

    private let all = Array(1...200)

    /// Numbers of the services that are a member's.
    private func numbers(_ own: String, _ members: [String]) -> [Int] {
        all.filter { number in
            Rendezvous.winner(of: "dubbo/a.S\(number)", among: members) == own
        }
    }

    private func told(_ events: [RenderedEvent]) -> [Int] { events.compactMap { Int($0.json) } }

    @Test func `each event is told by exactly one of the members`() {
        let members = ["a", "b", "c"]
        var tellings: [Int] = []
        for own in members {
            var share = share(own)
            _ = share.learn(.members(members), now: start)
            tellings += told(share.tell(all.map { notice($0) }, now: start))
        }
        #expect(tellings.sorted() == all)
    }

    @Test func `when a daemon is gone, another tells what it may not have told`() {
        var tellings: [Int] = []
        for own in ["a", "b"] {
            var share = share(own)
            _ = share.learn(.members(["a", "b", "c"]), now: start)
            _ = share.tell(all.map { notice($0) }, now: start)
            let later = start + window
            tellings += told(share.learn(.members(["a", "b"]), now: later))
            #expect(told(share.learn(.members(["a", "b"]), now: later)).isEmpty)
        }
        #expect(tellings.sorted() == numbers("c", ["a", "b", "c"]))
    }

    @Test func `what was told long ago is not told again`() {
        var share = share("a")
        _ = share.learn(.members(["a", "b"]), now: start)
        _ = share.tell(all.map { notice($0) }, now: start)
        #expect(share.keptCount == numbers("b", ["a", "b"]).count)
        let later = start + window + .nanoseconds(1)
        #expect(share.learn(.members(["a"]), now: later).isEmpty)
        #expect(share.keptCount == 0)
    }

    @Test func `the window is what was heard of last`() {
        var share = share("a")
        _ = share.learn(.members(["a", "b"]), now: start)
        _ = share.tell(all.map { notice($0) }, now: start)
        _ = share.learn(.window(.seconds(90)), now: start)
        let events = told(share.learn(.members(["a"]), now: start + .seconds(90)))
        #expect(events == numbers("b", ["a", "b"]))
    }

    @Test func `what nobody was there for is told by the first who comes, however late`() {
        var share = share("a")
        _ = share.learn(.members([]), now: start)
        #expect(share.tell(all.map { notice($0) }, now: start).isEmpty)
        let later = start + .seconds(86_400)
        #expect(share.tell([], now: later).isEmpty)
        #expect(told(share.learn(.members(["a"]), now: later)) == all)
    }

    @Test func `when two die one after the other, the second one's heir tells both`() {
        var share = share("a")
        _ = share.learn(.members(["a", "b", "c"]), now: start)
        _ = share.tell(all.map { notice($0) }, now: start)
        let first = start + .seconds(20)
        let own = Set(numbers("a", ["a", "b", "c"]))
        let heired = told(share.learn(.members(["a", "b"]), now: first))
        let last = told(share.learn(.members(["a"]), now: first + .seconds(20)))
        // Those of b itself are told for 40 s; those that it took over from c may be new to it.
        let fromC = numbers("c", ["a", "b", "c"])
        #expect(Set(heired + last) == Set(fromC))
        #expect(own.isDisjoint(with: heired + last))
    }

    @Test func `a daemon that joins tells what was noticed while it did`() {
        var share = share("b")
        _ = share.learn(.members(["a"]), now: start)
        _ = share.tell([notice(1), notice(2)], now: start)
        let claim = start + .seconds(60)
        _ = share.tell(all.map { notice($0, isEarlier: true) }, now: claim)
        _ = share.learn(.claimed, now: claim)
        _ = share.tell(all.map { notice(1_000 + $0) }, now: claim)
        let events = told(share.learn(.members(["a", "b"]), now: claim + .milliseconds(5)))
        let expected = all.map { 1_000 + $0 }.filter { number in
            Rendezvous.winner(of: "dubbo/a.S\(number)", among: ["a", "b"]) == "b"
        }
        #expect(events == expected)
    }

    @Test func `a restart within its own session tells what happened meanwhile`() {
        var share = share("a")
        #expect(share.tell(all.map { notice($0, isEarlier: true) }, now: start).isEmpty)
        // Its znode of before still stands, so nobody has taken its services over.
        let events = share.learn(.members(["a", "b"]), now: start)
        #expect(told(events) == numbers("a", ["a", "b"]))
    }

    @Test func `a restart beside others leaves to them what happened meanwhile`() {
        var share = share("a")
        #expect(share.tell(all.map { notice($0, isEarlier: true) }, now: start).isEmpty)
        #expect(share.learn(.members(["b"]), now: start).isEmpty)
        _ = share.learn(.claimed, now: start)
        #expect(share.learn(.members(["a", "b"]), now: start).isEmpty)
        let events = told(share.tell([notice(1), notice(2)], now: start))
        #expect(events == numbers("a", ["a", "b"]).filter { $0 < 3 })
    }

    @Test func `a daemon that cannot be a member tells everything`() {
        var share = share("a")
        _ = share.tell([notice(1)], now: start)
        #expect(told(share.learn(.hidden, now: start)) == [1])
        _ = share.learn(.members(["b"]), now: start)
        #expect(told(share.tell([notice(2)], now: start)) == [2])
        _ = share.learn(.shown, now: start)
        #expect(share.tell([notice(3)], now: start).isEmpty)
    }

    @Test func `what is kept is bounded, the oldest goes first`() {
        var share = share("a")
        for number in 1...(Limits.sharedEventsMax + 10) {
            _ = share.tell([notice(number)], now: start)
        }
        #expect(share.keptCount == Limits.sharedEventsMax)
        #expect(told(share.learn(.members(["a"]), now: start)).first == 11)
    }
}
