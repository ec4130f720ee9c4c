import Alerts
import ServiceModel
import Testing

@Suite struct EventIDTests {
    @Test func `an id reads back what it prints`() throws {
        let stream = EventID.stream(startedAt: UnixTime(milliseconds: 1_769_860_800_123))
        let id = EventID(stream: stream, number: .max)
        #expect(try EventID(id.description) == id)
        #expect(try EventID("a-0") == EventID(stream: "a", number: 0))
    }

    @Test(arguments: [
        "", "-", "a-", "-1", "a-b", "a-1-2", "A-1", "a-+1", "a--1", "a-18446744073709551616",
        "abcdefghijklmn-1", "ä-1", "a-1\n",
    ])
    func `any other text is refused`(text: String) {
        let error = #expect(throws: AlertsError.self) { try EventID(text) }
        #expect(error?.code == .badPosition)
    }
}
