import ServiceModel
import Testing

@testable import ZooKeeperServer

@Suite struct WaitingLineTests {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private func after(_ microseconds: Int) -> Instant { start + .microseconds(microseconds) }

    @Test func `who came first has his turn first`() {
        var line = WaitingLine()
        var (popped, pushed): ([UInt64], UInt64) = ([], 0)
        for round in 0..<100 {
            for _ in 0...round % 7 {
                pushed += 1
                line.append(pushed)
            }
            for _ in 0..<3 { line.popFirst().map { popped.append($0) } }
        }
        while let token = line.popFirst() { popped.append(token) }
        #expect(popped == Array(1...pushed))
        #expect(line.isEmpty)
        line.append(7)
        line.removeAll()
        #expect(line.popFirst() == nil)
    }

    @Test func `behind a slice others come first for some time, and nobody is waited for`() {
        var line = WaitingLine()
        #expect(line.isDue(start))
        line.worked(from: start, to: after(50))
        #expect(line.isDue(after(60)), "there is nobody else in this turn")
        line.othersWereHeard(after(70))
        #expect(!line.isDue(after(70)))
        let end = 50 + 50 * Limits.othersFirstFactor
        line.othersWereHeard(after(end))
        #expect(line.isDue(after(end)))
        #expect(line.restsUntil < start)
    }

    @Test func `what took long is followed by a rest as long`() {
        var line = WaitingLine()
        line.worked(from: start, to: after(10_000))
        #expect(!line.isDue(after(19_999)))
        #expect(line.isDue(after(20_000)))
    }

    @Test func `others count as there for a while`() {
        var line = WaitingLine()
        #expect(!line.hasOthers(start))
        line.othersWereHeard(start)
        #expect(line.hearsOthers(start) && line.hasOthers(start))
        #expect(!line.hearsOthers(after(1)) && line.hasOthers(after(1)))
        #expect(!line.hasOthers(start + Limits.othersHeardTime))
    }
}
