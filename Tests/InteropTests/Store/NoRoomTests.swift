import Foundation
import TestSupport
import Testing
import ZooKeeperProtocol

/// The real daemon on a disk that has no room left: changes are refused, all else goes on, and it comes back.
@Suite(.serialized, .timeLimit(.minutes(3))) struct NoRoomTests {
    private static let provider = "dubbo://10.0.0.1:20880/com.example.Room?application=x"
    private static let name = "com.example.Room.dubbo.muster.internal"
    /// Large ones, so that segments are soon full.
    private static let data = [UInt8](repeating: 0x61, count: 100_000)
    /// 200 MB: far more than two segments and all that is kept back for them.
    private static let writesMax = 2_000

    /// Why a mount namespace of one's own cannot be had; nil when it can.
    private static let obstacle: String? = {
        let probe = Process()
        probe.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        probe.arguments = ["-m", "true"]
        probe.standardError = Pipe()
        do {
            try probe.run()
            probe.waitUntilExit()
            return probe.terminationStatus == 0 ? nil : "unshare -m is not permitted"
        } catch {
            return "unshare cannot be started: \(error)"
        }
    }()

    @Test func `a limit of file sizes below a segment ends the start, and harms nothing`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let limited = try CrashedDaemon(in: folder, wrapper: ["prlimit", "--fsize=1000000"])
        let daemon = try CrashedDaemon(in: folder)
        for isFirst in [true, false] {
            let refused = try await Program.run(limited.words())
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.errors.contains("free some room and start again"), "\(refused.errors)")
            try await daemon.start()
            let client = try daemon.client()
            if isFirst {
                let create = CreateRequest(path: "/room", data: Self.data, mode: .persistent)
                _ = try client.ask([.create(create)])?[0].outcome.get()
            } else {
                #expect(try read(client) == 0)
            }
            await daemon.kill()
        }
    }

    @Test(
        .needs(.dig),
        .enabled(if: obstacle == nil, Comment(rawValue: obstacle ?? ""))
    ) func `a full file system refuses changes, and room is enough`() async throws {
        let folder = try TemporaryDirectory()
        // The mount is the daemon's alone and goes with it; the control socket stays outside.
        let daemon = try CrashedDaemon(
            in: folder,
            wrapper: [
                "unshare", "-m", "--propagation", "private", "sh", "-c",
                "mkdir -p \"$0/registry\" && mount -t tmpfs -o size=96m none \"$0/registry\" && exec \"$@\"",
                folder.path,
            ]
        )
        try await daemon.start()
        let program = try #require(daemon.program)
        let filler = "/proc/\(program.id)/root\(folder.path)/registry/filler"
        try await refuseAndRecover(
            daemon,
            fill: {
                // Until nothing more fits, less what the daemon has reserved already.
                _ = try await Program.run(["dd", "if=/dev/zero", "of=\(filler)", "bs=1M"])
            },
            empty: { try FileManager.default.removeItem(atPath: filler) }
        )
    }

    @Test func `a limit of file sizes holds a write back, refuses the next, and can be lifted`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let daemon = try CrashedDaemon(in: folder)
        try await daemon.start()
        let id = try #require(daemon.program).id
        func limit(_ bytes: String) async throws {
            let done = try await Program.run(["prlimit", "--pid", "\(id)", "--fsize=\(bytes)"])
            try #require(done.status == 0, "\(done.errors)")
        }
        let (client, other) = (try daemon.client(), try daemon.client())
        for path in ["/room", "/other"] {
            let create = CreateRequest(path: path, data: Self.data, mode: .persistent)
            _ = try client.ask([.create(create)])?[0].outcome.get()
        }
        #expect(try write(client) == .success(1))

        // The next segment is there: nothing but the write itself is in need of room.
        let next = folder.path + "/registry/00000002.log"
        let isReserved = await eventually { FileManager.default.fileExists(atPath: next) }
        try #require(isReserved)
        // Less than the log's segment has already.
        try await limit("20000:unlimited")
        let change = SetDataRequest(path: "/room", data: Self.data, version: -1)
        client.send([.setData(change)])
        let isSaid = await eventually { daemon.errors.contains("no room for the log") }
        try #require(isSaid, "\(daemon.errors)")
        let isRefused = try await eventually {
            let request = SetDataRequest(path: "/other", data: [], version: 77)
            guard case .failure(let code)? = try other.ask([.setData(request)])?[0].outcome else {
                return false
            }
            return code == .notReadOnly
        }
        #expect(isRefused, "\(daemon.errors)")
        let kept = GetDataRequest(path: "/other", watch: false)
        guard case .data(let record)? = try other.ask([.getData(kept)])?[0].outcome.get() else {
            Issue.record("reads do not go on")
            return
        }
        #expect(record.data == Self.data)

        try await limit("unlimited:unlimited")
        guard case .stat(let stat)? = try client.receive()?.outcome.get() else {
            Issue.record("the write that was held back is not answered")
            return
        }
        #expect(stat.version == 2)
        let isBack = try await eventually { try isTaken(write(other)) }
        #expect(isBack, "\(daemon.errors)")
        await daemon.kill()
        try await daemon.start()
        #expect(try read(daemon.client()) == 3)
        await daemon.kill()
    }

    private func refuseAndRecover(
        _ daemon: CrashedDaemon,
        fill: () async throws -> Void,
        empty: () async throws -> Void
    ) async throws {
        let client = try daemon.client()
        let create = CreateRequest(path: "/room", data: Self.data, mode: .persistent)
        _ = try client.ask([.create(create)])?[0].outcome.get()
        let provider = try Program(
            [Checkout.program("muster"), "register", Self.provider],
            environment: ["MUSTER_CONTROL": daemon.control]
        )
        let isRegistered = try await eventually {
            try await Dig(daemon.dns, Self.name, "A").answers == ["10.0.0.1"]
        }
        try #require(isRegistered, "\(provider.errors)")

        try await fill()
        let kept = try writeUntilRefused(client)
        // Said once in the log, and in the status as long as it is so.
        let isSaid = await eventually { daemon.errors.contains("no room for the log") }
        #expect(isSaid, "\(daemon.errors)")
        let status = try await daemon.muster("status")
        #expect(status.output.contains("warning   no room for the log"), "\(status)")
        // Reads, sessions and DNS go on, also for who comes now.
        #expect(try read(client) == kept)
        let newcomer = try daemon.client()
        #expect(try read(newcomer) == kept)
        #expect(try write(newcomer) == .failure(.notReadOnly))
        #expect(try await Dig(daemon.dns, Self.name, "A").answers == ["10.0.0.1"])
        #expect(try write(client) == .failure(.notReadOnly))

        try await empty()
        let isBack = try await eventually { try isTaken(write(client)) }
        #expect(isBack, "\(daemon.errors)")
        let isQuiet = try await eventually {
            try await !daemon.muster("status").output.contains("no room")
        }
        #expect(isQuiet)
        #expect(daemon.errors.components(separatedBy: "changes are refused").count == 2)
        // Nothing of what was answered is lost by any of this.
        let version = try read(client)
        #expect(version > kept)
        await daemon.kill()
        provider.signal(SIGKILL)
    }

    /// Writes until the daemon refuses.
    ///
    /// - Returns: The last version that it took.
    private func writeUntilRefused(_ client: BlockingClient) throws -> Int32 {
        var version: Int32 = 0
        for _ in 0..<Self.writesMax {
            switch try write(client) {
            case .success(let taken): version = taken
            case .failure(let code):
                #expect(code == .notReadOnly)
                return version
            }
        }
        Issue.record("\(Self.writesMax) writes were taken")
        return version
    }

    private func write(_ client: BlockingClient) throws -> Result<Int32, ErrorCode> {
        let request = SetDataRequest(path: "/room", data: Self.data, version: -1)
        let replies = try #require(try client.ask([.setData(request)]))
        return replies[0].outcome.map { response in
            guard case .stat(let stat) = response else { return -1 }
            return stat.version
        }
    }

    private func isTaken(_ outcome: Result<Int32, ErrorCode>) -> Bool {
        if case .success = outcome { true } else { false }
    }

    private func read(_ client: BlockingClient) throws -> Int32 {
        let request = Request.getData(GetDataRequest(path: "/room", watch: false))
        let replies = try #require(try client.ask([request]))
        guard case .data(let record) = try replies[0].outcome.get() else { return -1 }
        #expect(record.data == Self.data)
        return record.stat.version
    }
}
