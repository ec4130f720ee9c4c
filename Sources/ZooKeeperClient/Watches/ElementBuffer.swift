internal import Synchronization

/// What can stand for elements that were dropped.
protocol Overflowing: Sendable {
    /// Says that some were dropped.
    static var overflow: Self { get }
    /// True where whoever reads this reads everything anew.
    var isMarker: Bool { get }
}

/// Elements that wait to be read, and who waits for them.
///
/// Step of the data flow: between the session's loop, which puts in, and the task that reads. Bound: the
/// capacity, and one marker behind it that stands for all that found no room: whoever reads that reads
/// everything again, and with it all that was dropped before.
/// Owner: a lock.
final class ElementBuffer<Element: Overflowing>: Sendable {
    typealias Outcome = Result<Element?, ZooKeeperError>

    private struct State {
        var elements: [Element] = []
        /// How many of `elements` have been read.
        var head = 0
        var end: Outcome?
        var readers: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var cancelled: Set<UInt64> = []
        var readersSeen: UInt64 = 0

        mutating func push(_ element: Element, capacity: Int) {
            guard end == nil else { return }
            let waiting = elements.count - head
            guard waiting >= capacity else {
                elements.append(element)
                return
            }
            // The marker is read after all that was dropped before, and says so.
            if waiting == capacity {
                elements.append(element.isMarker ? element : .overflow)
            } else if element.isMarker {
                elements[elements.count - 1] = element
            }
        }

        mutating func take() -> Outcome? {
            guard head < elements.count else { return end }
            defer {
                head += 1
                // Moving the rest costs less than what has been taken since the last time.
                if head * 2 >= elements.count {
                    elements.removeFirst(head)
                    head = 0
                }
            }
            return .success(elements[head])
        }

        mutating func take(
            or reader: CheckedContinuation<Outcome, Never>,
            _ number: UInt64
        ) -> Outcome? {
            if cancelled.contains(number) { return .success(nil) }
            if let outcome = take() { return outcome }
            readers[number] = reader
            return nil
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// Creates an empty buffer for at least one element.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Puts an element in, or makes it part of the overflow.
    func push(_ element: Element) {
        state.withLock { $0.push(element, capacity: capacity) }
        wake()
    }

    /// Nothing follows; what waits can still be read.
    ///
    /// - Parameter error: Thrown at the end; nil where the end is a plain one.
    func finish(_ error: ZooKeeperError? = nil) {
        state.withLock { state in
            if state.end == nil { state.end = error.map { .failure($0) } ?? .success(nil) }
        }
        // Bound: each turn takes a reader out.
        while wake() {}
    }

    /// Takes the oldest element out, waiting for one if need be.
    ///
    /// - Returns: Nil at the end, and when the task is cancelled.
    func next() async -> Outcome {
        let reader = state.withLock { state in
            state.readersSeen += 1
            return state.readersSeen
        }
        defer { state.withLock { _ = $0.cancelled.remove(reader) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { $0.take(or: continuation, reader) }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                state.cancelled.insert(reader)
                return state.readers.removeValue(forKey: reader)
            }
            waiting?.resume(returning: .success(nil))
        }
    }

    /// Gives the longest waiting reader its element.
    ///
    /// - Returns: False when nobody waits, or there is nothing to give.
    @discardableResult
    private func wake() -> Bool {
        let (reader, outcome) = state.withLock { state in
            guard let first = state.readers.keys.min(), let outcome = state.take() else {
                return (nil as CheckedContinuation<Outcome, Never>?, Outcome.success(nil))
            }
            return (state.readers.removeValue(forKey: first), outcome)
        }
        reader?.resume(returning: outcome)
        return reader != nil
    }
}
