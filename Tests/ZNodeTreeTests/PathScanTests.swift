import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

/// One pass over a path's bytes against the rules of paths.
@Suite struct PathScanTests {
    @Test func `random paths are judged as by the rules, and have their last slash`() {
        var random = Seed.generator(31)
        let letters = Array("//..ab~ \u{7f}\u{1f}\u{0}\u{e9}\u{2f00}".unicodeScalars)
        var plain = 0
        for _ in 0..<20_000 {
            var path = String.UnicodeScalarView("/".unicodeScalars)
            // Mostly harmless, so that some are plain.
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let isOdd = Int.random(in: 0..<8, using: &random) == 0
                path.append(isOdd ? letters.randomElement(using: &random) ?? "a" : "n")
            }
            let text = String(path)
            let scan = PathScan(text)
            let slash = text.utf8.enumerated().filter { $0.element == UInt8(ascii: "/") }.last
            #expect(scan.lastSlash == slash?.offset)
            #expect(PathScan.lastSlash(in: text.utf8.span) == slash?.offset)
            guard scan.isPlain else { continue }
            plain += 1
            #expect(ZNodePath.isValid(text), "\(text.debugDescription)")
        }
        #expect(plain > 1_000)
    }

    @Test(arguments: 1...40)
    func `every single byte of a path counts`(length: Int) {
        let sound = [UInt8](repeating: UInt8(ascii: "n"), count: length)
        for place in 0..<length {
            for byte in UInt8(0)..<0x80 {
                var bytes = sound
                bytes[place] = byte
                let path = "/" + String(decoding: bytes, as: UTF8.self)
                // A dot behind a slash is left to the rules.
                let isDot = place == 0 && byte == UInt8(ascii: ".")
                #expect(PathScan(path).isPlain == (ZNodePath.isValid(path) && !isDot))
            }
        }
    }

    @Test(arguments: ["", "/", "a", "a/b", "//", "/a/", "/a//b", "/a/./b", "/a/..", "/\u{e9}"])
    func `what is odd is not plain`(path: String) {
        #expect(!PathScan(path).isPlain)
    }

    @Test func `without a slash there is no last one`() {
        #expect(PathScan.lastSlash(in: Span()) == nil)
        let text = "abcdefghijk"
        #expect(PathScan.lastSlash(in: text.utf8.span) == nil)
        #expect(PathScan("").lastSlash == nil)
        #expect(PathScan("abcdefghijk").lastSlash == nil)
        #expect(PathScan("abc/defghijk").lastSlash == 3)
        #expect(PathScan("/").lastSlash == 0)
    }
}
