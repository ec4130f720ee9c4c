import Foundation

/// The files of this checkout, read as text.
struct SourceTree {
    /// One Swift file.
    struct File {
        /// Path from the checkout's root: `Sources/Wire/ByteReader.swift`.
        let path: String
        /// Its lines, comments included.
        let lines: [String]

        /// Folder below Sources or Tests.
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
        /// Lines without what follows `//`.
        var code: [String] { lines.map { $0.components(separatedBy: "//")[0] } }

        /// Modules that the file imports.
        var imports: [String] {
            code.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index <= 2 else { return nil }
                return words.last.map(String.init)
            }
        }
    }

    /// The folder of Package.swift.
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// All Swift files below Sources.
    static let sources = files("Sources")
    /// All Swift files below Tests.
    static let tests = files("Tests")

    private static func files(_ folder: String) -> [File] {
        let names = FileManager.default.enumerator(atPath: root + "/" + folder)
        var files: [File] = []
        while let name = names?.nextObject() as? String {
            guard name.hasSuffix(".swift") else { continue }
            let path = folder + "/" + name
            guard let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8) else {
                continue
            }
            files.append(File(path: path, lines: text.components(separatedBy: "\n")))
        }
        return files
    }
}
