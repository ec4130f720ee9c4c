import Foundation
import Runtime
import ServiceModel
import TestSupport
import ZooKeeperProtocol

extension Benchmark {
    static let largeTree = Benchmark(
        name: "large-tree",
        summary: "memory at 100,000 and 1,000,000 znodes, and the start after a kill -9"
    ) {
        let loop = EventLoop(name: "load")
        let ours = try await large(.musterd, loop)
        let isAlone = ProcessInfo.processInfo.environment["MUSTER_ALONE"] != nil
        let theirs = isAlone ? nil : try await large(.zooKeeper, loop)
        loop.stop()
        return figures(ours, "musterd", bar: 450) + (theirs.map { figures($0, "ZooKeeper") } ?? [])
            + (theirs.map { theirs in
                let ratio = ours.start / theirs.start
                return [Figure("start, ratio", ratio, "x", bar: 1 / 3)]
            } ?? [])
    }

    private enum Kind { case musterd, zooKeeper }

    private struct Large {
        /// Resident bytes without znodes, and with the smaller and the larger number of them.
        var resident: [Int] = []
        /// Seconds from the start of the process to its first session.
        var start = 0.0
    }

    private static let sizes = [100_000, 1_000_000]

    private static func figures(_ large: Large, _ name: String, bar: Double? = nil) -> [Figure] {
        var figures: [Figure] = []
        for (size, resident) in zip(sizes, large.resident.dropFirst()) {
            let own = RequestTemplate.nameBytes + RequestTemplate.data.count
            let each = Double(resident - large.resident[0]) / Double(size) - Double(own)
            figures += [
                Figure("resident, \(size) znodes, \(name)", Double(resident) / 1e6, "MB"),
                Figure("a znode beyond name and data, \(size), \(name)", each, "bytes", bar: bar),
            ]
        }
        return figures + [Figure("start with \(sizes[1]) znodes, \(name)", large.start, "s")]
    }

    private static func large(_ kind: Kind, _ loop: EventLoop) async throws -> Large {
        let directory = try TemporaryDirectory()
        var large = Large()
        let first = try await Running(kind, directory)
        let load = try await Contest.firstSession(of: first.address, loop)
        let parent = CreateRequest(path: Contest.directory, data: [], mode: .persistent)
        _ = try await load.run(RequestTemplate(.create(parent)), window: 1, requests: 1)
        try await load.close()
        large.resident.append(try await first.residentBytes())
        let creators = RequestLoad(loop, to: first.address, sessions: 10)
        try await creators.open()
        let path = RequestTemplate.path(below: Contest.directory)
        let template = RequestTemplate(
            .create(CreateRequest(path: path, data: RequestTemplate.data, mode: .persistent))
        )
        var made = 0
        for size in sizes {
            let progress = try await creators.run(template, window: 200, requests: size - made)
            guard progress.failures == 0 else {
                throw BenchmarkFailure("\(progress.failures) creates failed")
            }
            made = size
            large.resident.append(try await first.residentBytes())
        }
        await first.kill()
        let start = wallNanoseconds()
        let second = try await Running(kind, directory)
        _ = try await Contest.firstSession(of: second.address, loop)
        large.start = Double(wallNanoseconds() - start) / 1e9
        await second.kill()
        return large
    }

    /// Either server on a directory of its own.
    private struct Running {
        let address: SocketAddress
        private let daemon: SpawnedDaemon?
        private let peer: ZooKeeperPeer?

        init(_ kind: Kind, _ directory: TemporaryDirectory) async throws {
            switch kind {
            case .musterd:
                let daemon = try await SpawnedDaemon(in: directory)
                guard let registry = SocketAddress(daemon.registry) else {
                    throw BenchmarkFailure("\(daemon.registry) is no address")
                }
                (self.daemon, peer, address) = (daemon, nil, registry)
            case .zooKeeper:
                let peer = try await ZooKeeperPeer(in: directory)
                (daemon, self.peer, address) = (nil, peer, peer.address)
            }
        }

        func kill() async {
            await daemon?.kill()
            await peer?.stop()
        }

        /// What is resident once the process is at rest; in Java after a forced collection.
        func residentBytes() async throws -> Int {
            if let peer {
                let collection = try await Program.run(["jcmd", "\(peer.id)", "GC.run"])
                guard collection.status == 0 else {
                    throw BenchmarkFailure("jcmd: \(collection.errors)")
                }
            }
            let id = daemon?.id ?? peer?.id ?? 0
            try await ProcessClock(id).rest()
            let fields = try String(contentsOfFile: "/proc/\(id)/statm", encoding: .utf8)
                .split(separator: " ")
            guard fields.count > 1, let pages = Int(fields[1]) else {
                throw BenchmarkFailure("no memory of process \(id)")
            }
            return pages * 4_096
        }
    }
}
