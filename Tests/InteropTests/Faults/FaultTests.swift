import Membership
import Runtime
import ServiceModel
import Telemetry
import TestSupport
import Testing
import ZooKeeperClient

/// The servers of an ensemble fail one after the other, while providers come and go and dig asks.
///
/// After each fault the view is the tree, no session was lost on the way, and until then nobody with a live
/// provider was ever answered with nothing.
@Suite(.serialized, .timeLimit(.minutes(10 * Soak.factor))) struct FaultTests {
    private static let rounds = 6 * Soak.factor
    /// Changes that have to be made while a fault lasts.
    private static let changesDuringFault = 25

    @Test(.needs(.zooKeeperServer, .dig))
    func `A1.6 A1.13 whichever server fails, answers stay whole and nobody is lost`() async throws {
        let ensemble = try await Ensemble()
        let daemon = try await Daemon(
            settings: [
                "registry.connect=\(ensemble.connectString)", "registry.sessionTimeout=30000",
            ]
        )
        let churn = try ProviderChurn(ensemble.connectString)
        let loop = EventLoop(name: "view")
        defer { loop.stop() }
        let reader = try Self.session(ensemble, loop)
        let aggregator = Aggregator(
            loop: loop,
            session: try Self.session(ensemble, loop),
            configuration: MembershipConfiguration(),
            metrics: MetricsRegistry()
        )
        let witness = AnswerWitness(
            daemon.dns,
            names: ProviderChurn.steady.map { $0 + ".dubbo.muster.internal" },
            expected: 2
        )
        try await withThrowingTaskGroup { group in
            defer {
                witness.end()
                churn.end()
                group.cancelAll()
            }
            group.addTask { await reader.run() }
            try await reader.createWithParents("/DDNS")
            group.addTask { await churn.run() }
            group.addTask { await aggregator.run() }
            try #require(await churn.pause() == nil)
            try await Self.compare(aggregator, daemon, reader)
            let sessions = await churn.sessions()
            group.addTask { await witness.run() }
            for round in 0..<Self.rounds {
                let fault = ServerFault(round: round)
                churn.resume()
                try await fault.happen(to: ensemble) {
                    let before = churn.changes
                    let goesOn = await eventually(within: .seconds(90)) {
                        churn.changes >= before + Self.changesDuringFault
                    }
                    try #require(goesOn, "round \(round), \(fault): nobody can register")
                }
                let missing = await churn.pause()
                try #require(missing == nil, "round \(round), \(fault)")
                try await Self.compare(aggregator, daemon, reader)
                #expect(await churn.sessions() == sessions, "round \(round), \(fault)")
                try #require(witness.faults == [], "round \(round), \(fault)")
            }
            print(
                "faults: \(Self.rounds) rounds, \(churn.changes) changes, \(witness.answers) answers"
            )
        }
        #expect(witness.answers >= ProviderChurn.steady.count * Self.rounds)
        #expect(await daemon.stop().status == 0)
    }

    private static func session(
        _ ensemble: Ensemble,
        _ loop: EventLoop
    ) throws -> ZooKeeperSession {
        let configuration = try SessionConfiguration(
            connectString: ensemble.connectString,
            sessionTimeout: .seconds(30)
        )
        return ZooKeeperSession(loop: loop, configuration: configuration)
    }

    /// View and answers are what the tree says.
    private static func compare(
        _ aggregator: Aggregator,
        _ daemon: Daemon,
        _ reader: ZooKeeperSession
    ) async throws {
        var tree: TreePicture?
        let isRead = await eventually(within: .seconds(60)) {
            try? await reader.sync()
            tree = try? await TreePicture(reading: reader)
            return tree != nil
        }
        try #require(isRead, "the tree cannot be read")
        let picture = try #require(tree)
        let isEqual = await eventually(within: .seconds(60)) {
            TreePicture(aggregator.view.snapshot()) == picture
        }
        let view = TreePicture(aggregator.view.snapshot())
        #expect(isEqual, "\(view.difference(from: picture).prefix(10))")
        for service in ProviderChurn.steady + ProviderChurn.changing {
            let instances = picture.services[ServiceName(.dubbo, service)] ?? [:]
            let wanted = instances.keys.map { "\($0.endpoint.address)" }.sorted()
            var answers: [String] = []
            let isRight = try await eventually {
                let name = service + ".dubbo.muster.internal"
                answers = try await Dig(daemon.dns, name, "A", "+tcp").answers.sorted()
                return answers == wanted
            }
            #expect(isRight, "\(service): \(answers), not \(wanted)")
        }
    }
}
