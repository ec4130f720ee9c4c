import Foundation

/// A fresh directory that is removed with everything in it when the value goes.
public final class TemporaryDirectory: Sendable {
    /// Absolute path, without a final slash.
    public let path: String

    /// Creates the directory below the system's temporary one.
    ///
    /// - Throws: What the file manager says when it cannot.
    public init() throws {
        path = NSTemporaryDirectory() + "muster-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a text file in the directory.
    ///
    /// - Parameters:
    ///   - name: File name without a directory.
    ///   - text: Its whole content.
    /// - Returns: The file's absolute path.
    /// - Throws: What the file manager says when it cannot.
    public func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}
