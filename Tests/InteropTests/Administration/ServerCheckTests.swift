import Foundation
import TestSupport
import Testing

/// `muster server check` as people and scripts call it.
@Suite(.timeLimit(.minutes(2))) struct ServerCheckTests {
    private func check(_ words: String...) async throws -> Program.Outcome {
        try await Program.run([Checkout.program("muster"), "server", "check"] + words)
    }

    private let samples = Checkout.root + "/deploy/zookeeper/"

    @Test(arguments: ["standalone.cfg", "ensemble.cfg"])
    func `A11.2 A11.5 A11.6 the samples are without a finding`(name: String) async throws {
        let file = samples + name
        let outcome = try await check("--files-only", "--strict", file)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output == "\(file): nothing is wrong\n")
    }

    @Test(.needs(.zooKeeperServer))
    func `A11.6 ZooKeeper starts with the sample of one server`() async throws {
        let folder = try TemporaryDirectory()
        let port = try ZooKeeperServer.freePort()
        let text = try String(contentsOfFile: samples + "standalone.cfg", encoding: .utf8)
        let file = try folder.write(
            "zoo.cfg",
            text.replacing("/var/lib/zookeeper", with: folder.path + "/data")
                .replacing("clientPort=2181", with: "clientPort=\(port)")
        )
        #expect(try await check("--strict", file).status == 0)
        let server = try Program([
            "java", "-cp", "/usr/share/java/zookeeper.jar",
            "org.apache.zookeeper.server.quorum.QuorumPeerMain", file,
        ])
        let isUp = await eventually(within: .seconds(60)) {
            FourLetterWord.ask("127.0.0.1:\(port)", "srvr")?.contains("Mode: standalone") == true
        }
        #expect(isUp, "\(server.errors)")
        server.signal(SIGKILL)
        _ = await server.wait()
    }

    @Test func `A11.4 A11.7 folders and myid are looked at, and ports compared`() async throws {
        let folder = try TemporaryDirectory()
        func write(_ number: Int, _ clientPort: Int, myid: String?) throws -> String {
            let data = "\(folder.path)/\(number)"
            let manager = FileManager.default
            try manager.createDirectory(atPath: data, withIntermediateDirectories: true)
            if let myid { _ = try folder.write("\(number)/myid", myid) }
            return try folder.write(
                "zk\(number).cfg",
                """
                dataDir=\(data)
                clientPort=\(clientPort)
                initLimit=10
                syncLimit=5
                admin.enableServer=false
                autopurge.purgeInterval=24
                server.1=127.0.0.1:2881:3881
                server.2=127.0.0.1:2882:3882
                server.3=127.0.0.1:2883:3883

                """
            )
        }
        let one = try write(1, 2_181, myid: "1\n")
        let two = try write(2, 2_182, myid: "2\r\n")
        let three = try write(3, 2_183, myid: "3")
        let good = try await check(one, two, three)
        #expect(good.status == 0, "\(good.output)")
        #expect(good.output == "3 files: nothing is wrong\n")

        _ = try write(3, 2_181, myid: "2\n")
        let bad = try await check("--json", one, two, three)
        #expect(bad.status == 1)
        #expect(bad.errors.hasPrefix("muster: 3 files: 2 errors, 0 warnings"))
        let report = try JSONDecoder().decode(Report.self, from: Data(bad.output.utf8))
        #expect(report.errors == 2)
        #expect(report.findings.map(\.key) == ["clientPort", "myid"])
        #expect(report.findings.map(\.file) == [three, three])
        #expect(report.findings.map(\.line) == [2, nil])
        try FileManager.default.removeItem(atPath: folder.path + "/3/myid")
        let missing = try await check(one, two, three)
        #expect(missing.output.contains("\(three): error: myid: \(folder.path)/3/myid is missing"))
    }

    @Test func `A11.2 what a file's parameters do is explained in the same breath`() async throws {
        let outcome = try await check("--files-only", "--explain", samples + "ensemble.cfg")
        #expect(outcome.status == 0)
        for text in [
            "ensemble.cfg:3: tickTime=2000\n  Unit of time in ms",
            "Sessions last 4 s to 40 s.", "10 ticks are 20 s.",
            "participant on zk2, quorum at 2888, elections at 3888.",
            "ensemble.cfg: not set, so: forceSync=yes\n",
        ] { #expect(outcome.output.contains(text), "\(text)") }
    }

    @Test func `files that cannot be read end the check, each in its way`() async throws {
        let folder = try TemporaryDirectory()
        #expect(try await check("\(folder.path)/none.cfg").status == 4)
        #expect(try await check(folder.path).status == 2)
        #expect(try await check().status == 2)
        let even = try folder.write(
            "even.cfg",
            """
            dataDir=/x
            initLimit=5
            syncLimit=2
            autopurge.purgeInterval=1
            server.1=a:1:2;3
            server.2=b:1:2;3

            """
        )
        let warned = try await check("--files-only", even)
        #expect(warned.status == 0)
        #expect(warned.output.contains("even.cfg:5: warning: server.N: 2 servers stop"))
        #expect(try await check("--files-only", "--strict", even).status == 1)
        let dynamic = try folder.write(
            "dynamic.cfg",
            "dataDir=/x\ndynamicConfigFile=/none/zoo.dyn\n"
        )
        let outcome = try await check(dynamic)
        #expect(outcome.output.contains("dynamicConfigFile: /none/zoo.dyn does not exist"))
        #expect(outcome.status == 1)
    }

    private struct Report: Decodable {
        struct Finding: Decodable {
            let file: String
            let line: Int?
            let key: String
        }
        let errors: Int
        let findings: [Finding]
    }
}
