import Testing

@testable import ZNodeTree

@Suite struct PathKeyTests {
    @Test func `paths are equal when their bytes are`() {
        let paths = [
            "", "/", "/a", "/a/b", "/\u{e9}", "/e\u{301}", "/\u{1}c3\u{1}a9",
            "\u{1}/\u{1}c3\u{1}a9",
            "\u{1}", "\u{1}\u{1}01", "\u{1}\u{1}\u{1}01", "/\u{1}", "/\u{1}01", "/a\u{1}e9",
            "/a\u{c3}",
        ]
        for left in paths {
            #expect(Array(PathKey(left).path.utf8) == Array(left.utf8))
            for right in paths {
                let isSame = Array(left.utf8) == Array(right.utf8)
                #expect((PathKey(left) == PathKey(right)) == isSame, "\(left) and \(right)")
            }
        }
        let slice = "/parent/\u{e9}/child"
        #expect(PathKey(String(slice.prefix(7))) == PathKey("/parent"))
    }
}
