import Testing

@testable import muster

/// What people are told while a transfer goes on.
@Suite struct ProgressLineTests {
    @Test func `a known total gives a bar, a part and the time left`() {
        let line = ProgressLine("creating on x", total: 1_000)
        let text = line.text(250, after: .seconds(5))
        #expect(text == "creating on x: [#####...............] 25 %, 250 of 1000, 50/s, 15 s left")
    }

    @Test func `an unknown or wrong total gives the count alone`() {
        let unknown = ProgressLine("reading x", total: nil).text(1, after: .zero)
        #expect(unknown == "reading x: 1 znode, 1000/s")
        let wrong = ProgressLine("reading x", total: 5).text(6, after: .seconds(2))
        #expect(wrong == "reading x: 6 znodes, 3/s")
    }
}
