import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct ACLTextTests {
    @Test(arguments: [
        (ACL.openUnsafe, "world:anyone:cdrwa"), (ACL.readUnsafe, "world:anyone:r"),
        (
            [ACL(.all, scheme: "digest", id: "a:b="), ACL(.write, scheme: "ip", id: "10.0.0.0/8")],
            "digest:a:b=:cdrwa,ip:10.0.0.0/8:w"
        ),
        ([ACL(.read, scheme: "digest", id: "a,b:%41:c")], "digest:a%2cb:%2541:c:r"),
        ([ACL(.read, scheme: "x:y,%", id: "")], "x%3ay%2c%25::r"),
        ([ACL([], scheme: "ip", id: "::1")], "ip:::1:0"),
        ([ACL(.init(rawValue: 65), scheme: "a", id: "b")], "a:b:65"),
        ([ACL(.init(rawValue: -1), scheme: "a", id: "\u{fc}\n")], "a:\u{fc}\n:-1"),
    ])
    func `a list is text that reads back exactly`(acl: [ACL], text: String) {
        #expect(ACLText.text(of: acl) == text)
        #expect(ACLText.acl(of: text) == acl)
    }

    @Test(arguments: [
        "", "world", "world:anyone", "world:anyone:", "world:anyone:x", "world:anyone:r,",
        "a:%4:r", "a:%zz:r", "a:%ff:r", "a:b:99999999999",
    ])
    func `what is no list is refused`(text: String) {
        #expect(ACLText.acl(of: text) == nil)
    }

    @Test func `random lists read back exactly`() {
        var random = Seed.generator(5)
        let pieces = ["a", ":", ",", "%", "%2c", "\u{e9}", "e\u{301}", " ", "\n", ""]
        for _ in 0..<500 {
            let acl = (1...3).map { _ in
                let texts = (0..<2).map { _ in
                    (0..<4).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
                }
                let bits = Int32.random(in: -2...40, using: &random)
                return ACL(.init(rawValue: bits), scheme: texts[0], id: texts[1])
            }
            let read = ACLText.acl(of: ACLText.text(of: acl)) ?? []
            #expect(read == acl)
            #expect(read.map { Array($0.id.utf8) } == acl.map { Array($0.id.utf8) })
        }
    }
}
