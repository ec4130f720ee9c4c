import ServiceModel
import Testing

@testable import musterd

@Suite struct ViewWritePlanTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    private func plan() -> ViewWritePlan {
        ViewWritePlan(pause: .seconds(5), refresh: .seconds(300))
    }

    private func view(_ delta: UInt64, _ freshness: MembershipView.Freshness) -> MembershipView {
        var view = MembershipView()
        (view.deltaNumber, view.freshness) = (delta, freshness)
        return view
    }

    @Test func `nothing is written before the view was live`() {
        var plan = plan()
        let stale = MembershipView.Freshness.stale(since: UnixTime(milliseconds: 1))
        for freshness in [MembershipView.Freshness.notReady, stale] {
            #expect(plan.step(view(1, freshness), now: start) == .rest)
            #expect(!plan.isWorthKeeping)
        }
        #expect(plan.step(view(1, .live), now: start) == .write)
        #expect(plan.isWorthKeeping)
    }

    @Test func `changes wait for the pause, and for the write that is under way`() {
        var plan = plan()
        #expect(plan.step(view(1, .live), now: start) == .write)
        #expect(plan.step(view(2, .live), now: start) == .rest)
        plan.finished(isWritten: true, now: start)
        #expect(plan.step(view(2, .live), now: start) == .wait(until: start + .seconds(5)))
        #expect(plan.step(view(3, .live), now: start + .seconds(5)) == .write)
    }

    @Test func `a live view is written again for its age, a stale one once`() {
        var plan = plan()
        _ = plan.step(view(1, .live), now: start)
        plan.finished(isWritten: true, now: start)
        #expect(plan.step(view(1, .live), now: start) == .wait(until: start + .seconds(300)))
        let later = start + .seconds(300)
        #expect(plan.step(view(1, .live), now: later) == .write)
        plan.finished(isWritten: true, now: later)
        let stale = view(1, .stale(since: UnixTime(milliseconds: 1)))
        #expect(plan.step(stale, now: later) == .wait(until: later + .seconds(5)))
        #expect(plan.step(stale, now: later + .seconds(5)) == .write)
        plan.finished(isWritten: true, now: later + .seconds(5))
        #expect(plan.step(stale, now: later + .seconds(900)) == .rest)
    }

    @Test func `a write that failed is tried again after the pause`() {
        var plan = plan()
        _ = plan.step(view(1, .live), now: start)
        plan.finished(isWritten: false, now: start)
        #expect(plan.step(view(1, .live), now: start) == .wait(until: start + .seconds(5)))
        #expect(plan.step(view(1, .live), now: start + .seconds(5)) == .write)
    }

    @Test func `a write that takes long is followed by a pause twenty times as long`() {
        var plan = plan()
        _ = plan.step(view(1, .live), now: start)
        let end = start + .seconds(1)
        plan.finished(isWritten: true, now: end)
        #expect(plan.step(view(2, .live), now: end) == .wait(until: end + .seconds(20)))
    }
}
