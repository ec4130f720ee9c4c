import ServiceModel
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("[2001:DB8::10]", "2001:db8::10"),
        ("fe80:0:0:0:894:aeec:f37d:23e1%en0", "fe80::894:aeec:f37d:23e1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"),
    ])
    func `text is read and printed canonically`(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.-4", "+1.2.3.4", "a.b.c.d",
        ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1.2.3",
        "localhost", "[::1", "1:2:3:4:5:6:7:8::", "٣.1.1.1",
    ])
    func `anything else is not an address`(text: String) { #expect(IPAddress(text) == nil) }

    @Test(arguments: [
        ("10.0.0.1:80", "10.0.0.1:80"), ("[::1]:53", "[::1]:53"), ("10.0.0.1", "10.0.0.1"),
        ("::1", "::1"),
    ])
    func `endpoints are read and printed`(text: String, canonical: String) {
        #expect(Endpoint(text)?.description == canonical)
    }

    @Test(arguments: ["10.0.0.1:", "10.0.0.1:0", "10.0.0.1:99999", "host:80", "[::1]:x", ":80"])
    func `a bad port or host is no endpoint`(text: String) { #expect(Endpoint(text) == nil) }

    @Test func `loopback and unspecified are recognised in every form`() throws {
        for text in ["127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"] {
            #expect(try #require(IPAddress(text)).isLoopback)
        }
        for text in ["128.0.0.1", "::2", "10.0.0.1", "::ffff:10.0.0.1"] {
            #expect(try !#require(IPAddress(text)).isLoopback)
        }
        #expect(IPAddress("0.0.0.0")?.isUnspecified == true)
        #expect(IPAddress("::")?.isUnspecified == true)
    }
}
