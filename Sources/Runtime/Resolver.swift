internal import CLinux
internal import Glibc
internal import ServiceModel
internal import Synchronization

/// Host names to addresses, on blocking threads of its own.
///
/// A look-up cannot be broken off, and one whose name server is silent holds its thread for half a minute:
/// others go on beside it. Threads are started when all that there are have work, up to
/// `Limits.lookUpThreadsMax`; then look-ups wait in order. Owner: whoever made it, who stops it.
public final class Resolver: Sendable {
    /// What a look-up comes to: at least one address, at most 64, in the system's order of preference.
    public typealias Outcome = Result<[SocketAddress], RuntimeError>
    typealias Asking = @Sendable (_ host: String, _ port: UInt16) -> Outcome

    private struct Pool {
        var threads: [BlockingThread] = []
        var idle: [BlockingThread] = []
        var waiting: [@Sendable () -> Void] = []
        var isStopped = false
    }
    /// Where a piece of work goes.
    private enum Place {
        case thread(BlockingThread)
        case queue
        case nowhere(RuntimeError)
    }

    /// One for the whole process, which is never stopped.
    public static let shared = Resolver()

    private let pool = Mutex(Pool())
    private let ask: Asking

    /// Creates a resolver that asks the system; its threads start when they are needed.
    public convenience init() { self.init(asking: Self.askSystem) }

    init(asking ask: @escaping Asking) { self.ask = ask }

    /// Addresses of `localhost:2181`, `127.0.0.1:2181` or `[::1]:2181`.
    ///
    /// An address needs no look-up and does not wait for one.
    ///
    /// - Parameter text: A host and a port.
    /// - Returns: At least one address, at most 64, in the system's order of preference.
    /// - Throws: `RuntimeError` `.badArgument` for text of another form, `.unresolved` when the name has no
    ///   address, `.overloaded` when 256 look-ups wait, `.closed` after `stop`.
    public func resolve(_ text: String) async throws(RuntimeError) -> [SocketAddress] {
        let outcome = await withCheckedContinuation { waiter in
            resolve(text) { waiter.resume(returning: $0) }
        }
        return try outcome.get()
    }

    /// As the other form, for callers that do not wait.
    ///
    /// - Parameters:
    ///   - text: A host and a port.
    ///   - done: Called once, on one of the resolver's threads, or before this returns where no look-up is
    ///     needed or possible. Must not block.
    public func resolve(_ text: String, then done: @escaping @Sendable (Outcome) -> Void) {
        guard let (host, port) = SocketAddress.split(text),
            host.utf8.count <= Limits.hostNameBytesMax, !host.utf8.contains(0)
        else {
            done(.failure(RuntimeError(.badArgument, "\"\(text)\" is not host:port")))
            return
        }
        if let ip = IPAddress(host) {
            done(.success([SocketAddress(ip: ip, port: port)]))
            return
        }
        let refusal = submit { [ask] in done(ask(host, port)) }
        if let refusal { done(.failure(refusal)) }
    }

    /// Ends the threads after the look-ups that wait.
    public func stop() {
        let threads = pool.withLock { pool in
            pool.isStopped = true
            return pool.threads
        }
        for thread in threads { thread.stop() }
    }

    // MARK: Threads

    /// - Returns: Why the work will not be done, or nil.
    private func submit(_ work: @escaping @Sendable () -> Void) -> RuntimeError? {
        switch pool.withLock({ Self.place(work, in: &$0) }) {
        case .queue: return nil
        case .nowhere(let refusal): return refusal
        case .thread(let thread):
            let isTaken = thread.submit { [self] in
                work()
                workOn(thread)
            }
            return isTaken ? nil : Self.stopped
        }
    }

    private static func place(_ work: @escaping @Sendable () -> Void, in pool: inout Pool) -> Place
    {
        guard !pool.isStopped else { return .nowhere(stopped) }
        if let idle = pool.idle.popLast() { return .thread(idle) }
        if pool.threads.count < Limits.lookUpThreadsMax {
            let thread = BlockingThread(name: "resolver")
            pool.threads.append(thread)
            return .thread(thread)
        }
        guard pool.waiting.count < Limits.blockingQueueMax else {
            return .nowhere(
                RuntimeError(.overloaded, "\(pool.waiting.count) host names wait to be looked up")
            )
        }
        pool.waiting.append(work)
        return .queue
    }

    /// Does what waits, on a thread that has become free.
    private func workOn(_ thread: BlockingThread) {
        while let work = next(thread) { work() }
    }

    private func next(_ thread: BlockingThread) -> (@Sendable () -> Void)? {
        pool.withLock { pool in
            guard pool.waiting.isEmpty else { return pool.waiting.removeFirst() }
            pool.idle.append(thread)
            return nil
        }
    }

    private static let stopped = RuntimeError(.closed, "the resolver was stopped")

    // MARK: The system

    private static func askSystem(_ host: String, _ port: UInt16) -> Outcome {
        var found = [muster_address](
            repeating: muster_address(),
            count: Limits.addressesPerNameMax
        )
        // SAFETY: the shim writes at most as many addresses as it is told, the array's length.
        let count = unsafe muster_resolve(host, port, &found, Int32(Limits.addressesPerNameMax))
        guard count > 0 else {
            let reason = unsafe muster_resolve_message(count).map { unsafe String(cString: $0) }
            return .failure(RuntimeError(.unresolved, "\(host): \(reason ?? "no address")"))
        }
        return .success(found.prefix(Int(count)).compactMap { SocketAddress($0) })
    }
}
