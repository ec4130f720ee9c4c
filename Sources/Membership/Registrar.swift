import Registrations
public import Runtime
public import ServiceModel
import Telemetry
public import ZooKeeperClient
import ZooKeeperProtocol

/// Keeps ephemeral registrations in the tree, over a session of its own, until it is told otherwise.
///
/// Step of the data flow: from a provider to the tree. One engine a registration decides; this shell
/// carries out. Stopping `run` closes the session, and the registry removes all registrations at once.
/// Owner: the loop of its session.
public actor Registrar: LoopHandler {
    private struct Registration {
        var engine: RegistrationEngine
        /// Tag of the request whose reply counts.
        var awaited: UInt64?
        var timer: (id: TimerID, at: Instant, token: UInt64)?
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private nonisolated let loop: EventLoop
    private let session: ZooKeeperSession
    private let log = Log("registrar")
    private var registrations: [String: Registration] = [:]
    private var pathOfTag: [UInt64: String] = [:]
    private var pathOfTimer: [UInt64: String] = [:]
    private var nextTag: UInt64 = 1
    /// Number of the session while it has a connection.
    private var connectedSession: Int64?
    private var observers: [@Sendable (String, RegistrationStatus) -> Void] = []

    /// The loop, as Swift's runtime wants it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is stored in the actor, so it lives at least as long.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Creates a registrar that does nothing until `run`.
    ///
    /// - Parameters:
    ///   - loop: The loop that the session lives on.
    ///   - session: For the registrar alone; not run by others.
    public init(loop: EventLoop, session: ZooKeeperSession) {
        (self.loop, self.session) = (loop, session)
    }

    /// Runs the session and keeps the registrations, until the task is cancelled; once per registrar.
    public func run() async {
        await session.attach { [weak self] events in
            self?.assumeIsolated { $0.take(events) }
        }
        await session.run()
    }

    /// Calls a closure on the loop with each change of a registration's status.
    ///
    /// - Parameter observer: Gets the znode's path; must not block.
    public func attach(observer: @escaping @Sendable (String, RegistrationStatus) -> Void) {
        observers.append(observer)
    }

    /// Registers a Dubbo provider below its service.
    ///
    /// - Parameters:
    ///   - instance: Its id's service is the interface.
    ///   - root: Absolute path of Dubbo's root.
    ///   - data: The znode's data; Dubbo's own clients write their address.
    /// - Returns: The znode's path.
    /// - Throws: `MembershipError` for an instance that cannot be written, and as the other form.
    @discardableResult
    public func register(
        _ instance: Instance,
        root: String = "/dubbo",
        data: [UInt8] = []
    ) throws(MembershipError) -> String {
        let name: String
        do throws(RegistrationError) {
            name = try ProviderName.render(instance)
        } catch {
            throw MembershipError(.badInstance, error.description)
        }
        let directory = DubboTree.providersPath(of: instance.id.service.name, root: root)
        let path = ZNodePath.join(directory, name)
        try register(path: path, data: data)
        return path
    }

    /// Registers an ephemeral znode; missing parents are made, persistent.
    ///
    /// - Parameters:
    ///   - path: Absolute path of the znode.
    ///   - data: Its data.
    /// - Throws: `MembershipError` for a bad or doubled path, and above 10,000 registrations.
    public func register(path: String, data: [UInt8] = []) throws(MembershipError) {
        guard ZNodePath.isValid(path), path != ZNodePath.root else {
            throw MembershipError(.badPath, "\(path) is not the path of a znode to register")
        }
        guard registrations[path] == nil else {
            throw MembershipError(.alreadyRegistered, "\(path) is registered already")
        }
        guard registrations.count < Limits.registrationsMax else {
            throw MembershipError(.tooMany, "\(Limits.registrationsMax) registrations are too many")
        }
        registrations[path] = Registration(engine: RegistrationEngine(path: path, data: data))
        guard let connectedSession else { return }
        update(path) { $0.connected(session: connectedSession, now: loop.now) }
    }

    /// How a registration stands; nil when there is none.
    public func status(of path: String) -> RegistrationStatus? {
        registrations[path]?.engine.status
    }

    /// Takes a registration back; returns when it is out of the tree, or the connection is lost.
    ///
    /// In the latter case the znode is deleted when the session comes back, or goes with it.
    public func deregister(path: String) async {
        guard let registration = registrations[path], registration.engine.status != .ended else {
            return
        }
        await withCheckedContinuation { continuation in
            registrations[path]?.endWaiters.append(continuation)
            update(path) { $0.end(now: loop.now) }
        }
    }

    /// Part of `LoopHandler`: the pause of a registration is over.
    public nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            for case .timer(let token) in events {
                guard let path = me.pathOfTimer.removeValue(forKey: token) else { continue }
                me.registrations[path]?.timer = nil
                me.update(path) { $0.retry(now: me.loop.now) }
            }
        }
    }

    private func take(_ events: [SessionEvent]) {
        let now = loop.now
        for event in events {
            switch event {
            case .state(.connected(let session, _)):
                connectedSession = session
                updateAll { $0.connected(session: session, now: now) }
            case .state:
                guard connectedSession != nil else { continue }
                connectedSession = nil
                updateAll { $0.disconnected() }
            case .watch(let watch): update(watch.path) { $0.receive(watch, now: now) }
            case .reply(let tag, let result, _):
                guard let path = pathOfTag.removeValue(forKey: tag),
                    registrations[path]?.awaited == tag
                else { continue }
                registrations[path]?.awaited = nil
                update(path) { $0.receive(result.mapError(ErrorCode.init), now: now) }
            }
        }
    }

    private func updateAll(
        _ input: (inout RegistrationEngine) -> RegistrationEngine.Output
    ) {
        for path in registrations.keys.sorted() { update(path, input) }
    }

    /// Gives an engine an input and carries out what it wants.
    private func update(
        _ path: String,
        _ input: (inout RegistrationEngine) -> RegistrationEngine.Output
    ) {
        guard var registration = registrations[path] else { return }
        let output = input(&registration.engine)
        if let request = output.request {
            registration.awaited = nextTag
            pathOfTag[nextTag] = path
            let tag = nextTag
            session.assumeIsolated { $0.submit(request, tag: tag) }
            nextTag += 1
        }
        arm(&registration, path, output.retryAt)
        registrations[path] = registration
        if let status = output.status { report(path, status) }
        if registration.engine.isDone { registrations[path] = nil }
    }

    private func arm(_ registration: inout Registration, _ path: String, _ deadline: Instant?) {
        guard deadline != registration.timer?.at else { return }
        if let timer = registration.timer {
            loop.cancelTimer(timer.id)
            pathOfTimer[timer.token] = nil
        }
        registration.timer = deadline.map { deadline in
            let token = nextTag
            nextTag += 1
            pathOfTimer[token] = path
            return (loop.setTimer(at: deadline, handler: self, token: token), deadline, token)
        }
    }

    private func report(_ path: String, _ status: RegistrationStatus) {
        switch status {
        case .waiting, .registering: break
        case .registered: log.info("registered \(path)")
        case .contended(let owner, _):
            let session = String(UInt64(bitPattern: owner), radix: 16)
            log.warning("session 0x\(session) claims \(path) too: backing off")
        case .failing(let code, _): log.warning("\(path) is refused: \(code)")
        case .ended: log.info("deregistered \(path)")
        }
        for observer in observers { observer(path, status) }
        guard status == .ended, let waiters = registrations[path]?.endWaiters else { return }
        registrations[path]?.endWaiters = []
        for waiter in waiters { waiter.resume() }
    }
}
