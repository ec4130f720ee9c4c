import Foundation

/// What a shell printed, with all that differs from run to run masked.
struct ShellTranscript: Equatable {
    /// The text of each section, watch events left out: they come from another thread in zkCli.
    var sections: [String] = []
    /// The watch events of the whole run, in order.
    var events: [String] = []

    /// Masks and cuts the output of both streams.
    ///
    /// Zxids become numbers by first appearance, so that equal ones stay equal; times, session ids,
    /// addresses and versions are masked; the JVM's log and JLine's lines go, and empty lines, since
    /// zkCli's two threads may put those of an event anywhere. Lists of ephemerals are sorted.
    init(_ output: String, server: String) {
        var zxids: [Substring: Int] = [:]
        var current = ""
        for line in output.split(separator: "\n") {
            if line == "WATCHER::" { continue }
            if line.hasPrefix("WatchedEvent ") {
                events.append(String(line))
                continue
            }
            if line.hasPrefix("SLF4J:") || line.hasPrefix("JLine support") { continue }
            if line.hasPrefix("absolute path is /zookeeper/quota/section/") {
                sections.append(current)
                current = ""
                continue
            }
            current += Self.masked(line, &zxids).replacing(server, with: "SERVER") + "\n"
        }
        sections.append(current)
    }

    private static func masked(_ line: Substring, _ zxids: inout [Substring: Int]) -> String {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 3, words[1] == "=" else {
            if line.hasPrefix("ZooKeeper CLI version: ") { return "VERSION" }
            guard line.hasPrefix("[/") else { return String(line) }
            let paths = line.dropFirst().dropLast().split(separator: ", ")
            return "[\(paths.sorted().joined(separator: ", "))]"
        }
        switch words[0] {
        case "cZxid", "mZxid", "pZxid":
            let number = zxids[words[2]] ?? zxids.count
            zxids[words[2]] = number
            return "\(words[0]) = #\(number)"
        // Fri Jan 01 00:00:00 UTC 1970: the form and the zone stay.
        case "ctime", "mtime":
            return "\(words[0]) = \(words.count) words in \(words[words.count - 2])"
        case "ephemeralOwner" where words[2] != "0x0": return "ephemeralOwner = SESSION"
        default: return String(line)
        }
    }
}
