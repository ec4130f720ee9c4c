import ServiceModel
import TestSupport
import ZooKeeperClient
import ZooKeeperProtocol

/// One of many clients that change a tree at random, each with its own session and seed.
struct ChurnClient {
    /// Interfaces that are there from the start.
    static let services = (0..<12).map { "com.example.Churn\($0)" }
    /// Domains that are there from the start, `/DDNS/<application>/<domain>`.
    static let domains = (0..<6).map { "/DDNS/app\($0 % 3)/host\($0).example.com" }
    /// Registrations of one client beyond which it rather takes one back.
    private static let ownedMax = 24

    let session: ZooKeeperSession
    private let number: Int
    private var generator: SeededGenerator
    private var owned: [String] = []
    private var made = 0

    init(_ session: ZooKeeperSession, number: Int) {
        (self.session, self.number) = (session, number)
        generator = Seed.generator(UInt64(number) + 1)
    }

    /// Makes the directories that all clients use.
    static func prepare(_ session: ZooKeeperSession) async throws {
        for service in services { try await session.createWithParents(directory(of: service)) }
        for domain in domains {
            try await session.createWithParents(domain, data: Array("10.9.0.1:80".utf8))
        }
    }

    /// Changes the tree once.
    ///
    /// - Returns: False when others were faster and nothing was changed.
    mutating func step() async throws -> Bool {
        do {
            try await change()
            return true
        } catch let error as ZooKeeperError {
            guard [.nodeExists, .noNode, .notEmpty].contains(error.server) else { throw error }
            return false
        }
    }

    private mutating func change() async throws {
        let die = Int.random(in: 0..<100, using: &generator)
        if owned.count > Self.ownedMax { return try await unregister() }
        switch die {
        case 0..<12: try await changeList()
        case 12..<16: try await replaceDomain()
        case 16..<18: try await register(in: "com.example.New\(number % 7)")
        case 18..<32: try await registerEntry()
        case 32..<35: try await own(Self.directory(of: anyService()) + "/" + anyGarbage())
        case 35..<70 where !owned.isEmpty:
            if die < 43 { try await replace() } else { try await unregister() }
        default: try await register(in: anyService())
        }
    }

    private static func directory(of service: String) -> String { "/dubbo/\(service)/providers" }

    private mutating func anyService() -> String {
        Self.services.randomElement(using: &generator) ?? ""
    }

    private mutating func anyDomain() -> String {
        Self.domains.randomElement(using: &generator) ?? ""
    }

    private mutating func register(in service: String) async throws {
        let path = Self.directory(of: service) + "/" + anyProvider(service)
        try await session.createWithParents(path, mode: .ephemeral)
        owned.append(path)
    }

    private mutating func registerEntry() async throws {
        made += 1
        try await own(anyDomain() + "/entry-\(number)-\(made)", data: anyList())
    }

    private mutating func own(_ path: String, data: String = "") async throws {
        try await session.create(path, data: Array(data.utf8), mode: .ephemeral)
        owned.append(path)
    }

    private mutating func unregister() async throws {
        let index = Int.random(in: owned.indices, using: &generator)
        try await session.delete(owned.remove(at: index))
    }

    /// Deletes and makes the same znode in one transaction: the instance never leaves.
    private mutating func replace() async throws {
        let path = owned.randomElement(using: &generator) ?? ""
        let create = CreateRequest(
            path: path,
            data: Array("10.8.0.1:81".utf8),
            acl: ACL.openUnsafe,
            mode: .ephemeral
        )
        _ = try await session.multi([
            .delete(DeleteRequest(path: path, version: -1)), .create(create),
        ])
    }

    private mutating func changeList() async throws {
        let entries = owned.filter { $0.hasPrefix("/DDNS") }
        let path = Bool.random(using: &generator) ? anyDomain() : entries.last ?? anyDomain()
        try await session.setData(path, data: Array(anyList().utf8))
    }

    private mutating func replaceDomain() async throws {
        let domain = anyDomain()
        try await session.delete(domain)
        try await session.create(domain, data: Array(anyList().utf8))
    }

    /// One of few hosts, so that several znodes often stand for one instance.
    private mutating func anyProvider(_ service: String) -> String {
        made += 1
        let host = Int.random(in: 1...200, using: &generator)
        let weight = Int.random(in: 0...3, using: &generator) * 50
        return "dubbo%3A%2F%2F10.0.0.\(host)%3A20880%2F\(service)%3Fapplication%3Dchurn"
            + "%26weight%3D\(weight)%26timestamp%3D\(number)\(made)"
    }

    private mutating func anyGarbage() -> String {
        made += 1
        let forms = ["not-a-url", "dubbo%3", "dubbo%3A%2F%2F10.0.0.1%3A99999%2Fx"]
        return (forms.randomElement(using: &generator) ?? "") + "%20\(number)-\(made)"
    }

    private mutating func anyList() -> String {
        let count = Int.random(in: 0...4, using: &generator)
        let entries = (0..<count).map { _ in
            let host = Int.random(in: 1...40, using: &generator)
            return host == 40 ? "nonsense:1" : "10.7.0.\(host):8080"
        }
        return entries.joined(separator: " ")
    }
}
