import Registrations
import Testing

@Suite struct DubboURLTests {
    /// The sheet's vectors: decoded text, then its Java encoding.
    static let vectors = [
        (
            "dubbo://[2001:db8::10]:20880/com.foo.BarService?application=bar&dynamic=true"
                + "&interface=com.foo.BarService&methods=hello,bye&side=provider"
                + "&timestamp=1722955607339",
            "dubbo%3A%2F%2F%5B2001%3Adb8%3A%3A10%5D%3A20880%2Fcom.foo.BarService%3Fapplication"
                + "%3Dbar%26dynamic%3Dtrue%26interface%3Dcom.foo.BarService%26methods%3Dhello"
                + "%2Cbye%26side%3Dprovider%26timestamp%3D1722955607339"
        ),
        (
            "tri://10.0.0.7:50051/com.foo.BarService?group=g1&interface=com.foo.BarService"
                + "&methods=*&version=1.0.0",
            "tri%3A%2F%2F10.0.0.7%3A50051%2Fcom.foo.BarService%3Fgroup%3Dg1%26interface%3D"
                + "com.foo.BarService%26methods%3D*%26version%3D1.0.0"
        ),
        (
            "override://0.0.0.0/com.foo.BarService?category=configurators&dynamic=false"
                + "&mock=force:return null",
            "override%3A%2F%2F0.0.0.0%2Fcom.foo.BarService%3Fcategory%3Dconfigurators%26dynamic"
                + "%3Dfalse%26mock%3Dforce%3Areturn+null"
        ),
        ("dubbo://127.0.0.1?test=中文", "dubbo%3A%2F%2F127.0.0.1%3Ftest%3D%E4%B8%AD%E6%96%87"),
    ]

    @Test(arguments: vectors)
    func `a name decodes to its URL and encodes as Java does`(text: String, name: String) throws {
        let url = try DubboURL(childName: name)
        #expect(url.text == text)
        #expect(url.childName == name)
        #expect(try DubboURL(text: text) == url)
    }

    @Test func `the spellings of Go and Python mean the same`() throws {
        let java = try DubboURL(childName: Self.vectors[1].1)
        let goName = Self.vectors[1].1.replacing("methods%3D*", with: "methods%3D%2A")
        #expect(try DubboURL(childName: goName) == java)
        let override = try DubboURL(childName: Self.vectors[2].1)
        let python = Self.vectors[2].1.replacing("return+null", with: "return%20null")
        #expect(try DubboURL(childName: python) == override)
        let lower = Self.vectors[0].1.replacing("%3A", with: "%3a").replacing("%2F", with: "%2f")
        #expect(try DubboURL(childName: lower) == DubboURL(childName: Self.vectors[0].1))
    }

    @Test(arguments: [
        ("a%252Cb", "a,b"), ("%25E4%25B8%25AD", "中"), ("a%252Cb%2Bc", "a,b c"),
        ("100%25", "100%"), ("a%2C%2541", "a,%41"), ("a%2Bb", "a+b"), ("%25zz", "%zz"),
    ])
    func `a value that was encoded twice is decoded twice`(encoded: String, value: String) throws {
        let url = try DubboURL(childName: "dubbo%3A%2F%2F10.0.0.1%3A1%2Fa%3Fx%3D\(encoded)")
        #expect(url.parameters["x"] == value)
    }

    @Test(arguments: [
        "dubbo%3a%2f%2f192.168.1.41%3fabc%3", "dubbo%3A%2F%2F10.0.0.1%", "dubbo%3A%2F%2F%ZZ",
        "dubbo%3A%2F%2F1%3Fx%3D%+1", "dubbo%3A%2F%2F10.0.0.1%2Fa%3Fx%3D%FF", "%",
    ])
    func `a bad escape is an error`(name: String) {
        let error = #expect(throws: RegistrationError.self) { try DubboURL(childName: name) }
        #expect(error?.code == .badEscape)
    }

    @Test func `an error names the escape and its place`() {
        let error = #expect(throws: RegistrationError.self) {
            try DubboURL(childName: "dubbo%3a%2f%2f192.168.1.41%3fabc%3")
        }
        #expect(error?.offender == "%3")
        #expect(error?.reason == "escape is cut short at byte 32")
    }

    @Test(arguments: ["", "hello", "://10.0.0.1", "10.0.0.1:20880", "dubbo:/10.0.0.1", "?a=://"])
    func `a text without a protocol is no URL`(text: String) {
        let error = #expect(throws: RegistrationError.self) { try DubboURL(text: text) }
        #expect(error?.code == .badURL)
    }

    @Test(arguments: [
        ("dubbo://10.0.0.1:20880/p", "10.0.0.1", 20880), ("dubbo://10.0.0.1/p", "10.0.0.1", 0),
        ("dubbo://10.0.0.1:/p", "10.0.0.1", 0), ("dubbo://:20880/p", "", 20880),
        (
            "dubbo://[fe80:0:0:0:894:aeec:f37d:23e1]:20880/path?abc=abc",
            "[fe80:0:0:0:894:aeec:f37d:23e1]", 20880
        ),
        (
            "dubbo://fe80:0:0:0:894:aeec:f37d:23e1%en0/path?abc=abc",
            "fe80:0:0:0:894:aeec:f37d:23e1%en0", 0
        ),
        ("dubbo://[fe80::1%eth0]:20880/p", "[fe80::1%eth0]", 20880),
        ("dubbo://[2001:db8::1]/p", "[2001:db8::1]", 0), ("dubbo://host:99999/p", "host", 99999),
        ("dubbo://u:p@h@10.0.0.1:1/p@q", "10.0.0.1", 1),
    ])
    func `host and port`(text: String, host: String, port: Int) throws {
        let url = try DubboURL(text: text)
        #expect(url.host == host)
        #expect(url.port == port)
    }

    @Test(arguments: ["x", "1x", "-1", "+1", "99999999999999999999", "1 "])
    func `a port that is no number is an error`(port: String) {
        let error = #expect(throws: RegistrationError.self) {
            try DubboURL(text: "dubbo://10.0.0.1:\(port)/p")
        }
        #expect(error?.code == .badPort)
        #expect(error?.offender == port)
    }

    @Test func `user information ends at the last at sign`() throws {
        let url = try DubboURL(text: "dubbo://user:p@ss@10.0.0.1:20880/p?x=a@b")
        #expect(url.user == "user")
        #expect(url.password == "p@ss")
        #expect(url.parameters == ["x": "a@b"])
        #expect(url.text == "dubbo://user:p@ss@10.0.0.1:20880/p?x=a@b")
        #expect(try DubboURL(text: "dubbo://u@10.0.0.1/p").user == "u")
    }

    @Test func `semicolons part parameters and default keys fill gaps`() throws {
        let url = try DubboURL(
            text: "dubbo://10.0.0.1:1/p?a=1;b=2&c&d=&default.e=5&default.a=9&=x&f=g=h"
        )
        #expect(
            url.parameters == [
                "a": "1", "b": "2", "c": "", "d": "", "e": "5", "default.e": "5", "default.a": "9",
                "": "x", "f": "g=h",
            ]
        )
    }

    @Test func `a hash ends the address part`() throws {
        let url = try DubboURL(text: "dubbo://10.0.0.1:1/path#fragment?x=1")
        #expect(url.path == "path")
        #expect(url.parameters == ["x": "1"])
    }

    @Test func `values are trimmed and sorted in the rendered text`() {
        let url = DubboURL(
            scheme: "dubbo",
            host: "10.0.0.1",
            path: "p",
            parameters: ["b": " 1 ", "a": "", "B": "\n"]
        )
        #expect(url.text == "dubbo://10.0.0.1/p?B=&a=&b=1")
    }

    @Test func `the service key has group and version only when there are any`() throws {
        #expect(try DubboURL(text: "dubbo://h/a.B").serviceKey == "a.B")
        let full = try DubboURL(text: "dubbo://h/ctx/a.B?interface=a.B&group=g&version=1.0")
        #expect(full.serviceKey == "g/a.B:1.0")
        #expect(try DubboURL(text: "dubbo://h/a.B?group=&version=2").serviceKey == "a.B:2")
    }

    @Test func `an over-long name and too many parameters are refused`() {
        let long = "dubbo://10.0.0.1/" + String(repeating: "x", count: 40_000)
        let error = #expect(throws: RegistrationError.self) { try DubboURL(childName: long) }
        #expect(error?.code == .badURL)
        #expect(error?.offender.count == 123)
        let many = "dubbo://10.0.0.1/p?" + String(repeating: "x&", count: 2_000)
        #expect(throws: RegistrationError.self) { try DubboURL(text: many) }
    }

    @Test(arguments: [
        (" ", "+"), ("*", "*"), ("~", "%7E"), ("-_.", "-_."), ("$", "%24"), ("+", "%2B"),
        ("com.foo.Outer$Inner", "com.foo.Outer%24Inner"), ("é", "%C3%A9"), ("\u{0}", "%00"),
    ])
    func `encoding follows Java`(text: String, encoded: String) throws {
        #expect(PercentCoding.encode(text) == encoded)
        #expect(try PercentCoding.decode(encoded) == text)
    }
}
