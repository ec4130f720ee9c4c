import ServiceModel
import TestSupport
import Testing

@testable import Runtime

@Suite struct TimerQueueTests {
    @Test func `random sets, cancels and pops agree with a sorted list`() {
        var random = Seed.generator()
        var queue = TimerQueue<Int>()
        var model: [(deadline: Int64, order: Int, id: TimerID)] = []
        for step in 0..<5_000 {
            switch random.next() % 4 {
            case 0, 1:
                let deadline = Int64(random.next() % 500)
                let id = queue.set(at: Instant(nanoseconds: deadline), step)
                model.append((deadline, step, id))
            case 2:
                guard !model.isEmpty else { continue }
                let victim = model.remove(at: Int(random.next() % UInt64(model.count)))
                #expect(queue.cancel(victim.id) == victim.order)
                #expect(queue.cancel(victim.id) == nil)
            default:
                let now = Int64(random.next() % 500)
                let due = model.filter { $0.deadline <= now }
                    .min { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
                #expect(queue.popDue(Instant(nanoseconds: now)) == due?.order)
                model.removeAll { $0.order == due?.order }
            }
            #expect(queue.count == model.count)
            #expect(queue.next?.nanoseconds == model.map(\.deadline).min())
        }
    }

    @Test func `an identifier of a fired timer does not cancel its successor in the slot`() {
        var queue = TimerQueue<String>()
        let first = queue.set(at: Instant(nanoseconds: 1), "first")
        #expect(queue.popDue(Instant(nanoseconds: 1)) == "first")
        let second = queue.set(at: Instant(nanoseconds: 2), "second")
        #expect(queue.cancel(first) == nil)
        #expect(queue.cancel(second) == "second")
    }
}
