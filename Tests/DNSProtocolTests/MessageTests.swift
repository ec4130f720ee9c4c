import Testing

@testable import DNSProtocol

@Suite struct MessageTests {
    /// What `dig` 9.18.49 sends for `FiVe.dubbo.muster.internal. A` with a cookie.
    private let digQuery = Self.hex(
        """
        d83f0120000100000000000104466956650564756262 6f066d757374657208696e7465726e616c0000010001
        00002904d000000000000c000a00080102030405060708
        """
    )
    /// An answer by hand: compressed owner, CNAME target and SOA names.
    private let compressed = Self.hex(
        """
        0001 8580 0001 0002 0001 0001  0377777706 6d7573746572 00 0001 0001
        c00c 0005 0001 0000003c 0004 0161c010
        c028 0001 0001 00000005 0004 0a000001
        c010 0006 0001 00000e10 001f 036e7331c010 0268 6dc010 00000001 00000002 00000003 00000004 00000005
        00 0029 04d0 01 00 8000 000a 000f 0006 0003 61626364
        """
    )

    @Test func `a query of dig reads as it was meant`() throws {
        let message = try Message(digQuery)
        #expect(message.id == 0xd83f && !message.isResponse && message.recursionDesired)
        #expect(message.authenticData && message.rcode == .noError)
        let name = try DNSName("five.dubbo.muster.internal.")
        #expect(message.questions == [Question(name, .a)])
        #expect(message.questions[0].name.description == "FiVe.dubbo.muster.internal.")
        let cookie = EDNS.Option(code: 10, value: [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(message.edns == EDNS(size: 1_232, options: [cookie]))
        #expect(try message.encoded() == digQuery)
    }

    @Test func `compressed names are followed, also inside rdata`() throws {
        let message = try Message(compressed)
        #expect(message.isResponse && message.isAuthoritative && message.rcode == .badVers)
        #expect(message.recursionAvailable && message.recursionDesired)
        #expect(message.answers.map(\.name.description) == ["www.muster.", "a.muster."])
        #expect(message.answers[0].rdata == (try DNSName("a.muster.").wire))
        let soa = try SOA(rdata: message.authorities[0].rdata)
        #expect(soa.primary == (try DNSName("ns1.muster.")) && soa.minimum == 5)
        #expect(soa.rdata == message.authorities[0].rdata)
        #expect(message.edns?.wantsDNSSEC == true)
        #expect(message.edns?.extendedErrors == [.staleAnswer])
        #expect(try Message(message.encoded()) == message)
    }

    @Test func `every prefix is refused and no single-byte change traps`() throws {
        for packet in [digQuery, compressed] {
            for count in 0..<packet.count {
                #expect(throws: DNSError.self) { try Message(Array(packet.prefix(count))) }
            }
            for position in packet.indices {
                for value in 0...255 as ClosedRange<UInt8> {
                    var changed = packet
                    changed[position] = value
                    guard let message = try? Message(changed) else { continue }
                    #expect(try Message(message.encoded()) == message)
                }
            }
        }
    }

    @Test(arguments: ["c00c", "c00d", "c0ff", "01 61 c00c"])
    func `pointers that do not go back are refused`(name: String) {
        let packet = Self.hex("0001 0100 0001 0000 0000 0000 \(name) 0001 0001")
        let error = #expect(throws: DNSError.self) { try Message(packet) }
        #expect(error?.code == .badPointer)
    }

    @Test func `records read back from their bytes`() throws {
        let target = try DNSName("host.")
        let srv = try SRV(rdata: Rdata.srv(priority: 1, weight: 2, port: 3, target: target))
        #expect((srv.priority, srv.weight, srv.port) == (1, 2, 3) && srv.target == target)
        #expect(throws: DNSError.self) { try SRV(rdata: [0, 1, 0, 2, 0, 3]) }
        #expect(Rdata.a(0x0a00_0001) == [10, 0, 0, 1])
        #expect(Rdata.aaaa(high: 1, low: 2) == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2])
        #expect(Rdata.txt(["id=1", ""]) == [4] + Array("id=1".utf8) + [0])
        #expect(Rdata.txt([String(repeating: "x", count: 300)]).count == 256)
        #expect(Rdata.strings(txt: [1, 97, 0]) == [[97], []])
        #expect(Rdata.strings(txt: [2, 97]) == nil)
    }

    @Test(arguments: [("a", RRType.a), ("SRV", .srv), ("type65280", .init(rawValue: 65_280))])
    func `types have names`(text: String, type: RRType) {
        #expect(RRType(text) == type)
        #expect(RRType(type.description) == type)
        #expect(RRType("TYPE65536") == nil && RRType("nonsense") == nil)
    }

    private static func hex(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
