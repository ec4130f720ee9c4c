import ServiceModel
import TestSupport
import Testing

@testable import Membership

@Suite struct RememberedViewTests {
    private let origin = "zk1:2181 below /dubbo, /DDNS"
    private let time = UnixTime(milliseconds: 1_769_860_800_123)

    /// Every field of every type set once to something that is not its default.
    private func view() throws -> MembershipView {
        let service = ServiceName(.dubbo, "com.foo.Bar")
        let rich = Instance(
            id: InstanceID(
                service: service,
                scheme: "tri",
                endpoint: try #require(Endpoint("[2001:db8::1]:50051")),
                group: "g",
                version: "1.0",
                tag: "blue"
            ),
            alternateAddress: .v4(0x0a00_0001),
            weight: 88_888,
            application: "shöp",
            startedAt: UnixTime(milliseconds: -1),
            warmup: .milliseconds(1),
            state: State(.disabled, since: time, why: "enabled=false in its URL"),
            parameters: ["side": "provider", "": ""],
            origin: .init(path: "/dubbo/com.foo.Bar/providers/x", czxid: 4, mzxid: 5, session: -7)
        )
        let domain = ServiceName(.domain, "server.app1.company1.com")
        let plain = Instance(
            id: InstanceID(service: domain, endpoint: try #require(Endpoint("10.0.0.3"))),
            state: State(.up, since: time, why: "listed"),
            origin: .init(path: "/DDNS/app1/server.app1.company1.com")
        )
        let rejection = Rejection(path: "/dubbo/%zz", offender: "%zz", reason: "no", since: time)
        let changes: [(ServiceName, ViewDelta.Change)] = [
            (service, .joined(rich)), (service, .rejected(rejection)), (domain, .joined(plain)),
            (ServiceName(.application, "empty"), .serviceAppeared),
        ]
        var view = MembershipView()
        for (index, (service, change)) in changes.enumerated() {
            view.apply(.init(number: UInt64(index + 1), at: time, service: service, change: change))
        }
        (view.freshness, view.zxid) = (.live, 0x2a)
        return view
    }

    private func bytes() throws -> [UInt8] {
        RememberedView(of: origin, liveAt: time, try view()).encoded()
    }

    /// Gives changed bytes the checksum that they should have.
    private func mend(_ bytes: inout [UInt8]) {
        let sum = CRC32C.of(bytes.span.extracting(16...))
        for byte in 0..<4 {
            bytes[12 + byte] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(byte)))
        }
    }

    @Test func `what is read is what was written`() throws {
        let view = try view()
        let read = try RememberedView(try bytes(), of: origin)
        #expect(read.liveAt == time && read.origin == origin)
        #expect(read.view.zxid == 0x2a && read.view.instanceCount == 2)
        #expect(read.view.services.count == 3)
        #expect(ViewDifference.changes(from: view, to: read.view).isEmpty)
        for name in view.services.keys {
            #expect(read.view.services[name]?.since == view.services[name]?.since)
        }
    }

    @Test func `the bytes begin as the format says`() throws {
        let bytes = RememberedView(of: "o", liveAt: time, MembershipView()).encoded()
        #expect(Array(bytes.prefix(12)) == Array("MUSTERVW".utf8) + [0, 0, 0, 1])
        #expect(
            Array(bytes.dropFirst(16)) == [0, 0, 0, 1, UInt8(ascii: "o")]
                + [0, 0, 1, 0x9c, 0x13, 0xec, 0x9e, 0x7b]
                + Array(repeating: 0, count: 12)
        )
        #expect(CRC32C.of(Array("123456789".utf8).span) == 0xe306_9283)
    }

    @Test func `no prefix is a view`() throws {
        let whole = try bytes()
        for count in whole.indices {
            let error = #expect(throws: MembershipError.self) {
                try RememberedView(Array(whole.prefix(count)), of: origin)
            }
            #expect(error?.code == .damagedView, "\(count) bytes")
        }
    }

    @Test func `no byte can change unseen`() throws {
        let whole = try bytes()
        for index in whole.indices {
            var other = whole
            other[index] ^= 0x10
            let error = #expect(throws: MembershipError.self) {
                try RememberedView(other, of: origin)
            }
            let isVersion = (8..<12).contains(index)
            #expect(error?.code == (isVersion ? .newerView : .damagedView), "byte \(index)")
        }
    }

    @Test func `bytes with a right checksum are still read strictly`() throws {
        var random = Seed.generator(7)
        let whole = try bytes()
        for _ in 0..<2_000 {
            var other = whole
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let index = Int.random(in: 16..<other.count, using: &random)
                other[index] = UInt8.random(in: 0...255, using: &random)
            }
            mend(&other)
            do throws(MembershipError) {
                let read = try RememberedView(other, of: origin)
                let again = try RememberedView(read.encoded(), of: origin)
                #expect(ViewDifference.changes(from: read.view, to: again.view).isEmpty)
            } catch {
                #expect([.damagedView, .foreignView].contains(error.code), "\(error)")
            }
        }
    }

    @Test func `what is behind the end is refused`() throws {
        var long = try bytes() + [0]
        mend(&long)
        let error = #expect(throws: MembershipError.self) {
            try RememberedView(long, of: origin)
        }
        #expect(error?.message.contains("goes on behind its end") == true)
    }

    @Test func `another registry's view is refused by name`() throws {
        let error = #expect(throws: MembershipError.self) {
            try RememberedView(try bytes(), of: "zk2:2181 below /dubbo, /DDNS")
        }
        #expect(error?.code == .foreignView)
        #expect(error?.message.contains("zk1:2181") == true)
        #expect(error?.message.contains("zk2:2181") == true)
    }

    @Test func `a clock that went back makes nothing younger than nothing`() throws {
        let read = try RememberedView(try bytes(), of: origin)
        let later = UnixTime(milliseconds: time.milliseconds + 5_000)
        #expect(read.stale(at: later).freshness == .stale(since: time))
        #expect(read.stale(at: later).age(at: later) == .seconds(5))
        let before = UnixTime(milliseconds: time.milliseconds - 3_600_000)
        #expect(read.stale(at: before).freshness == .stale(since: before))
        #expect(read.stale(at: later).age(at: before) == .zero)
    }
}
