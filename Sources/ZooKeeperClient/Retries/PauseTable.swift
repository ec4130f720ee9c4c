internal import Runtime

/// The tasks that wait for a moment on the session's loop.
///
/// Bound: the number of tasks. Owner: the session's actor.
struct PauseTable {
    private var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    private var timers: [UInt64: TimerID] = [:]
    private var cancelled: Set<UInt64> = []
    private var numbersGiven: UInt64 = 0

    mutating func nextNumber() -> UInt64 {
        numbersGiven += 1
        return numbersGiven
    }

    /// - Returns: False when the pause was cancelled before it began; the waiter goes on at once.
    mutating func add(_ number: UInt64, _ waiter: CheckedContinuation<Void, Never>) -> Bool {
        guard cancelled.remove(number) == nil else {
            waiter.resume()
            return false
        }
        waiters[number] = waiter
        return true
    }

    /// The timer that ends the pause.
    mutating func set(_ timer: TimerID, _ number: UInt64) { timers[number] = timer }

    /// The moment has come.
    mutating func end(_ number: UInt64) {
        timers[number] = nil
        waiters.removeValue(forKey: number)?.resume()
    }

    /// The task does not want to wait any longer.
    mutating func cancel(_ number: UInt64) {
        guard let waiter = waiters.removeValue(forKey: number) else {
            cancelled.insert(number)
            return
        }
        waiter.resume()
    }

    /// The pause is over, however it ended.
    ///
    /// - Returns: Its timer, if that is still to come.
    mutating func forget(_ number: UInt64) -> TimerID? {
        cancelled.remove(number)
        return timers.removeValue(forKey: number)
    }
}
