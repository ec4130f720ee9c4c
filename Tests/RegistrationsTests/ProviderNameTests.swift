import Registrations
import ServiceModel
import TestSupport
import Testing

@Suite struct ProviderNameTests {
    private let since = UnixTime(milliseconds: 1_000)

    private func parse(
        _ name: String,
        service: String = "a.B"
    ) throws(RegistrationError) -> Instance {
        let service = ServiceName(.dubbo, service)
        let origin = Instance.Origin(path: "/dubbo/x", czxid: 7, mzxid: 7, session: 9)
        return try ProviderName.parse(name, service: service, origin: origin, since: since)
    }

    private func parse(text: String, service: String = "a.B") throws(RegistrationError) -> Instance
    {
        try parse(PercentCoding.encode(text), service: service)
    }

    @Test func `a Java 2_6 provider reads as an instance`() throws {
        let name =
            "dubbo%3A%2F%2F172.16.42.209%3A20880%2Fcom.ran.demo.dubboproducer.UserService%3F"
            + "anyhost%3Dtrue%26application%3DdemoDubboProducer%26dubbo%3D2.6.2%26generic%3Dfalse"
            + "%26interface%3Dcom.ran.demo.dubboproducer.UserService%26methods%3DgetUserById"
            + "%2CgetUserByUser%26pid%3D36555%26side%3Dprovider%26timestamp%3D1567762004927"
        let service = "com.ran.demo.dubboproducer.UserService"
        let instance = try parse(name, service: service)
        let endpoint = try #require(Endpoint("172.16.42.209:20880"))
        #expect(
            instance
                == Instance(
                    id: InstanceID(
                        service: ServiceName(.dubbo, service),
                        scheme: "dubbo",
                        endpoint: endpoint
                    ),
                    application: "demoDubboProducer",
                    startedAt: UnixTime(milliseconds: 1_567_762_004_927),
                    state: State(.up, since: since, why: "registered"),
                    parameters: [
                        "anyhost": "true", "dubbo": "2.6.2", "generic": "false", "pid": "36555",
                        "methods": "getUserById,getUserByUser", "side": "provider",
                    ],
                    origin: Instance.Origin(path: "/dubbo/x", czxid: 7, mzxid: 7, session: 9)
                )
        )
    }

    @Test func `a Java 3 provider brings its IPv6 address as a parameter`() throws {
        let name =
            "dubbo%3A%2F%2F172.20.10.6%3A20880%2Fcom.bhuang.api.SimpleService%3Fanyhost%3Dtrue"
            + "%26application%3DBhuang-Dubbo-Provider%26background%3Dfalse%26deprecated%3Dfalse"
            + "%26dubbo%3D2.0.2%26dynamic%3Dtrue%26executor-management-mode%3Ddefault%26"
            + "file.cache%3Dtrue%26generic%3Dfalse%26interface%3Dcom.bhuang.api.SimpleService%26"
            + "ipv6%3D2409%3A895a%3A327c%3Aeaab%3A24c2%3A8407%3A22d4%3A50c3%26methods%3DsayHello"
            + "%26pid%3D24580%26prefer.serialization%3Dfastjson2%2Chessian2%26release%3D"
            + "3.2.0-beta.4%26service-name-mapping%3Dtrue%26side%3Dprovider%26timestamp%3D"
            + "1722955607339"
        let instance = try parse(name, service: "com.bhuang.api.SimpleService")
        #expect(instance.alternateAddress == IPAddress("2409:895a:327c:eaab:24c2:8407:22d4:50c3"))
        #expect(instance.id.endpoint == Endpoint("172.20.10.6:20880"))
        #expect(instance.parameters["prefer.serialization"] == "fastjson2,hessian2")
        #expect(instance.parameters["ipv6"] == nil)
    }

    @Test(arguments: [
        (
            "tri%3A%2F%2F10.224.1.29%3A50052%2Forg.apache.dubbo.springboot.demo.DemoService%3F"
                + "application%3Ddubbo-springboot-demo-provider%26deprecated%3Dfalse%26dubbo%3D"
                + "2.0.2%26dynamic%3Dtrue%26generic%3Dfalse%26interface%3D"
                + "org.apache.dubbo.springboot.demo.DemoService%26methods%3DsayHello%26"
                + "prefer.serialization%3Dfastjson2%2Chessian2%26release%3D3.3.0-beta.1%26"
                + "service-name-mapping%3Dtrue%26side%3Dprovider%26timestamp%3D1706775452118",
            "org.apache.dubbo.springboot.demo.DemoService", "tri", "10.224.1.29:50052"
        ),
        (
            "tri%3A%2F%2F192.168.0.107%3A20000%2Forg.apache.dubbogo.samples.api.Greeter%3F"
                + "anyhost%3Dtrue%26app.version%3D3.0.0%26application%3Ddubbo.io%26bean.name%3D"
                + "GreeterProvider%26cluster%3Dfailover%26environment%3Ddev%26export%3Dtrue%26"
                + "interface%3Dorg.apache.dubbogo.samples.api.Greeter%26ip%3D192.168.0.107%26"
                + "loadbalance%3Drandom%26registry.role%3D3%26release%3Ddubbo-golang-3.0.0",
            "org.apache.dubbogo.samples.api.Greeter", "tri", "192.168.0.107:20000"
        ),
        (
            "dubbo%3A%2F%2F172.19.4.113%3A20880%2Forg.apache.dubbo.demo.DemoService%3Fside"
                + "%3Dprovider%26timeout%3D3000",
            "org.apache.dubbo.demo.DemoService", "dubbo", "172.19.4.113:20880"
        ),
        (DubboURLTests.vectors[0].1, "com.foo.BarService", "dubbo", "[2001:db8::10]:20880"),
        (DubboURLTests.vectors[1].1, "com.foo.BarService", "tri", "10.0.0.7:50051"),
        (
            "dubbo%3A%2F%2Ffe80%3A0%3A0%3A0%3A894%3Aaeec%3Af37d%3A23e1%253%3A20880%2Fp",
            "p", "dubbo", "[fe80::894:aeec:f37d:23e1]:20880"
        ),
    ])
    func `real names of other versions and languages`(
        name: String,
        service: String,
        scheme: String,
        endpoint: String
    ) throws {
        let instance = try parse(name, service: service)
        #expect(instance.id.scheme == scheme)
        #expect(instance.id.endpoint == Endpoint(endpoint))
        #expect(instance.state.isServing)
    }

    @Test func `group, version and tag are part of the identity`() throws {
        let id = try parse(
            text: "dubbo://10.0.0.1:1/a.B?group=g&version=1.0.0&dubbo.tag=gray&weight=200"
        ).id
        #expect(id.group == "g")
        #expect(id.version == "1.0.0")
        #expect(id.tag == "gray")
    }

    @Test(arguments: [
        ("not a url", RegistrationError.Code.badURL, "not a url"),
        ("dubbo://10.0.0.1:99999/a.B", .badPort, "99999"),
        ("dubbo://10.0.0.1:0/a.B", .badPort, "0"), ("dubbo://10.0.0.1/a.B", .badPort, "0"),
        ("dubbo://10.0.0.1:x/a.B", .badPort, "x"),
        ("dubbo://0.0.0.0:20880/a.B", .badHost, "0.0.0.0"),
        ("dubbo://[::]:20880/a.B", .badHost, "[::]"),
        ("dubbo://db1.company1.com:20880/a.B", .badHost, "db1.company1.com"),
        ("dubbo://10.0.0.256:20880/a.B", .badHost, "10.0.0.256"),
        ("dubbo://:20880/a.B", .badHost, "dubbo://:20880/a.B"),
        ("empty://10.0.0.1/a.B?category=providers", .notProvider, "empty://"),
        ("consumer://10.0.0.1/a.B?category=consumers", .notProvider, "consumer://"),
        ("override://0.0.0.0/a.B?category=configurators", .notProvider, "override://"),
        ("dubbo://10.0.0.1:1/a.B?category=routers", .notProvider, "category=routers"),
        ("dubbo://10.0.0.1:1/a.C", .badService, "a.C"),
        ("dubbo://10.0.0.1:1/a.B?interface=a.C", .badService, "a.C"),
    ])
    func `what consumers cannot use is rejected with the offender`(
        text: String,
        code: RegistrationError.Code,
        offender: String
    ) {
        let error = #expect(throws: RegistrationError.self) { try parse(text: text) }
        #expect(error?.code == code)
        #expect(error?.offender == offender)
        #expect(error?.reason.isEmpty == false)
    }

    @Test func `a 300-byte label is rejected and shown cut`() {
        let label = String(repeating: "a", count: 300)
        let error = #expect(throws: RegistrationError.self) {
            try parse(text: "dubbo://\(label):20880/a.B")
        }
        #expect(error?.code == .badHost)
        #expect(error?.offender == String(repeating: "a", count: 120) + "...")
    }

    @Test(arguments: [
        ("dubbo://10.0.0.1:1/ctx/a.B", true), ("dubbo://10.0.0.1:1/ctx/a.B?interface=a.B", true),
        ("dubbo://10.0.0.1:1?side=provider", true), ("dubbo://10.0.0.1:1/xa.B", false),
    ])
    func `the interface may hide behind a context path`(text: String, fits: Bool) {
        #expect(((try? parse(text: text)) != nil) == fits)
    }

    @Test(arguments: [
        ("enabled=false", State.Standing.disabled, "enabled=false in its URL"),
        ("disabled=true", .disabled, "disabled=true in its URL"),
        ("enabled=true", .up, "registered"),
        ("disabled=false&enabled=false", .up, "registered"),
        ("disabled=true&enabled=true", .disabled, "disabled=true in its URL"),
    ])
    func `switches decide the state`(
        query: String,
        standing: State.Standing,
        why: String
    ) throws {
        let state = try parse(text: "dubbo://10.0.0.1:1/a.B?\(query)").state
        #expect(state == State(standing, since: since, why: why))
    }

    @Test(arguments: [
        ("timestamp=1722955607339", 1_722_955_607_339, 600),
        ("timestamp=1722955607", 1_722_955_607_000, 600),
        ("timestamp=99999999999&warmup=60", 99_999_999_999_000, 60),
        ("timestamp=100000000000&warmup=60000", 100_000_000_000, 60),
        ("timestamp=0", nil, 600), ("timestamp=-5", nil, 600), ("timestamp=x&warmup=y", nil, 600),
        ("timestamp=9223372036854775807", nil, 600), ("warmup=-1", nil, 0),
    ])
    func `timestamps come in seconds and in milliseconds`(
        query: String,
        milliseconds: Int64?,
        warmupSeconds: Int64
    ) throws {
        let instance = try parse(text: "dubbo://10.0.0.1:1/a.B?\(query)")
        #expect(instance.startedAt?.milliseconds == milliseconds)
        #expect(instance.warmup == .seconds(warmupSeconds))
    }

    @Test func `a timestamp is dropped by its exact name only`() throws {
        let text = "dubbo://10.0.0.1:1/a.B?remote.timestamp=5&revision=1&timestamp=1722955607339"
        let instance = try parse(text: text)
        #expect(instance.parameters == ["remote.timestamp": "5", "revision": "1"])
    }

    @Test(arguments: [
        ("200", 200), ("0", 0), ("-3", 0), ("88888", 88_888), ("x", 100), ("", 100),
        ("99999999999", Int(Int32.max)), ("99999999999999999999", 100),
    ])
    func `weights`(text: String, weight: Int) throws {
        #expect(try parse(text: "dubbo://10.0.0.1:1/a.B?weight=\(text)").weight == weight)
    }

    @Test(arguments: ["10.0.0.2", "::", "x"])
    func `an ipv6 parameter that is none stays a parameter`(text: String) throws {
        let instance = try parse(text: "dubbo://10.0.0.1:1/a.B?ipv6=\(text)")
        #expect(instance.alternateAddress == nil)
        #expect(instance.parameters["ipv6"] == text)
    }

    @Test func `an instance renders to a name that reads back the same`() throws {
        let text =
            "dubbo://[2001:db8::1]:20880/a.B?application=app&dubbo.tag=t&dynamic=true&group=g"
            + "&interface=a.B&methods=x,y&side=provider&timestamp=1722955607339&version=1.0.0"
            + "&warmup=1000&weight=50"
        let name = PercentCoding.encode(text)
        let instance = try parse(name)
        #expect(try ProviderName.render(instance) == name)
        let second = try parse(text: "tri://10.0.0.1:1/a.B?ipv6=2001:db8::5")
        #expect(
            try DubboURL(childName: ProviderName.render(second)).text
                == "tri://10.0.0.1:1/a.B?dynamic=true&interface=a.B&ipv6=2001:db8::5&side=provider"
        )
    }

    @Test(arguments: [("x", "a&b"), ("x", "a;b"), ("x", " a"), ("a=b", "c"), ("x", "%41")])
    func `a value that would not read back is refused`(key: String, value: String) throws {
        var instance = try parse(text: "dubbo://10.0.0.1:1/a.B")
        instance.parameters[key] = value
        let error = #expect(throws: RegistrationError.self) { try ProviderName.render(instance) }
        #expect(error?.code == .notRenderable)
    }

    @Test func `an instance that nobody could use is not rendered`() throws {
        var instance = try parse(text: "dubbo://10.0.0.1:1/a.B")
        instance.id.endpoint.port = 0
        #expect(throws: RegistrationError.self) { try ProviderName.render(instance) }
    }

    @Test func `mutated names never trap and those that parse render`() throws {
        var random = Seed.generator(1)
        var parsed = 0
        for _ in 0..<20_000 {
            var bytes = Array(DubboURLTests.vectors[Int.random(in: 0..<2, using: &random)].1.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...127, using: &random)
                case 1: bytes.remove(at: place)
                default:
                    bytes.insert(contentsOf: "%25&;=:/?%".utf8.shuffled(using: &random), at: place)
                }
            }
            let name = String(decoding: bytes, as: UTF8.self)
            guard let instance = try? parse(name, service: "com.foo.BarService") else { continue }
            parsed += 1
            if let rendered = try? ProviderName.render(instance) {
                #expect(try parse(rendered, service: "com.foo.BarService").id == instance.id)
            }
        }
        #expect(parsed > 100, "seed \(Seed.current)")
    }
}
