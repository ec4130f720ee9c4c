import Foundation

/// Waits until a condition holds, looking again at short intervals, for a bounded time.
///
/// - Parameters:
///   - limit: When to give up; far above what is expected, so that a busy machine does not matter.
///   - condition: Looked at until it is true.
/// - Returns: True when the condition held in time.
public func eventually(
    within limit: Duration = .seconds(30),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if try await condition() { return true }
        try? await clock.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
