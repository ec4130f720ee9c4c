import Testing

@testable import Console

@Suite struct StreamStateTests {
    private func item(_ number: Int) -> EventFeed.Item {
        EventFeed.Item(id: "s-\(number)", kind: "join", json: "{\"number\":\(number)}")
    }

    private func text(_ portion: StreamState.Portion) -> String? {
        guard case .bytes(let bytes) = portion else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A stream whose greeting has been sent.
    private func begun() -> StreamState {
        var state = StreamState()
        _ = state.take(bytesMax: 1_000) { .nothing }
        return state
    }

    @Test func `a stream greets before it asks for anything`() {
        var state = StreamState()
        let greeting = state.take(bytesMax: 1_000) { .closed(reason: "not asked") }
        #expect(text(greeting) == "retry: 2000\n: muster\n\n")
    }

    @Test func `events are cut to the room that there is and not asked for twice`() {
        var state = begun()
        var asked = 0
        var whole = ""
        while true {
            let portion = state.take(bytesMax: 7) {
                asked += 1
                return asked == 1 ? .items([item(1), item(2)]) : .nothing
            }
            guard let part = text(portion) else {
                #expect(portion == .park)
                break
            }
            #expect(part.utf8.count <= 7)
            whole += part
        }
        #expect(asked == 2)
        #expect(
            whole == """
                id: s-1
                event: join
                data: {"number":1}

                id: s-2
                event: join
                data: {"number":2}


                """
        )
    }

    @Test func `only a parked stream is resumed, and once`() {
        var state = begun()
        #expect(state.wake() == false)
        #expect(state.beat() == false)
        #expect(state.take(bytesMax: 9) { .nothing } == .park)
        #expect(state.isParked)
        #expect(state.wake() == true)
        #expect(state.wake() == false)
    }

    @Test func `a silent client gets a comment line`() {
        var state = begun()
        #expect(state.take(bytesMax: 9) { .nothing } == .park)
        #expect(state.beat() == true)
        let comment = state.take(bytesMax: 100) { .closed(reason: "not asked") }
        #expect(text(comment) == ": still here\n\n")
        #expect(state.take(bytesMax: 9) { .nothing } == .park)
    }

    @Test func `a gap is an event of its own with the place to go on`() {
        var state = begun()
        let portion = state.take(bytesMax: 1_000) { .gap(id: "s-9", reason: "too\nslow \"now\"") }
        #expect(text(portion) == "id: s-9\nevent: reset\ndata: {\"reason\":\"tooslow now\"}\n\n")
    }

    @Test func `a closed stream ends behind what waits`() {
        var state = begun()
        _ = state.take(bytesMax: 5) { .items([item(1)]) }
        #expect(state.close() == false)
        #expect(text(state.take(bytesMax: 1_000) { .nothing })?.hasSuffix("\n\n") == true)
        #expect(state.take(bytesMax: 1_000) { .items([item(2)]) } == .end)
        var parked = begun()
        _ = parked.take(bytesMax: 5) { .nothing }
        #expect(parked.close() == true)
        #expect(parked.take(bytesMax: 5) { .nothing } == .end)
    }

    @Test func `a feed that closes says why and ends the stream`() {
        var state = begun()
        let last = state.take(bytesMax: 1_000) { .closed(reason: "the daemon stops") }
        #expect(text(last) == ": the daemon stops\n\n")
        #expect(state.take(bytesMax: 1_000) { .nothing } == .end)
    }
}
