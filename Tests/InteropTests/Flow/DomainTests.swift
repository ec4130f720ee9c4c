import Foundation
import TestSupport
import Testing

/// DDNS domains changed by hand, as an administrator does, seen by dig.
@Suite(.timeLimit(.minutes(5))) struct DomainTests {
    private let path = "/DDNS/app1/server.app1.company1.com"
    private let name = "server.app1.company1.com"

    @Test(.needs(.dig))
    func `A5.1 A5.3 a domain's list answers, and its change shows at once with a greater serial`()
        async throws
    {
        let daemon = try await Daemon()
        let created = try await daemon.muster(
            "znode",
            "create",
            "--parents",
            path,
            "10.0.0.1:8080, 10.0.0.2:8081"
        )
        #expect(created.output == path + "\n", "\(created.errors)")
        let appeared = try await eventually {
            try await Dig(daemon.dns, name, "A").answers.sorted() == ["10.0.0.1", "10.0.0.2"]
        }
        #expect(appeared)
        let ports = try await Dig(daemon.dns, name, "SRV").answers.compactMap {
            $0.split(separator: " ").dropFirst(2).first
        }
        #expect(ports.sorted() == ["8080", "8081"])
        let before = try await serial(daemon)
        let set = try await daemon.muster("znode", "set", path, "10.0.0.3\n10.0.0.4:80")
        #expect(set.output == "version 1\n")
        let changed = try await eventually {
            try await Dig(daemon.dns, name, "A").answers.sorted() == ["10.0.0.3", "10.0.0.4"]
        }
        #expect(changed)
        #expect(try await serial(daemon) > before)
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.dig))
    func `A5.1 a bad entry is listed with its reason and its neighbours answer`() async throws {
        let daemon = try await Daemon()
        _ = try await daemon.muster(
            "znode",
            "create",
            "--parents",
            path,
            "10.0.0.1:8080 10.0.0.999 10.0.0.2:99999"
        )
        let appeared = try await eventually {
            try await Dig(daemon.dns, name, "A").answers == ["10.0.0.1"]
        }
        #expect(appeared)
        let listed = try await daemon.muster("instance", "ls", "--all")
        #expect(listed.output.contains("10.0.0.999"))
        #expect(listed.output.contains("10.0.0.2:99999"))
        #expect(await daemon.stop().status == 0)
    }

    private func serial(_ daemon: Daemon) async throws -> Int {
        let answer = try await Dig(daemon.dns, name, "SOA").answers.first ?? ""
        let fields = answer.split(separator: " ")
        return try #require(fields.count == 7 ? Int(fields[2]) : nil, "\(answer)")
    }
}
