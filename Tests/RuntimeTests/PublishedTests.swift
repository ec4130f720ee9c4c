import Runtime
import Synchronization
import Testing

@Suite struct PublishedTests {
    @Test func `a reader sees a value only after a refresh, and then the newest`() {
        let published = Published("a")
        var reader = published.reader()
        published.publish("b")
        published.publish("c")
        same(reader.value, "a")
        same(reader.refresh(), true)
        same(reader.value, "c")
        same(reader.refresh(), false)
        #expect(published.snapshot() == "c")
    }

    @Test func `concurrent readers never see a value go back or torn`() {
        let published = Published([0, 0])
        let isDone = Atomic<Bool>(false)
        let faults = Atomic<Int>(0)
        let last = Mutex<[Int]>([])
        let readers = (0..<3).map { index in
            WorkerThread(name: "reader-\(index)") {
                var reader = published.reader()
                var newest = 0
                while true {
                    let isLast = isDone.load(ordering: .acquiring)
                    reader.refresh()
                    let value = reader.value
                    if value[0] != value[1] || value[0] < newest {
                        faults.wrappingAdd(1, ordering: .relaxed)
                    }
                    newest = value[0]
                    if isLast { break }
                }
                last.withLock { $0.append(newest) }
            }
        }
        for number in 1...20_000 { published.publish([number, number]) }
        isDone.store(true, ordering: .releasing)
        for reader in readers { reader.join() }
        #expect(faults.load(ordering: .relaxed) == 0)
        #expect(last.withLock { $0 } == [20_000, 20_000, 20_000])
    }

    @Test func `a value is let go when the last reader moves on`() {
        final class Big: Sendable {}
        weak var first: Big?
        let published: Published<Big>
        do {
            let big = Big()
            first = big
            published = Published(big)
        }
        var reader = published.reader()
        published.publish(Big())
        #expect(first != nil)
        reader.refresh()
        #expect(first == nil)
    }
}
