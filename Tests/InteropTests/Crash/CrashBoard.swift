import Foundation
import Synchronization

/// What all sessions of the workload share, and what was promised and not kept.
final class CrashBoard: Sendable {
    struct State {
        /// Broken promises, each with its figures.
        var faults: [String] = []
        var acknowledged = 0
        /// Highest version of the shared register that anyone was shown.
        var registerVersion: Int32 = 0
        /// Acknowledged entries of the shared queue that were not seen yet: data by name.
        var entries: [String: String] = [:]
        /// Those that were seen, in order.
        var seen: [String] = []
        /// Entries that were asked for and not answered.
        var doubtful: Set<String> = []
    }

    private let highest = Atomic<Int64>(0)
    private let state = Mutex(State())

    /// Highest zxid that any client was shown.
    var highestZxid: Int64 { highest.load(ordering: .relaxed) }

    /// A client was shown a zxid.
    func saw(_ zxid: Int64) { highest.max(zxid, ordering: .relaxed) }

    /// A promise was broken.
    func fault(_ text: String) { state.withLock { $0.faults.append(text) } }

    var faults: [String] { state.withLock { $0.faults } }

    func with<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        state.withLock { body(&$0) }
    }
}
