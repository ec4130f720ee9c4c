import Foundation

/// What a daemon holds at one moment, and how it has answered since the moment before.
struct HourSample {
    var residentKilobytes = 0
    var openFiles = 0
    var diskKilobytes = 0
    var writes = 0
    var sessions = 0
    /// Microseconds.
    var p50 = 0
    var p99 = 0

    /// Looks at a process and its data directory.
    init(process: Int32, directory: String, latencies: [Int], sessions: Int) {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        residentKilobytes = line.split(separator: " ").compactMap { Int($0) }.first ?? 0
        let files = FileManager.default
        openFiles = (try? files.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
        for name in (try? files.subpathsOfDirectory(atPath: directory)) ?? [] {
            var facts = stat()
            // SAFETY: the system fills the struct that it is given.
            guard unsafe lstat(directory + "/" + name, &facts) == 0 else { continue }
            diskKilobytes += Int(facts.st_blocks) / 2
        }
        (writes, self.sessions) = (latencies.count, sessions)
        guard !latencies.isEmpty else { return }
        p50 = latencies[latencies.count / 2]
        p99 = latencies[latencies.count * 99 / 100]
    }

    static let heading =
        "minute   RSS MiB  files  disk MiB  writes/s  sessions/s    p50 us    p99 us"

    /// One row below the heading.
    func row(_ minute: Int, seconds: Int) -> String {
        let cells = [
            (minute, 6), (residentKilobytes >> 10, 10), (openFiles, 7), (diskKilobytes >> 10, 10),
            (writes / seconds, 10), (sessions / seconds, 12), (p50, 10), (p99, 10),
        ]
        return cells.map { value, width in
            let text = "\(value)"
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }.joined()
    }
}

/// What a row of samples says about growth.
///
/// The first fifth is the warming up and is left out; the rest is cut into two halves, and what the second
/// needs at most may be this much above what the first needed at most: memory 5 % and 8 MiB, files 10, disk 10 %
/// and two segments of 16 MiB; and its median p99 one and a half times that of the first and 1 ms.
struct HourVerdict {
    let complaints: [String]

    init(_ samples: [HourSample]) {
        let kept = samples.dropFirst((samples.count + 4) / 5)
        let (first, second) = (kept.prefix(kept.count / 2), kept.suffix(kept.count / 2))
        var complaints: [String] = []
        func compare(_ what: String, _ before: Int?, _ after: Int?, allowed: (Int) -> Int) {
            guard let before, let after, after > allowed(before) else { return }
            complaints.append("\(what): \(before) in the first half, \(after) in the second")
        }
        func highest(_ what: String, _ value: (HourSample) -> Int, allowed: (Int) -> Int) {
            compare(what, first.map(value).max(), second.map(value).max(), allowed: allowed)
        }
        func median(_ samples: ArraySlice<HourSample>) -> Int? {
            let sorted = samples.map(\.p99).sorted()
            return sorted.isEmpty ? nil : sorted[sorted.count / 2]
        }
        highest("memory in KiB", \.residentKilobytes) { $0 * 105 / 100 + 8 << 10 }
        highest("open files", \.openFiles) { $0 + 10 }
        highest("disk in KiB", \.diskKilobytes) { $0 * 110 / 100 + 32 << 10 }
        compare("p99 in microseconds", median(first), median(second)) { $0 * 3 / 2 + 1_000 }
        self.complaints = complaints
    }
}
