/// One thing that happens to one server of an ensemble, and its end.
struct ServerFault: CustomStringConvertible {
    enum Kind: CaseIterable {
        /// SIGKILL; started again once the others went on without it.
        case killed
        /// SIGSTOP, until the others went on without it.
        case frozen
        /// SIGKILL and started again at once.
        case restarted
    }

    /// Whom it meets: a server by its number, or whoever leads.
    enum Target {
        case server(Int)
        case leader
    }

    let kind: Kind
    let target: Target

    var description: String {
        switch target {
        case .server(let number): "server \(number) is \(kind)"
        case .leader: "the leader is \(kind)"
        }
    }

    /// The fault of a round: each server and the leader meet each kind within twelve rounds, and each kind
    /// meets somebody and the leader within six.
    init(round: Int) {
        kind = Kind.allCases[round % 3]
        let isLeader = round / 3 % 2 == 1
        target = isLeader ? .leader : .server((round + round / 6) % 3 + 1)
    }

    /// Makes it happen, has the rest of the ensemble go on with work, and ends it.
    ///
    /// - Parameters:
    ///   - ensemble: With all three servers running.
    ///   - work: Done while the fault lasts; of a restart while the server comes back.
    /// - Throws: What `work` throws, and when there is no leader in time.
    func happen(to ensemble: Ensemble, during work: () async throws -> Void) async throws {
        let number =
            switch target {
            case .server(let number): number
            case .leader: try await ensemble.waitForLeader()
            }
        switch kind {
        case .killed:
            await ensemble.kill(number)
            try await ensemble.waitForLeader()
            try await work()
            try ensemble.start(number)
        case .frozen:
            ensemble.freeze(number)
            try await ensemble.waitForLeader()
            try await work()
            ensemble.thaw(number)
        case .restarted:
            await ensemble.kill(number)
            try ensemble.start(number)
            try await work()
        }
        try await ensemble.waitForLeader()
    }
}
