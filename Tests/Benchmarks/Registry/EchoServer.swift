import Foundation
import Runtime
import TestSupport

/// The C program that answers each ping with the same bytes: what no server can undercut by much.
final class EchoServer: Sendable {
    let address: SocketAddress
    /// Its process id.
    var id: Int32 { program.id }
    private let program: Program
    private let directory: TemporaryDirectory

    /// Compiles it with `cc`, starts it, and waits until it says its port.
    init() async throws {
        directory = try TemporaryDirectory()
        let source =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Fixtures/echo.c"
        let binary = directory.path + "/echo"
        let compiled = try await Program.run(["cc", "-O2", "-o", binary, source])
        guard compiled.status == 0 else {
            throw BenchmarkFailure("cc \(source): \(compiled.errors)")
        }
        let program = try Program([binary])
        self.program = program
        _ = await eventually { program.output.hasSuffix("\n") || !program.isRunning }
        guard let port = UInt16(program.output.dropLast()) else {
            throw BenchmarkFailure("the echo server did not start: \(program.errors)")
        }
        address = .loopback(port)
    }

    /// Ends it and waits for that.
    func stop() async {
        // A task's thread blocks most signals, and a program inherits that from whoever starts it.
        program.signal(SIGKILL)
        _ = await program.wait()
    }
}
