import Foundation
import Runtime

/// Runs the benchmarks named on the command line, all of them when none is named.
///
/// `swift run -c release Benchmarks [name ...]`. Bars are printed beside the figures, and never make the
/// run fail: a busy machine is no defect.
@main
enum Runner {
    static let all: [Benchmark] = [
        .registration,
        .registrationOnEnsemble,
        .changeManyServices,
        .changeLargeService,
        .wire,
        .idleSessions,
        .sessionChurn,
        .relist,
        .creates,
        .reads,
        .sessionOpens,
        .watchers,
        .singleWrites,
        .readsAmongWrites,
        .largeTree,
        .fold,
        .client,
        .viewSync,
    ]

    static func main() async {
        let words = CommandLine.arguments.dropFirst()
        guard words.allSatisfy({ word in all.contains { $0.name == word } }) else {
            for benchmark in all { print(benchmark.name, "-", benchmark.summary) }
            exit(words == ["help"] ? 0 : 64)
        }
        // What is measured inside this program has memory as in the daemon.
        FreedMemory.keep(upTo: 16 << 20)
        var failures = 0
        for benchmark in all where words.isEmpty || words.contains(benchmark.name) {
            print("\(benchmark.name): \(benchmark.summary)")
            // Through a pipe, too, one sees what is being measured.
            fflush(nil)
            do {
                show(try await benchmark.run())
            } catch {
                print("    could not be measured: \(error)")
                failures += 1
            }
        }
        exit(failures == 0 ? 0 : 1)
    }

    private static func show(_ figures: [Figure]) {
        let width = figures.map(\.what.count).max() ?? 0
        for figure in figures {
            let what = figure.what.padding(toLength: width, withPad: " ", startingAt: 0)
            let value = number(figure.value).leftPadded(to: 10) + " " + figure.unit
            let bar = figure.bar.map { "  bar < \(number($0)) \(figure.unit)  " } ?? ""
            let least = figure.least.map { "  bar >= \(number($0)) \(figure.unit)  " } ?? ""
            print("    \(what)  \(value)\(bar)\(least)\(figure.verdict)")
        }
    }

    private static func number(_ value: Double) -> String {
        String(format: value < 100 ? "%.2f" : "%.0f", value)
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
