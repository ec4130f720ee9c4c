import Registrations
import ServiceModel
import Testing

@Suite struct DDNSListTests {
    @Test(arguments: [
        "10.0.0.1:80,10.0.0.2:81", "10.0.0.1:80 10.0.0.2:81", "10.0.0.1:80\n10.0.0.2:81\n",
        "10.0.0.1:80\r\n\r\n10.0.0.2:81", " ,10.0.0.1:80,, \t10.0.0.2:81 ,",
        "10.0.0.1:80,10.0.0.2:81,10.0.0.1:80",
    ])
    func `blanks, commas and line ends part the entries`(text: String) {
        let (endpoints, bad) = DDNSList.parse(text.utf8)
        #expect(endpoints.map(\.description) == ["10.0.0.1:80", "10.0.0.2:81"])
        #expect(bad.isEmpty)
    }

    @Test func `ports are optional and IPv6 has brackets before one`() {
        let (endpoints, bad) = DDNSList.parse("10.0.0.1 2001:db8::1 [2001:db8::2]:53".utf8)
        #expect(endpoints.map(\.port) == [0, 0, 53])
        #expect(DDNSList.render(endpoints) == "10.0.0.1\n2001:db8::1\n[2001:db8::2]:53")
        #expect(bad.isEmpty)
    }

    @Test func `bad entries are reported and the rest kept`() {
        let text = "10.0.0.1:80 nonsense 10.0.0.2:99999 0.0.0.0:1 10.0.0.3:0 host:80 10.0.0.4"
        let (endpoints, bad) = DDNSList.parse(text.utf8)
        #expect(endpoints.map(\.description) == ["10.0.0.1:80", "10.0.0.4"])
        #expect(
            bad.map(\.offender)
                == ["nonsense", "10.0.0.2:99999", "0.0.0.0:1", "10.0.0.3:0", "host:80"]
        )
        #expect(bad.map(\.reason)[2] == "address names no host")
    }

    @Test func `bytes that are not UTF-8 are one bad entry`() {
        let (endpoints, bad) = DDNSList.parse([0xff, 0xfe, 0x20] + Array("10.0.0.1".utf8))
        #expect(endpoints.count == 1)
        #expect(bad.count == 1)
    }

    @Test func `no data is an empty list`() {
        let (endpoints, bad) = DDNSList.parse([])
        #expect(endpoints.isEmpty)
        #expect(bad.isEmpty)
    }
}
