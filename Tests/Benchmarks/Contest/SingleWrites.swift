import Storage
import TestSupport
import ZooKeeperProtocol

extension Benchmark {
    static let singleWrites = Benchmark(
        name: "single-writes",
        summary: "one durable create at a time beside fdatasync of the same disk, and ZooKeeper"
    ) {
        let contest = try await Contest()
        let disk = try DiskClock()
        var delays: [Int32: Samples] = [:]
        var syncs = Samples()
        for round in 0..<8 {
            // Java is warm after three rounds; the disk is measured in between, for its times drift.
            if round >= 3 { try disk.sync(writesPerRound, &syncs) }
            for contender in contest.contenders {
                let progress = try await writes(contest, contender)
                guard round >= 3 else { continue }
                delays[contender.process, default: Samples()].add(progress.delays)
            }
        }
        await contest.stop()
        func figures(_ what: String, _ share: Double, slack: Double) -> [Figure] {
            let sync = syncs.quantile(share) / 1_000
            let ours = delays[contest.ours.process]?.quantile(share) ?? 0
            let own = [
                Figure("fdatasync, \(what)", sync, "us"),
                Figure("create, \(what), musterd", ours / 1_000, "us", bar: sync + slack),
            ]
            guard let peer = contest.theirs, let delays = delays[peer.process] else { return own }
            let theirs = delays.quantile(share) / 1_000
            return own + [Figure("create, \(what), ZooKeeper", theirs, "us")]
        }
        return figures("median", 0.5, slack: 80) + figures("p99", 0.99, slack: 150)
    }

    private static let writesPerRound = 1_000

    private static func writes(
        _ contest: Contest,
        _ contender: Contender
    ) async throws -> RequestLoad.Progress {
        let load = RequestLoad(contest.loop, to: contender.address, sessions: 1)
        try await load.open()
        let path = RequestTemplate.path(below: Contest.directory)
        let create = CreateRequest(path: path, data: RequestTemplate.data, mode: .ephemeral)
        let progress = try await load.run(
            RequestTemplate(.create(create)),
            window: 1,
            requests: writesPerRound
        )
        try await load.close()
        return progress
    }
}

/// How long the disk takes for a record: a write of its size into space that is there, and fdatasync.
final class DiskClock {
    private let directory: TemporaryDirectory
    private let file: Storage.FileHandle
    private var offset = 0

    /// Bytes of a create of a 200-byte name in the log, about.
    private static let recordBytes = 320
    private static let fileBytes = 16 << 20

    init() throws {
        directory = try TemporaryDirectory()
        file = try Disk().open(directory.path + "/clock", for: .creating)
        let zeros = [UInt8](repeating: 0, count: Self.fileBytes)
        try Disk().write(zeros.span, at: 0, of: file)
        try Disk().sync(file)
    }

    deinit { Disk().close(file) }

    /// Writes records one after the other, each waited for.
    func sync(_ count: Int, _ samples: inout Samples) throws {
        let record = [UInt8](repeating: 1, count: Self.recordBytes)
        for _ in 0..<count {
            let start = wallNanoseconds()
            try Disk().write(record.span, at: offset, of: file)
            try Disk().sync(file)
            samples.add(wallNanoseconds() - start)
            offset = (offset + Self.recordBytes) % (Self.fileBytes - Self.recordBytes)
        }
    }
}
