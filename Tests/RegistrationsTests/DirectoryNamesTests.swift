import Registrations
import ServiceModel
import Testing

@Suite struct DirectoryNamesTests {
    @Test(arguments: [
        ("com.foo.BarService", "com.foo.BarService"),
        ("com.foo.Outer%24Inner", "com.foo.Outer$Inner"),
        ("plain", "plain"), ("a+b", "a b"),
    ])
    func `a child of the root is a service`(child: String, name: String) throws {
        #expect(try DubboTree.service(fromChild: child) == ServiceName(.dubbo, name))
    }

    @Test(arguments: ["config", "metadata", "mapping"])
    func `Dubbo's own directories are none`(child: String) throws {
        #expect(try DubboTree.service(fromChild: child) == nil)
    }

    @Test(arguments: ["", "a%2", "%zz", "%ff"])
    func `a name that is no interface is an error`(child: String) {
        #expect(throws: RegistrationError.self) { try DubboTree.service(fromChild: child) }
    }

    @Test(arguments: [
        ("/dubbo", "a.B", "/dubbo/a.B/providers"), ("/", "a.B$C", "/a.B%24C/providers"),
        ("/prod/dubbo", "a.B", "/prod/dubbo/a.B/providers"),
    ])
    func `the providers of a service have a path`(root: String, service: String, path: String) {
        #expect(DubboTree.providersPath(of: service, root: root) == path)
    }

    @Test(arguments: [
        "server.app1.company1.com", "SERVER.app1.Company1.COM", "server.app1.company1.com.",
    ])
    func `a domain is folded to lower case without its dot`(child: String) throws {
        let service = try DomainService.service(fromChild: child)
        #expect(service == ServiceName(.domain, "server.app1.company1.com"))
    }

    @Test(arguments: [
        ("", "domain has an empty label"), ("a..b", "domain has an empty label"),
        (".", "domain has an empty label"), ("a b.com", "label is not letters, digits, - and _"),
        ("é.com", "label is not letters, digits, - and _"),
        (String(repeating: "a", count: 64) + ".com", "label of 64 bytes, DNS allows 63"),
        (String(repeating: "a.", count: 150) + "c", "domain of 301 bytes, DNS allows 253"),
    ])
    func `a domain that DNS cannot carry is an error`(child: String, reason: String) {
        let error = #expect(throws: RegistrationError.self) {
            try DomainService.service(fromChild: child)
        }
        #expect(error?.reason == reason)
    }
}
