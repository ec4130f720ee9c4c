import Testing
import YAML

@Suite struct YAMLDocumentTests {
    @Test func `a configuration becomes a tree with lines and columns`() throws {
        let text = """
            # listens here
            registry:
              listen: 127.0.0.1:2181
              tickTime: 2000
            dns:
              zones: [a.zone, "b.zone"]
            """
        let root = try #require(try YAMLDocument.parse(text))
        #expect(root.entries?.map(\.key) == ["registry", "dns"])
        let tickTime = try #require(root["registry"]?["tickTime"])
        #expect(tickTime == YAMLNode(.scalar("2000", quoted: false), line: 4, column: 13))
        #expect(tickTime.integer == 2000)
        let zones = try #require(root["dns"]?["zones"]?.elements)
        #expect(zones.map(\.text) == ["a.zone", "b.zone"])
        #expect(
            zones.map(\.content) == [
                .scalar("a.zone", quoted: false), .scalar("b.zone", quoted: true),
            ]
        )
        #expect(root.entries?.last?.line == 5)
        #expect(root["dns"]?.entries?.first?.column == 3)
    }

    @Test func `JSON text is read too`() throws {
        let root = try YAMLDocument.parse(#"{"a": [1, true, null], "b": {"c": "x"}}"#)
        #expect(root?["a"]?.elements?.map(\.integer) == [1, nil, nil])
        #expect(root?["a"]?.elements?.map(\.boolean) == [nil, true, nil])
        #expect(root?["a"]?.elements?.map(\.isNull) == [false, false, true])
        #expect(root?["b"]?["c"]?.text == "x")
    }

    @Test(arguments: ["", "# nothing\n", "\n\n"])
    func `a text without a document is nil`(text: String) throws {
        #expect(try YAMLDocument.parse(text) == nil)
    }

    @Test func `quoting decides what a scalar may mean`() throws {
        let root = try YAMLDocument.parse("['5', 5, !!str 5, ~, '~', yes, 'true', true, \"5\"]")
        let elements = try #require(root?.elements)
        #expect(elements.map(\.integer) == [nil, 5, nil, nil, nil, nil, nil, nil, nil])
        #expect(elements.map(\.boolean) == [nil, nil, nil, nil, nil, nil, nil, true, nil])
        #expect(elements.map(\.text) == ["5", "5", "5", nil, "~", "yes", "true", "true", "5"])
        #expect(elements[3].kindName == "null")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "3:1: key \"a\" stands twice, first in line 1"),
        ("a: {x: 1, x: 2}", "1:11: key \"x\" stands twice, first in line 1"),
        ("[a]: 1", "1:1: a key must be a text"),
        ("a: *b", "1:4: no anchor &b before this alias"),
        ("a: &b [*b]", "1:8: no anchor &b before this alias"),
        ("a: 1\n---\nb: 2", "2:1: a second document starts here"),
        ("a: 1\nb\nc: 2\n", "3:1: could not find expected ':' while scanning a simple key"),
        ("a: [1,\n", "2:1: did not find expected node content while parsing a flow node"),
        (
            "a:\n\t- b",
            "2:1: found character that cannot start any token while scanning for the next token"
        ),
        ("a: \u{7}", "1:4: control characters are not allowed"),
    ])
    func `a fault has its line and column`(text: String, expected: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.description == expected)
    }

    @Test func `bytes that are not UTF-8 are refused where they stand`() {
        let bytes = Array("name: \u{e4}\nb: ".utf8) + [0xff, 0x41]
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(bytes: bytes) }
        #expect(error?.description == "2:4: invalid leading UTF-8 octet")
        #expect(error?.code == .syntax)
    }

    @Test func `an alias repeats its anchor`() throws {
        let root = try YAMLDocument.parse("a: &one {b: 1}\nc: [*one, *one]")
        #expect(root?["c"]?.elements?.map { $0["b"]?.integer } == [1, 1])
        #expect(root?["c"]?.elements?[1].line == 1)
    }

    @Test func `aliases cannot blow the tree up`() {
        let bomb = (1...9).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n") { text, level in
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            return text + "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(bomb) }
        #expect(error?.code == .tooLarge)
        #expect(error?.line == 6)
    }

    @Test(arguments: [(64, true), (65, false), (100_000, false)])
    func `nesting is bounded`(levels: Int, allowed: Bool) throws {
        let text = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        guard !allowed else {
            #expect(try YAMLDocument.parse(text) != nil)
            return
        }
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.code == .tooDeep)
        #expect(error?.column == 65)
    }

    @Test func `aliases cannot nest deeper than the bound`() {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let outer = String(repeating: "[", count: 30)
        let text = "a: &a \(deep)\nb: \(outer)*a\(String(repeating: "]", count: 30))"
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.code == .tooDeep)
        #expect(error?.line == 2)
    }

    @Test func `a text over the bound is refused before it is read`() {
        let text = String(repeating: "#", count: 0xfffff + 1)
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.code == .tooLarge)
    }

    @Test func `no prefix and no changed byte traps`() throws {
        let text = "a: &x [1, 'two', \"thr\\u00e9e\"]\nb: {c: *x, d: |\n  text\n  }\ne: !!str 5\n"
        let bytes = Array(text.utf8)
        var outcomes = 0
        for end in bytes.indices where (try? YAMLDocument.parse(bytes: Array(bytes[..<end]))) != nil
        {
            outcomes += 1
        }
        for index in bytes.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = bytes
                changed[index] = byte
                if (try? YAMLDocument.parse(bytes: changed)) != nil { outcomes += 1 }
            }
        }
        #expect(outcomes > 0)
        #expect(outcomes < bytes.count * 257)
    }
}
