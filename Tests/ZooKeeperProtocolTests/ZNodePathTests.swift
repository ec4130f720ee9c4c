import Testing
import ZooKeeperProtocol

@Suite struct ZNodePathTests {
    @Test(
        arguments: [
            "/", "/a", "/a/b", "/...", "/..a", "/a.", "/.a", "/a/..b/c..", "/ ", "/a%2Fb",
            "/\u{e9}",
            "/\u{a0}", "/\u{4e2d}\u{6587}", "/\u{d7ff}", "/\u{f900}", "/\u{ffef}", "/a~",
        ]
    )
    func `a path within the rules is valid`(path: String) {
        #expect(throws: Never.self) { try ZNodePath.validate(path) }
        #expect(ZNodePath.isValid(path))
    }

    @Test(
        arguments: [
            ("", .notAbsolute, 0), ("a", .notAbsolute, 0), ("a/b", .notAbsolute, 0),
            ("\u{e9}", .notAbsolute, 0), ("/a/", .trailingSlash, 2), ("//", .trailingSlash, 1),
            ("//a", .emptyComponent, 1), ("/a//b", .emptyComponent, 3),
            ("/.", .relativeComponent, 1), ("/..", .relativeComponent, 1),
            ("/a/./b", .relativeComponent, 3), ("/a/../b", .relativeComponent, 3),
            ("/a/..", .relativeComponent, 3), ("/./", .trailingSlash, 2),
            ("/a\0", .forbiddenCharacter, 2), ("/\u{1}", .forbiddenCharacter, 1),
            ("/a\u{1f}b", .forbiddenCharacter, 2), ("/\u{7f}", .forbiddenCharacter, 1),
            ("/a\u{80}", .forbiddenCharacter, 2), ("/\u{9f}", .forbiddenCharacter, 1),
            ("/\u{e000}", .forbiddenCharacter, 1), ("/a\u{f8ff}", .forbiddenCharacter, 2),
            ("/\u{fff0}", .forbiddenCharacter, 1), ("/\u{fffd}", .forbiddenCharacter, 1),
            ("/\u{ffff}", .forbiddenCharacter, 1), ("/\u{1f600}", .forbiddenCharacter, 1),
            ("/\u{10ffff}", .forbiddenCharacter, 1),
        ] as [(String, ZNodePathError.Code, Int)]
    )
    func `a path outside the rules is refused with the place`(
        path: String,
        code: ZNodePathError.Code,
        offset: Int
    ) {
        let error = #expect(throws: ZNodePathError.self) { try ZNodePath.validate(path) }
        #expect(error?.code == code)
        #expect(error?.offset == offset)
        #expect(!ZNodePath.isValid(path))
    }

    @Test func `what breaks a rule is found at every place of a long path`() {
        let wrong: [(String, ZNodePathError.Code, Int)] = [
            ("//", .emptyComponent, 1), ("/./", .relativeComponent, 1),
            ("/../", .relativeComponent, 1), ("\u{1f}", .forbiddenCharacter, 0),
            ("\u{7f}", .forbiddenCharacter, 0), ("\u{80}", .forbiddenCharacter, 0),
        ]
        for before in 0..<40 {
            let start = "/" + String(repeating: "x", count: before + 1)
            for after in 1..<20 {
                let end = String(repeating: "~", count: after)
                for right in ["", " ", "/...", "/.y/.", "/..z", "\u{e9}/"] {
                    #expect(ZNodePath.isValid(start + right + end), "\(start + right + end)")
                }
                for (text, code, offset) in wrong {
                    let error = #expect(throws: ZNodePathError.self) {
                        try ZNodePath.validate(start + text + end)
                    }
                    #expect(error?.code == code && error?.offset == start.utf8.count + offset)
                }
            }
        }
    }

    @Test func `each character of the basic plane is judged as PathUtils does`() {
        for value in UInt32(0x20)...0xffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isForbidden =
                (0x7f...0x9f).contains(value) || (0xd800...0xf8ff).contains(value)
                || (0xfff0...0xffff).contains(value)
            if scalar == "/" || scalar == "." { continue }
            #expect(ZNodePath.isValid("/a\(Character(scalar))b") == !isForbidden, "U+\(value)")
        }
    }

    @Test(
        arguments: [
            ("/", nil, ""), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("/a/b/c", "/a/b", "c"),
            ("/q/", "/q", ""), ("", nil, ""), ("a", nil, "a"),
            ("/\u{e9}/\u{e9}", "/\u{e9}", "\u{e9}"),
            ("/a\u{301}/b", "/a\u{301}", "b"),
        ] as [(String, String?, String)]
    )
    func `a path comes apart at its last slash`(path: String, parent: String?, name: String) {
        #expect(ZNodePath.parent(of: path) == parent)
        #expect(ZNodePath.name(of: path) == name)
    }

    @Test func `a slash with a combining mark behind it is still a slash`() {
        #expect(ZNodePath.parent(of: "/a/\u{301}b") == "/a")
        #expect(ZNodePath.name(of: "/a/\u{301}b") == "\u{301}b")
        #expect(ZNodePath.isSame("/a/\u{301}b", orBelow: "/a"))
    }

    @Test(arguments: [("/", "a", "/a"), ("/a", "b", "/a/b")])
    func `a child's path is put together`(parent: String, name: String, path: String) {
        #expect(ZNodePath.join(parent, name) == path)
    }

    @Test(
        arguments: [
            ("/", "/", true), ("/a", "/", true), ("/a", "/a", true), ("/a/b", "/a", true),
            ("/ab", "/a", false), ("/a", "/a/b", false), ("", "/", false), ("/b", "/a", false),
        ]
    )
    func `below means by components`(path: String, ancestor: String, isBelow: Bool) {
        #expect(ZNodePath.isSame(path, orBelow: ancestor) == isBelow)
    }

    @Test(
        arguments: [
            (0, "0000000000"), (1, "0000000001"), (.max, "2147483647"), (-1, "-000000001"),
            (.min, "-2147483648"),
        ] as [(Int32, String)]
    )
    func `a sequence number has ten places, the sign among them`(number: Int32, text: String) {
        #expect(ZNodePath.sequential("/a-", number: number) == "/a-" + text)
    }
}
