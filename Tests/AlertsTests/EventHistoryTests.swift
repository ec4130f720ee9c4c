import Testing

@testable import Alerts

@Suite struct EventHistoryTests {
    private func numbers(_ reading: EventHistory.Reading) -> [UInt64]? {
        guard case .events(let events) = reading else { return nil }
        return events.map(\.id.number)
    }

    @Test func `a reader goes on behind what it has seen, in portions`() {
        var history = EventHistory(capacity: 8)
        #expect(history.read(after: 0, countMax: 3) == .nothing)
        for number in 1...5 { history.append(Fixture.rendered(UInt64(number))) }
        #expect(numbers(history.read(after: 0, countMax: 3)) == [1, 2, 3])
        #expect(numbers(history.read(after: 3, countMax: 3)) == [4, 5])
        #expect(history.read(after: 5, countMax: 3) == .nothing)
    }

    @Test func `what fell off the end is a gap`() {
        var history = EventHistory(capacity: 4)
        for number in 1...10 { history.append(Fixture.rendered(UInt64(number))) }
        #expect(history.count == 4)
        #expect(numbers(history.read(after: 6, countMax: 99)) == [7, 8, 9, 10])
        #expect(history.read(after: 5, countMax: 99) == .gap(last: 10))
    }

    @Test func `what the first view was made of is not held, and who has it misses nothing`() {
        var history = EventHistory(capacity: 4)
        history.skip(to: 100_000)
        #expect(history.read(after: 99_999, countMax: 9) == .gap(last: 100_000))
        #expect(history.read(after: 100_000, countMax: 9) == .nothing)
        history.append(Fixture.rendered(100_001))
        #expect(numbers(history.read(after: 100_000, countMax: 9)) == [100_001])
    }

    @Test func `a number that does not follow starts the history anew`() {
        var history = EventHistory(capacity: 4)
        for number in 1...3 { history.append(Fixture.rendered(UInt64(number))) }
        history.append(Fixture.rendered(9))
        #expect(history.count == 1)
        #expect(history.read(after: 3, countMax: 9) == .gap(last: 9))
        #expect(numbers(history.read(after: 8, countMax: 9)) == [9])
        history.append(Fixture.rendered(9))
        history.append(Fixture.rendered(2))
        history.skip(to: 5)
        #expect(numbers(history.read(after: 8, countMax: 9)) == [9])
    }

    @Test func `a reader of a newer view waits for the events to catch up`() {
        var history = EventHistory(capacity: 4)
        history.append(Fixture.rendered(1))
        #expect(history.read(after: 3, countMax: 9) == .nothing)
        for number in 2...4 { history.append(Fixture.rendered(UInt64(number))) }
        #expect(numbers(history.read(after: 3, countMax: 9)) == [4])
    }
}
