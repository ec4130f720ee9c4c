import DNSProtocol
import TestSupport
import Testing
import ZoneFiles

@Suite struct ZoneFileTests {
    private static let origin = "example.org."
    /// Lines 1 to 3 of most cases.
    private static let head = "$TTL 60\n@ SOA ns hostmaster 7 2 3 4 5\n@ NS ns\n"

    private func parse(_ text: String) throws -> ZoneFile {
        try ZoneFile(
            text: Array(text.utf8),
            origin: DNSName(Self.origin),
            file: "example.org.zone"
        )
    }

    @Test func `a zone gives its SOA apart and its records in order`() throws {
        let zone = try parse(
            """
            ; comment
            $TTL 1m
            @ IN SOA ns hostmaster (
               7 ; serial
               3600 600 86400 1 )

              NS ns
            ns A 10.0.0.1
            $ORIGIN sub
            WWW 30 IN AAAA 2001:db8::1
             TXT "a;b" c\\ d

            """
        )
        #expect(zone.soa.serial == 7)
        #expect(zone.soa.minimum == 1)
        #expect(zone.soaTTL == 60)
        #expect(zone.soa.primary == (try DNSName("ns.example.org")))
        #expect(zone.entries.map(\.line) == [7, 8, 10, 11])
        #expect(zone.records.map(\.ttl) == [60, 60, 30, 60])
        #expect(
            zone.records.map(\.name.description) == [
                "example.org.", "ns.example.org.", "WWW.sub.example.org.", "WWW.sub.example.org.",
            ]
        )
        #expect(zone.records[1].rdata == [10, 0, 0, 1])
        #expect(
            Rdata.strings(txt: zone.records[3].rdata) == [Array("a;b".utf8), Array("c d".utf8)]
        )
    }

    @Test func `names in rdata are in full`() throws {
        let zone = try parse(Self.head + "_x._tcp SRV 1 2 80 h\nm MX 10 m2\nc CNAME d.e.\n")
        #expect(zone.records[1].rdata == [0, 1, 0, 2, 0, 80] + (try DNSName("h.example.org")).wire)
        #expect(zone.records[2].rdata == [0, 10] + (try DNSName("m2.example.org")).wire)
        #expect(zone.records[3].rdata == (try DNSName("d.e")).wire)
    }

    @Test(arguments: [
        ("w TYPE65280 \\# 3 abcdef", 65_280, [0xab, 0xcd, 0xef]),
        ("\\000.*  A 1.2.3.4", 1, [1, 2, 3, 4]),
        ("w A 1.2.3.4\r", 1, [1, 2, 3, 4]),
        ("w 0 A 1.2.3.4", 1, [1, 2, 3, 4]),
    ])
    func `other forms of records are read`(line: String, type: UInt16, rdata: [UInt8]) throws {
        let record = try #require(try parse(Self.head + line).records.last)
        #expect(record.type.rawValue == type)
        #expect(record.rdata == rdata)
    }

    @Test(arguments: [
        ("$TTL 0\n", UInt32(0)), ("$TTL 1w2d3h4m5s\n", 788_645), ("", 60), ("$ttl 9\n", 9),
    ])
    func `a directive gives the TTL of records that have none`(line: String, ttl: UInt32) throws {
        #expect(try parse(Self.head + line + "w A 1.2.3.4").records.last?.ttl == ttl)
    }

    @Test func `without a directive the TTL before it goes on`() throws {
        let zone = try parse("@ 9 SOA a b 1 2 3 4 5\n@ NS ns\nx 20 A 1.1.1.1\ny A 1.1.1.1\n")
        #expect(zone.records.map(\.ttl) == [9, 20, 20])
    }

    @Test(arguments: [
        ("w A 300.1.1.1", ZoneFileError.Code.syntax, 4, "could not parse the RR's rdata"),
        ("\n\nw BOGUS x\n\n\n", .syntax, 6, "BOGUS"),
        ("w A 1.1.1.1 2.2.2.2", .syntax, 4, "superfluous"),
        ("w", .syntax, 4, "`w`"),
        ("w TXT (a\nb\n", .syntax, 4, "never closed"),
        ("w TXT a)", .syntax, 4, "without"),
        ("\nw TXT \"a\n\"", .syntax, 5, "not closed on its line"),
        ("w A\0 1.1.1.1", .syntax, 4, "zero byte"),
        ("w TXT \\\0", .syntax, 4, "zero byte"),
        ("a..b A 1.1.1.1", .syntax, 4, "a..b"),
        ("$INCLUDE other.zone", .directive, 4, "$INCLUDE is not supported"),
        ("$GENERATE 1-2 a$ A 1.1.1.$", .directive, 4, "$GENERATE is not supported"),
        ("$FOO", .directive, 4, "$FOO is not known"),
        ("$TTL abc", .directive, 4, "not a TTL"),
        ("$TTL 99999999999999999999", .directive, 4, "not a TTL"),
        ("$TTL", .directive, 4, "takes one value"),
        ("$ORIGIN a..b", .directive, 4, "domain name"),
        ("\n@ SOA ns hostmaster 8 2 3 4 5", .badSOA, 5, "a second SOA"),
        ("x SOA ns hostmaster 8 2 3 4 5", .badSOA, 4, "not at the origin"),
        ("x.example.com. A 1.1.1.1", .badRecord, 4, "not inside the zone"),
        ("xexample.org. A 1.1.1.1", .badRecord, 4, "not inside the zone"),
        ("x CH TXT a", .badRecord, 4, "class 3"),
        ("x A 1.1.1.1\nX A 1.1.1.1", .badRecord, 5, "stands there before"),
        ("x A 1.1.1.1\nx 61 A 2.2.2.2", .badRecord, 5, "TTL 61 in a set with TTL 60"),
        ("x A 1.1.1.1\nX CNAME y", .badRecord, 5, "CNAME beside another record (A)"),
        ("x CNAME y\nx TXT a", .badRecord, 5, "CNAME beside another record (CNAME)"),
        ("x CNAME y\nx CNAME z", .badRecord, 5, "CNAME beside another record"),
        ("@ CNAME y", .badRecord, 4, "CNAME beside another record"),
        ("x 4294967295 A 1.1.1.1", .badRecord, 4, "a TTL over 2147483647"),
        ("*.x A 1.1.1.1", .badRecord, 4, "wildcards are not supported"),
        ("x NS ns.x\nns.x A 1.1.1.1", .badRecord, 4, "delegations (NS below"),
        ("x DNAME y", .badRecord, 4, "DNAME is not supported"),
        ("x TYPE255 \\# 1 00", .badRecord, 4, "not a type of records"),
    ])
    func `each fault is told with its line and record`(
        lines: String,
        code: ZoneFileError.Code,
        line: Int,
        message: String
    ) throws {
        let error = try #require(throws: ZoneFileError.self) { try parse(Self.head + lines) }
        #expect(error.code == code)
        #expect(error.line == line)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.description.hasPrefix("example.org.zone:\(line): "))
    }

    @Test(arguments: [
        ("", ZoneFileError.Code.badSOA), ("@ NS ns\n", .badSOA), (";\n\n", .badSOA),
        ("@ SOA a b 1 2 3 4 5\n", .badZone), ("@ SOA a b 1 2 3 4 5\nx NS ns\n", .badRecord),
        (" A 1.1.1.1\n", .syntax),
    ])
    func `a zone needs an SOA and an NS`(text: String, code: ZoneFileError.Code) throws {
        #expect(try #require(throws: ZoneFileError.self) { try parse(text) }.code == code)
    }

    @Test func `a set that no message can hold is refused at the record that is too much`() throws {
        let text = String(repeating: "x", count: 255)
        let lines = (0..<300).map { "big TXT \"\($0)\" \"\(text)\"\n" }
        let error = try #require(throws: ZoneFileError.self) {
            try parse(Self.head + lines.joined())
        }
        #expect(error.code == .tooLarge)
        #expect(error.line > 200)
        #expect(try parse(Self.head + lines.prefix(200).joined()).records.count == 201)
    }

    @Test func `random bytes and mutations never trap`() throws {
        var random = Seed.generator()
        let alphabet = Array("\"\\;()$@ \t\n.aA0159SOA TXT \\# NS\u{0}\u{ff}".utf8)
        for _ in 0..<3_000 {
            var text = Array((Self.head + "w TXT \"a\" b\nx SRV 1 2 3 y\n").utf8)
            for _ in 0..<Int.random(in: 0..<20, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                text[place] = alphabet.randomElement(using: &random) ?? 0
            }
            guard let zone = try? ZoneFile(text: text, origin: DNSName(Self.origin), file: "f")
            else { continue }
            #expect(
                zone.records.allSatisfy { $0.name.isWithin(zone.origin) },
                "seed \(Seed.current)"
            )
        }
    }

    @Test func `the zone that ships is right`() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let zones = try ZoneFile.load(folder: folder + "/zones")
        #expect(zones.map(\.origin.description) == ["muster.internal."])
        #expect(zones.first?.records.count == 5)
    }

    @Test func `files that cannot be read say why`() throws {
        let missing = try #require(throws: ZoneFileError.self) {
            try ZoneFile(path: "/nowhere/a.zone")
        }
        #expect(missing.code == .unreadable)
        #expect(missing.description == "/nowhere/a.zone: No such file or directory")
        let folder = try #require(throws: ZoneFileError.self) {
            try ZoneFile(path: "/", origin: .root)
        }
        #expect(folder.message == "not a regular file")
        let unnamed = try #require(throws: ZoneFileError.self) { try ZoneFile(path: "/etc/passwd") }
        #expect(unnamed.code == .badZone)
        #expect(throws: ZoneFileError.self) { try ZoneFile.load(folder: "/nowhere") }
    }
}
