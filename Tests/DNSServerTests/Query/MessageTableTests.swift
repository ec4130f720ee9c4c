import DNSProtocol
import Testing

@testable import DNSServer

/// Each row is a packet and the header, question and OPT that must come back (RFC 8906's list too).
@Suite struct MessageTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let packet: [UInt8]
        let expected: Expected
        var testDescription: String { what }

        init(_ what: String, _ packet: String, _ expected: Expected) {
            (self.what, self.packet, self.expected) = (what, hex(packet), expected)
        }
    }

    enum Expected: Sendable {
        case silence
        /// Twelve bytes.
        case header(RCODE)
        /// Header and OPT without a question.
        case headerAndOPT(RCODE)
        /// With the question; `opt` when the packet had one that could be read.
        case question(RCODE, opt: Bool, isAuthoritative: Bool = false)
    }

    /// The name five.dubbo.muster.internal, type A, class IN.
    static let five = "0466697665 05647562626f 066d7573746572 08696e7465726e616c 00"
    static let start = "1234 0100 0001 0000 0000 0000"
    static let startWithOPT = "1234 0100 0001 0000 0000 0001"
    static let opt = "00 0029 04d0 00 00 0000 0000"
    static let label63 = "3f" + String(repeating: "61", count: 63)
    static let zone = "066d7573746572 08696e7465726e616c 00"

    static let malformed: [Row] = [
        Row("an answer", "1234 8100 0001 0000 0000 0000 \(five) 0001 0001", .silence),
        Row("an answer of another operation", "1234 a900 0001 0000 0000 0000", .silence),
        Row("nothing", "", .silence),
        Row("eleven bytes", "1234 0100 0001 0000 0000 00", .silence),
        Row("a header that promises a question", start, .header(.formErr)),
        Row("a question cut in its name", "\(start) 0466697665 0564", .header(.formErr)),
        Row("a question without its class", "\(start) \(five) 0001", .header(.formErr)),
        Row("no question", "1234 0100 0000 0000 0000 0000", .header(.formErr)),
        Row(
            "no question but OPT",
            "1234 0100 0000 0000 0000 0001 \(opt)",
            .headerAndOPT(.formErr)
        ),
        Row(
            "two questions",
            "1234 0100 0002 0000 0000 0000 \(five) 0001 0001 \(five) 0001 0001",
            .header(.formErr)
        ),
        Row("a name that points to itself", "\(start) c00c 0001 0001", .header(.formErr)),
        Row("a name that points to the header", "\(start) c000 0001 0001", .header(.formErr)),
        Row("a name that points ahead", "\(start) c012 0001 0001 00", .header(.formErr)),
        Row("a label of type 0x40", "\(start) 4061 0001 0001", .header(.formErr)),
        Row("a label of type 0x80", "\(start) 8061 0001 0001", .header(.formErr)),
        Row(
            "a name of 256 bytes",
            "\(start) \(label63)\(label63)\(label63) 2e\(String(repeating: "61", count: 46)) \(zone) 0001 0001",
            .header(.formErr)
        ),
        Row(
            "an answer record",
            "1234 0100 0001 0001 0000 0000 \(five) 0001 0001 c00c 0001 0001 00000005 0004 0a000001",
            .question(.formErr, opt: false)
        ),
        Row(
            "OPT in the authority section",
            "1234 0100 0001 0000 0001 0000 \(five) 0001 0001 \(opt)",
            .question(.formErr, opt: false)
        ),
        Row(
            "a promised record that is not there",
            "\(startWithOPT) \(five) 0001 0001",
            .question(.formErr, opt: false)
        ),
        Row(
            "two OPT",
            "1234 0100 0001 0000 0000 0002 \(five) 0001 0001 \(opt) \(opt)",
            .question(.formErr, opt: true)
        ),
        Row(
            "OPT with an owner",
            "\(startWithOPT) \(five) 0001 0001 0161 \(opt)",
            .question(.formErr, opt: false)
        ),
        Row(
            "OPT longer than the packet",
            "\(startWithOPT) \(five) 0001 0001 00 0029 04d0 00000000 0001",
            .question(.formErr, opt: false)
        ),
        Row(
            "an option cut short",
            "\(startWithOPT) \(five) 0001 0001 00 0029 04d0 00000000 0005 0003 0002 00",
            .question(.formErr, opt: false)
        ),
        Row(
            "a cookie of 7 bytes",
            "\(startWithOPT) \(five) 0001 0001 00 0029 04d0 00000000 000b 000a 0007 01020304050607",
            .question(.formErr, opt: false)
        ),
    ]

    static let unusual: [Row] = [
        Row(
            "EDNS version 1",
            "\(startWithOPT) \(five) 0001 0001 00 0029 04d0 00 01 0000 0000",
            .question(.badVers, opt: true)
        ),
        Row(
            "EDNS version 100 for an unknown name",
            "\(startWithOPT) 0178 00 0001 0001 00 0029 04d0 00 64 0000 0000",
            .question(.badVers, opt: true)
        ),
        Row("class CH", "\(start) \(five) 0010 0003", .question(.refused, opt: false)),
        Row("class 0", "\(startWithOPT) \(five) 0001 0000 \(opt)", .question(.refused, opt: true)),
        Row("class NONE", "\(start) \(five) 0001 00fe", .question(.refused, opt: false)),
        Row("class ANY", "\(start) \(five) 0001 00ff", .question(.noError, opt: false)),
        Row(
            "type 1000",
            "\(start) \(five) 03e8 0001",
            .question(.noError, opt: false, isAuthoritative: true)
        ),
        Row("AXFR over UDP", "\(start) \(five) 00fc 0001", .question(.notImp, opt: false)),
        Row(
            "IXFR with its SOA",
            "1234 0100 0001 0000 0001 0000 \(five) 00fb 0001 c00c 0006 0001 00000000 0000",
            .question(.refused, opt: false)
        ),
        Row(
            "version.bind in class IN",
            "\(start) 0776657273696f6e 0462696e64 00 0010 0001",
            .question(.refused, opt: false)
        ),
        Row(
            "garbage behind the question",
            "\(start) \(five) 0001 0001 deadbeef",
            .question(.noError, opt: false, isAuthoritative: true)
        ),
        Row(
            "a plain record before OPT",
            "1234 0100 0001 0000 0000 0002 \(five) 0001 0001 c00c 0001 0001 00000005 0004 0a000001 \(opt)",
            .question(.noError, opt: true, isAuthoritative: true)
        ),
        Row(
            "an unknown option and flag",
            "\(startWithOPT) \(five) 0001 0001 00 0029 04d0 00 00 0080 0005 0064 0001 ff",
            .question(.noError, opt: true, isAuthoritative: true)
        ),
        Row(
            "an extended code in the query's OPT",
            "\(startWithOPT) \(five) 0001 0001 00 0029 04d0 05 00 0000 0000",
            .question(.noError, opt: true, isAuthoritative: true)
        ),
        Row(
            "all flags that a query has no use for",
            "1234 07ff 0001 0000 0000 0000 \(five) 0001 0001",
            .question(.noError, opt: false, isAuthoritative: true)
        ),
        Row("the root", "\(startWithOPT) 00 0001 0001 \(opt)", .question(.refused, opt: true)),
        Row(
            "a name of 255 bytes",
            "\(start) \(label63)\(label63)\(label63) 2d\(String(repeating: "61", count: 45)) \(zone) 0001 0001",
            .question(.nxDomain, opt: false, isAuthoritative: true)
        ),
        Row(
            "letters next to A to Z are not folded",
            "\(start) 0461405b60 \(zone) 0001 0001",
            .question(.nxDomain, opt: false, isAuthoritative: true)
        ),
        Row(
            "dig 9.18.49 with a cookie",
            "d83f01200001000000000001044669566505647562626f066d757374657208696e7465726e616c000001000100002904d000000000000c000a00080102030405060708",
            .question(.noError, opt: true, isAuthoritative: true)
        ),
        Row(
            "dig 9.18.49 without EDNS",
            "c3f901200001000000000000066d757374657208696e7465726e616c0000060001",
            .question(.noError, opt: false, isAuthoritative: true)
        ),
        Row(
            "dig 9.18.49 with DO and NSID",
            "ed8b01200001000000000001046669766505647562626f066d757374657208696e7465726e616c000021000100002904d000008000000400030000",
            .question(.noError, opt: true, isAuthoritative: true)
        ),
        Row(
            "kdig 3.2.6 with EDNS",
            "4e6f01200001000000000001046669766505647562626f066d757374657208696e7465726e616c00001000010000291000000000000000",
            .question(.noError, opt: true, isAuthoritative: true)
        ),
        Row(
            "dig 9.18.49 with EDNS version 1",
            "d07001200001000000000001066d757374657208696e7465726e616c000006000100002904d0000100000000",
            .question(.badVers, opt: true)
        ),
        Row(
            "dig 9.18.49 with a client subnet",
            "83d501200001000000000001066d757374657208696e7465726e616c000001000100002904d000000000000b00080007000118000a0000",
            .question(.noError, opt: true, isAuthoritative: true)
        ),
    ]

    /// Every operation but QUERY, with and without a question.
    static let operations: [Row] = (1...15).flatMap { opcode in
        let flags = String(opcode << 11 | 0x0100, radix: 16)
        let padded = String(repeating: "0", count: 4 - flags.count) + flags
        return [
            Row(
                "operation \(opcode)",
                "1234 \(padded) 0001 0000 0000 0001 \(five) 0001 0001 \(opt)",
                .header(.notImp)
            ),
            Row(
                "operation \(opcode) alone",
                "1234 \(padded) 0000 0000 0000 0000",
                .header(.notImp)
            ),
        ]
    }

    @Test(arguments: malformed + unusual + operations)
    func `each packet gets the answer that the table says`(row: Row) throws {
        let fixture = try EngineFixture()
        fixture.add("five.dubbo", .a, EngineFixture.addresses(5))
        let reply = fixture.reply(to: row.packet)
        if case .silence = row.expected {
            #expect(reply == nil)
            return
        }
        let bytes = try #require(reply)
        let answer = try Message(bytes)
        #expect(Array(bytes[0..<2]) == Array(row.packet[0..<2]))
        #expect(answer.isResponse && answer.opcode.rawValue == row.packet[2] >> 3 & 0xf)
        #expect(answer.recursionDesired == (row.packet[2] & 1 != 0))
        #expect(bytes[3] & 0xf0 == 0, "RA, Z, AD and CD are clear")
        switch row.expected {
        case .silence: break
        case .header(let rcode):
            #expect(bytes.count == 12 && answer.rcode == rcode && !answer.isAuthoritative)
        case .headerAndOPT(let rcode):
            #expect(bytes.count == 12 + 11 && answer.rcode == rcode && answer.edns != nil)
        case .question(let rcode, let opt, let isAuthoritative):
            #expect(answer.rcode == rcode && answer.isAuthoritative == isAuthoritative)
            #expect((answer.edns != nil) == opt && answer.questions.count == 1)
            let end = bytes.count - (opt ? 11 : 0)
            #expect(bytes[12..<min(end, 20)] == row.packet[12..<min(end, 20)])
            if rcode != .noError && rcode != .nxDomain {
                #expect(answer.answers.isEmpty && answer.authorities.isEmpty)
            }
            #expect(answer.edns.map(\.version) ?? 0 == 0)
            #expect(answer.edns.map(\.size) ?? 1_232 == 1_232)
        }
    }

    @Test func `DO is copied and no other flag or option is`() throws {
        let fixture = try EngineFixture()
        var edns = EDNS(wantsDNSSEC: true, options: [EDNS.Option(code: 100, value: [1])])
        #expect(try fixture.ask("x", .a, edns: edns).edns == EDNS(wantsDNSSEC: true))
        edns.wantsDNSSEC = false
        #expect(try fixture.ask("x", .a, edns: edns).edns == EDNS())
    }
}
