import Membership
import Runtime
import Synchronization
import TestSupport
import ZooKeeperClient

/// Providers with sessions of their own: some that never leave, and some that come and go.
final class ProviderChurn: Sendable {
    /// Services that always have two providers.
    static let steady = (0..<6).map { "com.example.Steady\($0)" }
    /// Services whose providers come and go.
    static let changing = (0..<4).map { "com.example.Changing\($0)" }
    private static let steadySessions = 2
    private static let changingSessions = 3
    /// Registrations of one session beyond which it rather takes one back.
    private static let ownedMax = 12

    private struct Provider {
        let session: ZooKeeperSession
        let registrar: Registrar
    }

    private struct State {
        var changes = 0
        var isPaused = false
        /// Sessions that are between two changes.
        var resting: Set<Int> = []
        var isOver = false
    }

    private let loop = EventLoop(name: "providers")
    private let providers: [Provider]
    private let steadyPaths: [[String]]
    private let state = Mutex(State())

    /// Creates providers that do nothing until `run`.
    ///
    /// - Parameter connectString: Of the ensemble.
    /// - Throws: When it is none.
    init(_ connectString: String) throws {
        let loop = loop
        providers = try (0..<Self.steadySessions + Self.changingSessions).map { _ in
            let configuration = try SessionConfiguration(
                connectString: connectString,
                sessionTimeout: .seconds(60)
            )
            let session = ZooKeeperSession(loop: loop, configuration: configuration)
            return Provider(session: session, registrar: Registrar(loop: loop, session: session))
        }
        steadyPaths = (0..<Self.steadySessions).map { session in
            Self.steady.indices.map { service in
                Self.path(Self.steady[service], host: "10.\(session + 1).0.\(service + 1)")
            }
        }
    }

    deinit { loop.stop() }

    /// Changes made and seen in the registry.
    var changes: Int { state.withLock(\.changes) }

    /// Registers, and goes on registering and deregistering, until the task is cancelled.
    func run() async {
        await withTaskGroup { group in
            for provider in providers { group.addTask { await provider.registrar.run() } }
            for (paths, provider) in zip(steadyPaths, providers) {
                for path in paths { try? await provider.registrar.register(path: path) }
            }
            for number in Self.steadySessions..<providers.count {
                group.addTask { await self.change(number) }
            }
            await group.waitForAll()
        }
    }

    /// Ends the changes; the registrations go with `run`.
    func end() { state.withLock { $0.isOver = true } }

    /// Waits until everything that is to stand is registered, and nobody changes anything until `resume`.
    ///
    /// - Returns: What is not registered in time; nil when all is.
    func pause() async -> String? {
        state.withLock { $0.isPaused = true }
        let isResting = await eventually(within: .seconds(120)) {
            state.withLock { $0.resting.count } == Self.changingSessions
        }
        guard isResting else { return "a change does not come to its end" }
        for (paths, provider) in zip(steadyPaths, providers) {
            for path in paths {
                let isRegistered = await eventually(within: .seconds(60)) {
                    await provider.registrar.status(of: path) == .registered
                }
                guard isRegistered else { return "\(path) is not registered" }
            }
        }
        return nil
    }

    /// Has the changes go on.
    func resume() { state.withLock { $0.isPaused = false } }

    /// The sessions' numbers, nil where there is none.
    func sessions() async -> [Int64?] {
        var numbers: [Int64?] = []
        for provider in providers { numbers.append(await provider.session.identity?.sessionID) }
        return numbers
    }

    /// Znode of a provider at port 20880 of a host.
    private static func path(_ service: String, host: String) -> String {
        "/dubbo/\(service)/providers/dubbo%3A%2F%2F\(host)%3A20880%2F\(service)"
            + "%3Fapplication%3Dfaults"
    }

    private func change(_ number: Int) async {
        let registrar = providers[number].registrar
        var generator = Seed.generator(UInt64(700 + number))
        var owned: [String] = []
        while !state.withLock(\.isOver) {
            if state.withLock(\.isPaused) {
                state.withLock { _ = $0.resting.insert(number) }
                _ = await eventually(within: .seconds(600)) {
                    state.withLock { !$0.isPaused || $0.isOver }
                }
                state.withLock { _ = $0.resting.remove(number) }
                continue
            }
            let service = Self.changing.randomElement(using: &generator) ?? ""
            let host = Int.random(in: 1...250, using: &generator)
            let path = Self.path(service, host: "10.8.\(number).\(host)")
            let isFull = owned.count >= Self.ownedMax
            if isFull || (!owned.isEmpty && Bool.random(using: &generator)) {
                let index = Int.random(in: owned.indices, using: &generator)
                await registrar.deregister(path: owned.remove(at: index))
            } else if !owned.contains(path), (try? await registrar.register(path: path)) != nil {
                owned.append(path)
                // One that does not come to an end is found by `pause`.
                _ = await eventually(within: .seconds(120)) {
                    await registrar.status(of: path) == .registered
                }
            }
            state.withLock { $0.changes += 1 }
        }
        state.withLock { _ = $0.resting.insert(number) }
    }
}
