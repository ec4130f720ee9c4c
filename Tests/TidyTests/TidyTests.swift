import Foundation
import Testing

/// The rules of the house that a compiler does not check.
@Suite struct TidyTests {
    private static let pure = [
        "Wire", "Flags", "ServiceModel", "ZooKeeperConfiguration", "ZooKeeperProtocol",
        "DNSProtocol", "ZNodeTree",
    ]
    private static let libraries = [
        "CYAML": ["YAML"], "CLDNS": ["ZoneFiles"], "CMicroHTTPD": ["Console"], "CCurl": ["Alerts"],
        "CEdit": ["muster"],
    ]
    /// Files outside Wire, Runtime and Telemetry that own C handles or the answer table.
    private static let unsafeFiles =
        (try? String(
            contentsOfFile: SourceTree.root + "/Tests/TidyTests/unsafe-files.txt",
            encoding: .utf8
        ))?.split(separator: "\n").map(String.init) ?? []

    @Test func `the checkout was found`() {
        #expect(SourceTree.sources.count > 20)
        #expect(SourceTree.tests.count > 10)
    }

    @Test func `pure targets import nothing from the system`() {
        let ours = Set(SourceTree.sources.map(\.target))
        for file in SourceTree.sources where Self.pure.contains(file.target) {
            for module in file.imports {
                #expect(ours.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `a C library is imported by its owner alone`() {
        for file in SourceTree.sources {
            for module in file.imports {
                guard let owners = Self.libraries[module] else { continue }
                #expect(owners.contains(file.target), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `no source imports the large Foundation`() {
        for file in SourceTree.sources {
            #expect(!file.imports.contains("Foundation"), "\(file.path)")
            #expect(!file.imports.contains("Dispatch"), "\(file.path)")
        }
    }

    @Test func `no file is longer than the style allows`() {
        for file in SourceTree.sources {
            #expect(file.lines.count <= 501, "\(file.path): \(file.lines.count) lines")
        }
        for file in SourceTree.tests {
            #expect(file.lines.count <= 801, "\(file.path): \(file.lines.count) lines")
        }
    }

    @Test func `unsafe code stands only where the list says`() {
        let word = /\b(unsafe|@unchecked)\b/
        for file in SourceTree.sources
        where !["Wire", "Runtime", "Telemetry"].contains(file.target)
            && !Self.unsafeFiles.contains(file.path)
        {
            for (index, line) in file.code.enumerated() where line.contains(word) {
                guard !line.contains("asUnownedSerialExecutor") else { continue }
                Issue.record("\(file.path):\(index + 1): \(line)")
            }
        }
    }

    @Test func `the list of unsafe files has no dead entry`() {
        #expect(!Self.unsafeFiles.isEmpty)
        for path in Self.unsafeFiles {
            let file = SourceTree.sources.first { $0.path == path }
            let isUsed = file?.code.contains { $0.contains(/unsafe|@unchecked/) } ?? false
            #expect(isUsed, "\(path)")
        }
    }

    @Test func `every file with unsafe code says why it is right`() {
        for file in SourceTree.sources {
            let uses = file.code.contains {
                $0.contains(/\b(unsafe|@unchecked)\b/) && !$0.contains("asUnownedSerialExecutor")
            }
            guard uses else { continue }
            #expect(file.lines.contains { $0.contains("SAFETY:") }, "\(file.path)")
        }
    }

    @Test func `nothing is left for later`() {
        let mark = /\b(TODO|FIXME|XXX|HACK)\b/
        for file in SourceTree.sources + SourceTree.tests where file.target != "TidyTests" {
            for (index, line) in file.lines.enumerated() {
                #expect(!line.contains(mark), "\(file.path):\(index + 1)")
            }
        }
    }

    @Test func `no error is dropped without a word`() {
        let mark = /\btry!|\bas!|\bTask\.detached|\bDispatchQueue/
        for file in SourceTree.sources {
            for (index, line) in file.code.enumerated() {
                #expect(!line.contains(mark), "\(file.path):\(index + 1): \(line)")
            }
        }
    }

    @Test func `names say what a thing is`() {
        let banned = ["Manager", "Helper", "Util", "Common", "Base", "Impl"]
        for file in SourceTree.sources {
            let name = file.path.split(separator: "/").last ?? ""
            for word in banned { #expect(!name.contains(word), "\(file.path)") }
        }
    }

    @Test func `every test file asserts something`() {
        for file in SourceTree.tests where file.path.hasSuffix("Tests.swift") {
            let asserts = file.code.contains { $0.contains(/#expect|#require|Issue\.record/) }
            #expect(asserts, "\(file.path)")
        }
    }

    @Test func `no test sleeps`() {
        let mark = /Thread\.sleep|usleep\(|Task\.sleep|\bsleep\(/
        for file in SourceTree.tests where !["TestSupport", "TidyTests"].contains(file.target) {
            for (index, line) in file.code.enumerated() {
                #expect(!line.contains(mark), "\(file.path):\(index + 1): \(line)")
            }
        }
    }

    @Test func `every scenario that a test names exists`() throws {
        let list = SourceTree.root + "/Tests/TidyTests/scenarios.txt"
        let text = try String(contentsOfFile: list, encoding: .utf8)
        let known = Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").first })
        #expect(known.count > 100)
        var covered: Set<Substring> = []
        for file in SourceTree.tests where file.target != "TidyTests" {
            for line in file.lines {
                for match in line.matches(of: /\bA[0-9]+\.[0-9]+\b/) {
                    #expect(known.contains(match.output), "\(file.path): \(match.output)")
                    covered.insert(match.output)
                }
            }
        }
        #expect(covered.count >= 10, "covered: \(covered.sorted())")
    }
}
