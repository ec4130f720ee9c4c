import Runtime
import TestSupport
import Testing
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// Every answer here was seen on ZooKeeper 3.8.0, with the same bytes.
@Suite struct AuthTests {
    private let superDigest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="

    private func auth(_ scheme: String, _ credential: [UInt8]?) -> Request {
        .auth(AuthPacket(type: 0, scheme: scheme, credential: credential))
    }
    private func digest(_ text: String) -> Request { auth("digest", Array(text.utf8)) }

    private func identities(_ id: ConnectionID, _ bench: ServerBench) -> [String] {
        guard case .identities(let list) = bench.ask(.whoAmI, on: id)?.response(.whoAmI) else {
            return []
        }
        return list.map { "\($0.scheme) \($0.user)" }
    }

    /// Malformed UTF-8 counts as Java reads it: one U+FFFD for what could have begun a character.
    @Test(
        arguments: [
            (Array("u:p".utf8), "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ="),
            (Array("user:password".utf8), "user:tpUq/4Pn5A64fVZyQ0gOJ8ZWqkY="),
            (Array("user".utf8), "user:Et6pb+wgWTVmq3VpLJlJWWgzrck="),
            ([], ":2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
            (Array(":".utf8), ":BaefBs8/Z/cm2uaNGKIpD2yaUMk="),
            (Array(":p".utf8), ":LlDE5iroUDDm9zdvmLsfjkUvn0k="),
            (Array("a:b:c".utf8), "a:cLzgnoJ6mP5qz3w+mwvPE2vDgu0="),
            (Array("\u{fc}:\u{e9}".utf8), "\u{fc}:bWpS2Ha8OYJqPRUYT4h1iRa2nIY="),
            (Array("u\0v:p".utf8), "u\0v:AOxaZLXvjNyfB6+J78dKUZ6pSQ4="),
            (Array("u\r\n:p".utf8), "u\r\n:SgJer8trJTPH+9mx3V7TbbRics8="),
            ([0x75, 0xff, 0xfe, 0x3a, 0x70], "u\u{fffd}\u{fffd}:52Qr/5zsfZhqjYWx6v/fIIX3NMQ="),
            ([0x75, 0xe2, 0x82, 0x3a, 0x70], "u\u{fffd}:l7saPZ96spda1FgIteNEJCwhLXM="),
            ([0xed, 0xa0, 0x80, 0x3a, 0x70], "\u{fffd}:CF2aQmKhCpl6NRwvXg6ky6/tkEA="),
            ([0xf0, 0x9f, 0x98, 0x3a, 0x70], "\u{fffd}:CF2aQmKhCpl6NRwvXg6ky6/tkEA="),
            ([0xc0, 0x80, 0x3a, 0x70], "\u{fffd}\u{fffd}:CHAajMjCV+FUX0fRvRN/qglqzJ0="),
            (
                [0xf5, 0x80, 0x80, 0x80, 0x3a, 0x70],
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}:E2CvrDlcxyI8C77ZX7av3GMeWB0="
            ),
        ] as [([UInt8], String)]
    )
    func `a digest is of all bytes as Java reads them`(bytes: [UInt8], identity: String) {
        #expect(DigestCredential(bytes).identity == identity)
        #expect(DigestCredential.isIdentity(identity))
    }

    /// Among them `super:test2`, which ZooKeeper's own AuthTest tries.
    @Test func `no other password makes a superuser`() {
        let bench = ServerBench(superDigest: superDigest)
        for number in 0..<200 {
            let id = bench.client()
            _ = bench.ask(digest("super:test\(number)"), on: id)
            #expect(identities(id, bench) == ["ip 127.0.0.1", "digest super"], "test\(number)")
            bench.hangUp(id)
        }
    }

    @Test func `text is compared to its last bit`() {
        let right = Array(superDigest.utf8)
        #expect(DigestCredential.isEqual(superDigest, superDigest))
        for index in right.indices {
            for bit in 0..<7 {
                var wrong = right
                wrong[index] ^= 1 << UInt8(bit)
                let text = String(decoding: wrong, as: UTF8.self)
                #expect(!DigestCredential.isEqual(text, superDigest), "\(text)")
            }
        }
    }

    @Test(arguments: [
        "", "u", "u:", "u:p", "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ", "=:é7wMyA/w2Vd5WIDAKdu4OIIFEQ=",
    ])
    func `other text is no digest`(text: String) {
        #expect(!DigestCredential.isIdentity(text))
        let configuration = RegistryConfiguration(superDigest: text)
        let error = #expect(throws: RegistryError.self) { try configuration.check() }
        #expect(error?.code == .badConfiguration)
    }

    // A1.20
    @Test func `a node of its creator opens to the digest, on another connection too`() {
        let bench = ServerBench()
        let (owner, other) = (bench.client(), bench.client())
        #expect(bench.ask(digest("u:p"), on: owner)?.error == .ok)
        let acl = [ACL(.all, scheme: "auth", id: "")]
        let create = CreateRequest(path: "/c", data: [1], acl: acl, mode: .persistent)
        #expect(bench.ask(.create(create), on: owner)?.error == .ok)
        let get = Request.getData(GetDataRequest(path: "/c", watch: false))
        #expect(bench.ask(get, on: owner)?.error == .ok)
        #expect(bench.ask(get, on: other)?.error == .noAuth)
        #expect(bench.ask(digest("u:q"), on: other)?.error == .ok)
        #expect(bench.ask(get, on: other)?.error == .noAuth)
        #expect(bench.ask(digest("u:p"), on: other)?.error == .ok)
        #expect(bench.ask(get, on: other)?.error == .ok)
        #expect(identities(other, bench) == ["ip 127.0.0.1", "digest u", "digest u"])
    }

    @Test func `the superuser passes every check, and owns nothing by that`() {
        let bench = ServerBench(superDigest: superDigest)
        let (owner, root) = (bench.client(), bench.client())
        bench.request(digest("u:p"), on: owner)
        let acl = [ACL(.all, scheme: "auth", id: "")]
        func create(_ path: String) -> Request {
            .create(CreateRequest(path: path, data: [], acl: acl, mode: .persistent))
        }
        bench.request(create("/c"), on: owner)
        let get = Request.getData(GetDataRequest(path: "/c", watch: false))
        bench.request(digest("super:tost"), on: root)
        _ = bench.take(root)
        #expect(bench.ask(get, on: root)?.error == .noAuth)
        #expect(bench.ask(digest("super:test"), on: root)?.error == .ok)
        #expect(bench.ask(get, on: root)?.error == .ok)
        let all = ["ip 127.0.0.1", "digest super", "super ", "digest super"]
        #expect(identities(root, bench) == all)
        // The stored list has the two digests, not the superuser.
        #expect(bench.ask(create("/d"), on: root)?.error == .ok)
        let getACL = Request.getACL(GetACLRequest(path: "/d"))
        guard case .acl(let stored) = bench.ask(getACL, on: root)?.response(.getACL) else {
            Issue.record("no access list")
            return
        }
        #expect(stored.acl.map(\.scheme) == ["digest", "digest"])
        #expect(stored.acl.last?.id == superDigest)
    }

    @Test func `without a superuser's digest nobody is one`() {
        let bench = ServerBench()
        let id = bench.client()
        bench.request(digest("super:test"), on: id)
        _ = bench.take(id)
        #expect(identities(id, bench) == ["ip 127.0.0.1", "digest super"])
    }

    @Test func `the same credential counts once, and any type and xid will do`() {
        let bench = ServerBench()
        let id = bench.client()
        for _ in 0..<3 { bench.request(digest("u:p"), on: id) }
        let odd = AuthPacket(type: 7, scheme: "digest", credential: Array("v:p".utf8))
        bench.request(.auth(odd), on: id)
        #expect(bench.take(id).map(\.zxid) == [0, 0, 0, 0])
        #expect(identities(id, bench) == ["ip 127.0.0.1", "digest u", "digest v"])
    }

    @Test(arguments: ["world", "auth", "super", "sasl", "x509", "nope", "", "Digest"])
    func `a scheme without a provider is refused, and the connection ends`(scheme: String) {
        let bench = ServerBench()
        let id = bench.client()
        bench.send(
            ServerBench.frame(auth(scheme, Array("anyone".utf8))) + ServerBench.frame(.whoAmI),
            on: id
        )
        let replies = bench.take(id)
        #expect(replies.map(\.error) == [.authFailed])
        #expect(replies.map(\.zxid) == [0])
        #expect(bench.ended == [id])
        #expect(bench.reasons[id]?.text == "no auth of the scheme '\(scheme)'")
        #expect(bench.sessionCount == 1)
    }

    @Test func `a null scheme is refused like an unknown one`() {
        let bench = ServerBench()
        let id = bench.client()
        // Length, xid -4, operation 100, type, scheme, credential.
        var writer = ByteWriter()
        for word in [20, -4, 100, 0, -1, -1] as [Int32] { writer.writeInt32(word) }
        bench.send(writer.bytes, on: id)
        #expect(bench.take(id).map(\.error) == [.authFailed])
        #expect(bench.ended == [id])
    }

    @Test func `the scheme ip adds nothing, with any credential`() {
        let bench = ServerBench()
        let id = bench.client()
        #expect(bench.ask(auth("ip", nil), on: id)?.error == .ok)
        #expect(bench.ask(auth("ip", [1, 2]), on: id)?.error == .ok)
        #expect(identities(id, bench) == ["ip 127.0.0.1"])
    }

    @Test func `a null digest is refused, half an auth packet ends the connection unanswered`() {
        let bench = ServerBench()
        let (id, short) = (bench.client(), bench.client())
        #expect(bench.ask(auth("digest", nil), on: id)?.error == .authFailed)
        #expect(bench.ended == [id])
        var bytes = Array(ServerBench.frame(digest("u:p")).dropLast(7))
        bytes[3] -= 7
        bench.send(bytes, on: short)
        #expect(bench.take(short).isEmpty)
        #expect(bench.ended == [id, short])
    }

    @Test func `auth packets are answered in order`() {
        let bench = ServerBench(durability: .external)
        let id = bench.connect().id
        bench.becomeDurable(upTo: 1)
        _ = bench.takeFrames(id)
        bench.send(
            ServerBench.frame(bench.create("/a"), xid: 1) + ServerBench.frame(digest("u:p"))
                + ServerBench.frame(.whoAmI, xid: 2),
            on: id
        )
        #expect(bench.take(id).isEmpty)
        bench.becomeDurable(upTo: 2)
        #expect(bench.take(id).map(\.xid) == [1, XID.auth, 2])
    }

    @Test(arguments: [(1, 200), (4_000, 20)])
    func `identities are bounded by number and by bytes`(length: Int, tries: Int) {
        let bench = ServerBench()
        let id = bench.client()
        let user = String(repeating: "u", count: length)
        for number in 0..<tries { bench.request(digest("\(user)\(number):p"), on: id) }
        let errors = bench.take(id).map(\.error)
        #expect(errors.last == .authFailed)
        #expect(errors.count < tries)
        #expect(bench.ended == [id])
        #expect(bench.reasons[id]?.text.contains("identities") == true)
    }

    @Test func `a token of SASL is answered with none, a null one ends the connection`() {
        let bench = ServerBench()
        let id = bench.client()
        for token in [[0, 0, 0, 0], [0, 0, 0, 2, 7, 7]] as [[UInt8]] {
            let frame = [0, 0, 0, 5, 0, 0, 0, 102] + token
            bench.send([0, 0, 0, UInt8(frame.count)] + frame, on: id)
            let reply = bench.take(id).first
            #expect(reply?.xid == 5 && reply?.zxid == 0 && reply?.error == .ok)
            #expect(reply?.body == [0xff, 0xff, 0xff, 0xff])
        }
        #expect(bench.ask(.ping, on: id)?.error == .ok)
        bench.send([0, 0, 0, 12, 0, 0, 0, 5, 0, 0, 0, 102, 0xff, 0xff, 0xff, 0xff], on: id)
        #expect(bench.take(id).isEmpty)
        #expect(bench.ended == [id])
    }

    @Test func `text from outside is fit for the log`() {
        #expect(LogText.quoted("a\nb'\u{85}") == "'a?b??'")
        let long = LogText.quoted(String(repeating: "x", count: 1_000))
        #expect(long == "'" + String(repeating: "x", count: Limits.loggedCharactersMax) + "...'")
    }
}
