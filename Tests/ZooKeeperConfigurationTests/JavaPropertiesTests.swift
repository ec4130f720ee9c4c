import Testing
import ZooKeeperConfiguration

@Suite struct JavaPropertiesTests {
    private func read(_ text: String) throws -> [[String]] {
        try JavaProperties(Array(text.utf8)).entries.map { [$0.key, $0.value, "\($0.line)"] }
    }

    /// Each as Java 17's `Properties.load` and ZooKeeper's `trim` read it.
    @Test(arguments: [
        ("a=1", [["a", "1", "1"]]),
        ("a = 1  \n", [["a", "1", "1"]]),
        ("a:1\r\nb 2\rc\t3", [["a", "1", "1"], ["b", "2", "2"], ["c", "3", "3"]]),
        ("# a=1\n\n  ! b=2\n  c=3#x", [["c", "3#x", "4"]]),
        ("# a=1 \\\nb=2", [["b", "2", "2"]]),
        ("a=1,\\\n   2,\\\r\n\t3\nb=4", [["a", "1,2,3", "1"], ["b", "4", "4"]]),
        ("a=1\\\\\nb=2", [["a", "1\\", "1"], ["b", "2", "2"]]),
        ("a=1\\\n\nb=2", [["a", "1", "1"], ["b", "2", "3"]]),
        ("a=1\\\n# no comment", [["a", "1# no comment", "1"]]),
        ("a\\=b\\:c\\ d=e", [["a=b:c d", "e", "1"]]),
        ("a= = b", [["a", "= b", "1"]]),
        ("a  =  b = c", [["a", "b = c", "1"]]),
        ("a\nb=\n=c", [["a", "", "1"], ["b", "", "2"], ["", "c", "3"]]),
        ("a=\\u0041\\u00e9\\uD83D\\uDE00\\q", [["a", "Aé😀q", "1"]]),
        ("a=\\tx\\n", [["a", "x", "1"]]),
        ("a=1\\", [["a", "1", "1"]]),
        ("\u{c}a=1", [["a", "1", "1"]]),
        ("", []), ("\n\n#", []),
    ])
    func `keys and values are read as Java reads them`(text: String, entries: [[String]]) throws {
        #expect(try read(text) == entries)
    }

    @Test func `bytes are Latin-1`() throws {
        #expect(try JavaProperties([97, 61, 0xe9]).entries.map(\.value) == ["é"])
    }

    @Test(arguments: ["a=\\u12", "a=\\u00g0", "\\u=1", "a=\\u+123"])
    func `an escape that Java refuses is refused with its line`(text: String) throws {
        let fault = #expect(throws: JavaProperties.Fault.self) { try read("x=1\n" + text) }
        #expect(fault?.line == 2)
    }

    @Test func `no bytes trap`() throws {
        let letters = Array("\\u=: #!\n\r\ta0\u{c}".utf8)
        var state: UInt64 = 1
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(letters[Int(state >> 33) % letters.count])
            }
            do throws(JavaProperties.Fault) {
                let lines = bytes.filter { $0 == 10 || $0 == 13 }.count
                #expect(try JavaProperties(bytes).entries.count <= lines + 1)
            } catch {
                #expect(bytes.contains(UInt8(ascii: "u")))
            }
        }
    }
}
