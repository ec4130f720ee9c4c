import Foundation
import TestSupport
import Testing

/// Java programs of this target, on Debian's jars of Curator and ZooKeeper.
enum Java {
    private static let jars = [
        "curator-client", "curator-framework", "curator-recipes", "curator-x-discovery",
        "zookeeper", "zookeeper-jute", "guava", "slf4j-api", "slf4j-nop", "jackson-core",
        "jackson-databind", "jackson-annotations", "netty-all", "commons-cli",
    ].map { "/usr/share/java/\($0).jar" }

    /// Everything that a program of this target may need.
    static let classPath = jars.joined(separator: ":")

    /// The interpreter, told to start quickly rather than to run for long, and to read text as it is written.
    static let command = ["java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"]

    /// The first jar that is missing.
    static var missingJar: String? {
        jars.first { !FileManager.default.fileExists(atPath: $0) }
    }

    /// Compiles all files of a folder in Programs.
    ///
    /// - Parameters:
    ///   - folder: The folder's name.
    ///   - directory: Where the classes go.
    /// - Throws: What says why the compiler refused.
    static func compile(_ folder: String, into directory: TemporaryDirectory) async throws {
        let path = Checkout.script(folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".java") }
            .map { path + "/" + $0 }
        let words = ["javac", "-nowarn", "-encoding", "UTF-8", "-d", directory.path]
        let outcome = try await Program.run(words + ["-cp", classPath] + files.sorted())
        try #require(outcome.status == 0, "\(outcome.errors)")
    }
}
