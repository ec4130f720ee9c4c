import TestSupport
import Testing
import ZooKeeperProtocol

@testable import muster

/// A znode as a line, and lines that are none.
@Suite struct PortableZNodeTests {
    private static let digest = ACL(.all, scheme: "digest", id: "u:a:b=")

    private static let znodes = [
        PortableZNode(path: "/", data: nil, acl: ACL.openUnsafe),
        PortableZNode(path: "/empty", data: [], acl: ACL.readUnsafe),
        PortableZNode(
            path: "/text",
            data: Array("a\"\\\n\t\0\u{7f}\u{2028}é€😀/".utf8),
            acl: [digest]
        ),
        PortableZNode(path: "/binary", data: [0xff, 0, 0x80], acl: [digest] + ACL.readUnsafe),
        // The same letters to Swift, two znodes to servers.
        PortableZNode(path: "/e\u{301}", data: Array("e\u{301}".utf8), acl: ACL.openUnsafe),
        PortableZNode(path: "/\u{e9}", data: Array("\u{e9}".utf8), acl: ACL.openUnsafe),
        PortableZNode(path: "/c", kind: .container, data: [1], acl: ACL.openUnsafe),
        PortableZNode(path: "/t", kind: .ttl(milliseconds: 5), data: nil, acl: ACL.openUnsafe),
        PortableZNode(
            path: "/rights",
            data: nil,
            acl: [
                ACL(ACL.Permissions(rawValue: -1), scheme: "ip", id: "::1"),
                ACL([], scheme: "x", id: ""), ACL([.read, .admin], scheme: "a,b", id: "c d"),
            ]
        ),
    ]

    @Test(arguments: znodes) func `a line gives back the znode, byte by byte`(
        znode: PortableZNode
    ) throws {
        var bytes: [UInt8] = []
        znode.appendLine(to: &bytes)
        #expect(bytes.last == 10 && bytes.dropLast().allSatisfy { $0 != 10 })
        let read = try PortableZNode(line: Array(bytes.dropLast()))
        #expect(read == znode)
        #expect(Array(read.path.utf8) == Array(znode.path.utf8))
        #expect(read.data == znode.data)
    }

    @Test func `random data come back`() throws {
        var generator = Seed.generator(11)
        for count in 0..<300 {
            let data = (0..<count % 40).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let znode = PortableZNode(path: "/r", data: data, acl: ACL.openUnsafe)
            var bytes: [UInt8] = []
            znode.appendLine(to: &bytes)
            #expect(try PortableZNode(line: Array(bytes.dropLast())).data == data)
        }
    }

    @Test func `the line is what people expect to read`() {
        var bytes: [UInt8] = []
        PortableZNode(path: "/a", data: Array("x".utf8), acl: ACL.openUnsafe).appendLine(to: &bytes)
        PortableZNode(path: "/b", data: [0xff], acl: ACL.readUnsafe).appendLine(to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"path":"/a","data":"x","acl":["world:anyone:cdrwa"]}
                {"path":"/b","base64":"/w==","acl":["world:anyone:r"]}

                """
        )
    }

    @Test(arguments: [
        ("", "no JSON object"), (" {", "cut short"), ("x", "no JSON object"),
        ("[]", "no JSON object"), ("{}", "no \"path\""),
        (#"{"path":"/a","data":"","acl":["world:anyone:r"]"#, "cut short"),
        (#"{"path":"a","data":"","acl":["world:anyone:r"]}"#, "start with a slash"),
        (#"{"path":"/a/","data":"","acl":["world:anyone:r"]}"#, "ends in a slash"),
        (#"{"path":"/a","data":""}"#, "no \"acl\""),
        (#"{"path":"/a","data":"","acl":[]}"#, "is empty"),
        (#"{"path":"/a","data":"","acl":["world"]}"#, "not scheme:id:rights"),
        (#"{"path":"/a","data":"","acl":["world:anyone:rx"]}"#, "some of c, d, r, w and a"),
        (#"{"path":"/a","acl":["world:anyone:r"]}"#, "neither"),
        (#"{"path":"/a","data":"","base64":"","acl":["world:anyone:r"]}"#, "both"),
        (#"{"path":"/a","base64":"?","acl":["world:anyone:r"]}"#, "base64"),
        (#"{"path":"/a","data":1,"acl":["world:anyone:r"]}"#, "\"data\" is of another type"),
        (#"{"path":"/a","data":"","acl":["world:anyone:r"],"version":1}"#, "\"version\" is no key"),
        (#"{"path":"/a","data":"","acl":["world:anyone:r"],"kind":"ephemeral"}"#, "is no kind"),
        (#"{"path":"/a","data":"","acl":["world:anyone:r"],"ttlMilliseconds":0}"#, "a TTL is"),
        (
            #"{"path":"/a","data":"","acl":["world:anyone:r"],"ttlMilliseconds":1,"kind":"container"}"#,
            "only one"
        ),
    ]) func `a line that is no znode says why`(line: String, reason: String) {
        let fault = #expect(throws: LineFault.self) { try PortableZNode(line: Array(line.utf8)) }
        #expect(fault?.reason.contains(reason) == true, "\(String(describing: fault))")
    }

    @Test(arguments: [
        (
            #"{"path":"\/\u0061","data":"\ud83d\uDE00\b\f\n\r\t\"\\","acl":["a:b:r"]}"#,
            "😀\u{8}\u{c}\n\r\t\"\\"
        ),
        (#" { "acl" : [ "a:b:r" , "c:d:w" ] , "data" : "x" , "path" : "/" } "#, "x"),
    ]) func `any way of writing JSON is understood`(line: String, data: String) throws {
        let znode = try PortableZNode(line: Array(line.utf8))
        #expect(znode.data == Array(data.utf8))
        #expect(["/", "/a"].contains(znode.path))
    }

    @Test(arguments: [
        #"{"path":"/a","path":"/b"}"#, #"{"path":"\ud83d"}"#, #"{"path":"\udc00"}"#,
        #"{"path":"\ud83dx"}"#, #"{"path":"\ud83d\u0061"}"#, #"{"path":"\x"}"#, #"{"path":"\u12"}"#,
        #"{"path":"\u+123"}"#, #"{"path":nul}"#, #"{"path":12345678901234567890}"#, #"{"path":-}"#,
        #"{"path":true}"#, #"{"acl":["a" "b"]}"#, #"{"path" "/a"}"#, #"{,}"#, #"{"path":"/a"} x"#,
        #"{"acl":[1]}"#, #"{"path":"#, #"{"path""#, #"{"path":"/a"#, "{\"path\":\"\t\"}",
    ]) func `what is no JSON is refused, whatever it is`(line: String) {
        #expect(throws: LineFault.self) { try PortableZNode(line: Array(line.utf8)) }
    }

    @Test func `no prefix and no changed byte of a line traps`() {
        var whole: [UInt8] = []
        let data = Array("\u{1}\"é".utf8)
        PortableZNode(path: "/a", kind: .ttl(milliseconds: 5), data: data, acl: ACL.readUnsafe)
            .appendLine(to: &whole)
        whole.removeLast()
        for count in whole.indices {
            #expect(throws: LineFault.self) { try PortableZNode(line: Array(whole[..<count])) }
        }
        for index in whole.indices {
            for byte in [0, 0x22, 0x5c, 0x7b, 0x80, 0xff] as [UInt8] {
                var changed = whole
                changed[index] = byte
                // Either is fine, as long as it is one of the two.
                _ = Result { try PortableZNode(line: changed) }
            }
        }
    }

    @Test func `owners that are none tell containers and TTLs`() {
        #expect(PortableZNode.Kind(ephemeralOwner: 0) == .persistent)
        #expect(PortableZNode.Kind(ephemeralOwner: .min) == .container)
        let ttl = Int64(bitPattern: 0xff00_0000_0000_1388)
        #expect(PortableZNode.Kind(ephemeralOwner: ttl) == .ttl(milliseconds: 5_000))
        #expect(PortableZNode.Kind(ephemeralOwner: 0x100_0000_0000_0001) == nil)
        #expect(PortableZNode.Kind(ephemeralOwner: Int64(bitPattern: 0xff01_2345_0000_0000)) == nil)
    }
}
