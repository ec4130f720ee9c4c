import DNSProtocol
import Testing

@testable import DNSServer

@Suite struct RecordTextTests {
    @Test(arguments: [
        (RRType.a, [10, 0, 0, 1] as [UInt8], "10.0.0.1"),
        (.a, [10, 0, 0], "\\# 3 0a0000"),
        (.ns, [1, 0x61, 0], "a."), (.cname, [0], "."), (.ns, [1], "\\# 1 01"),
        (.mx, [1, 2, 1, 0x61, 0], "258 a."), (.mx, [1], "\\# 1 01"),
        (.srv, [0, 1, 0, 2, 0, 80, 1, 0x61, 0], "1 2 80 a."), (.srv, [1, 2], "\\# 2 0102"),
        (.txt, [2, 0x61, 0x22, 0], "\"a\\\"\" \"\""), (.txt, [1, 0xff], "\"\\255\""),
        (.txt, [2, 0x61], "\\# 2 0261"), (.caa, [], "\\# 0 "),
    ])
    func `rdata reads as in a master file, and bytes of no form in hex`(
        type: RRType,
        rdata: [UInt8],
        text: String
    ) throws {
        let record = ResourceRecord(try DNSName("w"), type, ttl: 5, rdata: rdata)
        #expect(RecordText.rdata(record) == text)
        #expect(RecordText.line(record) == "w. 5 IN \(type) \(text)")
    }
}
