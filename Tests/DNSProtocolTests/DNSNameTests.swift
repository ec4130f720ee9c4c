import Testing

@testable import DNSProtocol

@Suite struct DNSNameTests {
    @Test(
        arguments: [
            (".", [0]), ("a", [1, 97, 0]), ("a.", [1, 97, 0]), ("A.bC.", [1, 65, 2, 98, 67, 0]),
            (#"a\.b."#, [3, 97, 46, 98, 0]), (#"\097\000\255."#, [3, 97, 0, 255, 0]),
            (#"\\"#, [1, 92, 0]), ("ü.", [2, 0xc3, 0xbc, 0]),
        ] as [(String, [UInt8])]
    )
    func `text becomes wire form`(text: String, wire: [UInt8]) throws {
        let name = try DNSName(text)
        #expect(name.wire == wire)
        #expect(try DNSName(name.description).wire == wire)
        #expect(try DNSName(wire: wire).wire == wire)
    }

    @Test(
        arguments: [
            ("", .emptyLabel), ("..", .emptyLabel), (".a", .emptyLabel), ("a..b", .emptyLabel),
            (String(repeating: "a", count: 64), .labelTooLong), (#"a\"#, .badEscape),
            (#"\25"#, .badEscape), (#"\256"#, .badEscape), (#"\1a1"#, .badEscape),
            (String(repeating: "a.", count: 128), .nameTooLong),
            (String(repeating: "aaaaaaa.", count: 32), .nameTooLong),
        ] as [(String, DNSError.Code)]
    )
    func `bad text is refused`(text: String, code: DNSError.Code) {
        let error = #expect(throws: DNSError.self) { try DNSName(text) }
        #expect(error?.code == code)
    }

    @Test func `the longest names are 127 labels and 255 bytes`() throws {
        let many = try DNSName(String(repeating: "a.", count: 127))
        #expect(many.wire.count == 255 && many.labelCount == 127)
        #expect(throws: DNSError.self) { try many.prepending("a") }
        #expect(throws: DNSError.self) { try many.appending(DNSName("a")) }
        #expect(try DNSName(wire: many.wire) == many)
        #expect(throws: DNSError.self) { try DNSName(wire: [1, 97] + many.wire) }
    }

    @Test(
        arguments: [
            [], [1], [1, 97], [64] + [UInt8](repeating: 97, count: 64) + [0], [0xc0, 0],
            [1, 97, 0, 0],
        ] as [[UInt8]]
    )
    func `bad wire form is refused`(wire: [UInt8]) {
        #expect(throws: DNSError.self) { try DNSName(wire: wire) }
    }

    @Test func `case does not matter for comparing, and is kept`() throws {
        let (upper, lower) = (try DNSName("WWW.Example."), try DNSName("www.eXample."))
        #expect(upper == lower && upper.hashValue == lower.hashValue)
        #expect(upper.description == "WWW.Example." && upper.folded.description == "www.example.")
        #expect(try DNSName("a@.") != DNSName("a`."))
        #expect(try DNSName(#"five\.dubbo."#) != DNSName("five.dubbo."))
    }

    @Test func `names know what is above them`() throws {
        let name = try DNSName("a.b.c.")
        #expect(name.parent == (try DNSName("b.c.")) && DNSName.root.parent == nil)
        #expect(name.isWithin(name) && name.isWithin(.root))
        #expect(try name.isWithin(DNSName("B.C.")) && !name.isWithin(DNSName("x.b.c.")))
        #expect(try !DNSName("ab.c.").isWithin(DNSName("b.c.")))
        #expect(try DNSName("z.a.") > DNSName("b.a.") && DNSName("a.") < DNSName("b.a."))
        #expect(try DNSName("b.c.").prepending("a") == name)
        #expect(try DNSName("a.").appending(DNSName("b.c.")) == name)
        #expect(try DNSName(labels: name.labels) == name)
    }
}
