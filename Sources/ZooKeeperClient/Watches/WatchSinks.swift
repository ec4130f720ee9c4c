internal import ZooKeeperProtocol

/// Where the elements of watches go, by the numbers of their subscribers.
///
/// Bound: `Limits.watchSubscribersMax`. Owner: the session's actor.
struct WatchSinks {
    /// What a sink on the session's loop is told, in wire order.
    enum Message {
        case established
        case element(WatchElement)
        case reply(tag: UInt64, Result<Response, ZooKeeperError>)
        /// Nothing follows.
        case ended(ZooKeeperError?)
    }
    typealias Port = @Sendable (Message) -> Void
    typealias Waiter = CheckedContinuation<Result<Void, ZooKeeperError>, Never>

    enum Sink {
        case buffer(ElementBuffer<WatchElement>)
        case port(Port)
    }

    private var sinks: [UInt64: Sink] = [:]
    private var waiters: [UInt64: Waiter] = [:]
    private var numbersGiven: UInt64 = 0

    var count: Int { sinks.count }

    /// - Returns: The subscriber's number.
    mutating func add(_ sink: Sink) -> UInt64 {
        numbersGiven += 1
        sinks[numbersGiven] = sink
        return numbersGiven
    }

    mutating func wait(_ number: UInt64, _ waiter: Waiter) { waiters[number] = waiter }

    mutating func remove(_ number: UInt64) { sinks[number] = nil }

    /// Hands a message over; the last one of a subscriber removes its sink.
    ///
    /// - Returns: The closure that has to be called with it, which may use this table.
    mutating func tell(_ number: UInt64, _ message: Message) -> Port? {
        let sink = sinks[number]
        switch message {
        case .established: waiters.removeValue(forKey: number)?.resume(returning: .success(()))
        case .ended(let error):
            sinks[number] = nil
            waiters.removeValue(forKey: number)?.resume(
                returning: error.map { .failure($0) } ?? .success(())
            )
        case .element, .reply: break
        }
        switch (sink, message) {
        case (.port(let port), _): return port
        case (.buffer(let buffer), .element(let element)): buffer.push(element)
        case (.buffer(let buffer), .ended(let error)): buffer.finish(error)
        case (.buffer, _), (nil, _): break
        }
        return nil
    }
}
