import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct ElementBufferTests {
    private func event(_ number: Int) -> WatchElement {
        .event(WatchEvent(.nodeDataChanged, path: "/\(number)"))
    }

    private func read(
        _ buffer: ElementBuffer<WatchElement>,
        _ count: Int
    ) async throws -> [WatchElement?] {
        var elements: [WatchElement?] = []
        for _ in 0..<count { elements.append(try await buffer.next().get()) }
        return elements
    }

    @Test func `what found no room is told as one overflow behind the rest`() async throws {
        let buffer = ElementBuffer<WatchElement>(capacity: 3)
        for number in 0..<100 { buffer.push(event(number)) }
        let first = try await read(buffer, 2)
        #expect(first == [event(0), event(1)])
        // There is room again behind the marker.
        buffer.push(event(100))
        let rest = try await read(buffer, 2)
        #expect(rest == [event(2), .resync(.overflow)])
        buffer.push(event(101))
        buffer.finish()
        let end = try await read(buffer, 3)
        #expect(end == [event(100), event(101), nil])
    }

    @Test func `an expiry behind an overflow is told as such`() async throws {
        let buffer = ElementBuffer<WatchElement>(capacity: 1)
        for number in 0..<3 { buffer.push(event(number)) }
        buffer.push(.resync(.expired))
        buffer.push(event(3))
        let elements = try await read(buffer, 2)
        #expect(elements == [event(0), .resync(.expired)])
    }

    @Test func `a full buffer takes a resync in place of its overflow`() async throws {
        let buffer = ElementBuffer<WatchElement>(capacity: 1)
        buffer.push(event(0))
        buffer.push(.resync(.reconnected))
        let elements = try await read(buffer, 2)
        #expect(elements == [event(0), .resync(.reconnected)])
    }

    @Test func `readers that wait are served in their order, and told of the end`() async throws {
        let buffer = ElementBuffer<WatchElement>(capacity: 4)
        let seen = try await withThrowingTaskGroup(of: WatchElement?.self) { group in
            for _ in 0..<3 { group.addTask { try await buffer.next().get() } }
            buffer.push(event(1))
            buffer.push(event(2))
            buffer.finish()
            var seen: [WatchElement?] = []
            for try await element in group { seen.append(element) }
            return seen
        }
        #expect(Set(seen.compactMap { $0 }) == [event(1), event(2)])
        #expect(seen.count == 3)
    }

    @Test func `an end with an error is thrown behind what waits`() async throws {
        let buffer = ElementBuffer<WatchElement>(capacity: 4)
        buffer.push(event(1))
        buffer.finish(ZooKeeperError(.authFailed, "refused"))
        buffer.push(event(2))
        let first = try await read(buffer, 1)
        #expect(first == [event(1)])
        for _ in 0..<2 {
            let outcome = await buffer.next()
            #expect(outcome.code == .authFailed)
        }
    }

    @Test func `a reader that is cancelled gets the end, and costs nobody an element`() async {
        let buffer = ElementBuffer<WatchElement>(capacity: 4)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await buffer.next().value == .some(nil) }
            group.cancelAll()
            for await isEnd in group { #expect(isEnd) }
        }
        buffer.push(event(1))
        let outcome = await buffer.next()
        #expect(outcome.value == event(1))
    }
}
