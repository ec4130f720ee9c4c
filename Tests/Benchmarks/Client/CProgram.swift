import Foundation
import TestSupport

/// The C program that uses ZooKeeper's own client library.
struct CProgram {
    private let directory: TemporaryDirectory
    private var binary: String { directory.path + "/client" }

    /// Compiles it with `cc`.
    ///
    /// - Throws: What the compiler says.
    init() async throws {
        directory = try TemporaryDirectory()
        let source =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Fixtures/client.c"
        let compiled = try await Program.run([
            "cc", "-O2", "-DTHREADED", "-o", binary, source, "-lzookeeper_mt", "-lpthread",
        ])
        guard compiled.status == 0 else {
            throw BenchmarkFailure("cc \(source): \(compiled.errors)")
        }
    }

    /// Makes requests, so many ahead of their answers.
    ///
    /// - Returns: Requests a second, and the program's CPU for each.
    func run(_ work: String, at server: String, count: Int, window: Int) async throws -> Cost {
        let outcome = try await Program.run([binary, server, work, "\(count)", "\(window)"])
        let figures = outcome.output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard outcome.status == 0, figures.count == 2 else {
            throw BenchmarkFailure("the C client: \(outcome.errors.prefix(200))")
        }
        return Cost(perSecond: figures[0], microseconds: figures[1])
    }
}
