import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// Compares what the engine says with what the model says, one message after the other.
struct ServerChecker {
    var model: ReferenceServer
    /// When each connection opened, for those without a session.
    private var openedAt: [UInt64: Instant] = [:]
    private var finished: Set<UInt64> = []
    /// Frames of which a piece has left.
    private var begun: [UInt64: [UInt8]] = [:]
    /// Headers are not looked at when they leave: what they promised is seen after a crash.
    var trustsHeaders = false
    private(set) var replies = 0
    private(set) var events = 0

    /// How often the server looks for nodes that go by themselves.
    let reaperInterval: Duration
    /// Since when each of them could go.
    var couldGoSince: [PlainPath: Instant] = [:]

    init(_ model: ReferenceServer, reaperInterval: Duration) {
        (self.model, self.reaperInterval) = (model, reaperInterval)
    }

    // MARK: Inputs, in the engine's order

    mutating func opened(_ id: UInt64, _ identities: [Identity], now: Instant) {
        openedAt[id] = now
        model.opened(id, identities)
    }

    mutating func closed(_ id: UInt64) {
        model.closed(id)
        openedAt[id] = nil
        begun[id] = nil
        finished.remove(id)
    }

    /// The engine has used the first bytes of these.
    ///
    /// - Returns: Frames that it has used.
    mutating func received(
        _ bytes: [UInt8],
        _ intake: Intake,
        on id: UInt64,
        at moment: Moment
    ) throws(Fault) -> Int {
        var (start, count) = (0, 0)
        while isReading(id), let length = Self.length(bytes, from: start) {
            guard length > 0, length <= 0xfffff else {
                // It may be for the next turn to see that.
                let isSeen = intake.consumed > start || intake.next == .never
                if isSeen { model.cut(id) }
                break
            }
            guard start + 4 + length <= bytes.count else { break }
            guard start + 4 + length <= intake.consumed else {
                if intake.next != .moreBytes { break }
                throw Fault("connection \(id): a whole frame is left without a reason")
            }
            let frame = Array(bytes[start + 4..<start + 4 + length])
            model.received(frame, on: id, now: moment.now, time: moment.time)
            start += 4 + length
            count += 1
        }
        // What follows the last request of a connection may be left for the next turn, and is nothing then.
        let isAll = !isReading(id) && intake.consumed == bytes.count
        let isUpToHere = intake.consumed == start
        guard isAll || isUpToHere && (isReading(id) || intake.next == .anotherTurn) else {
            throw Fault(
                "connection \(id): bytes used",
                expected: "\(start) of \(bytes.count)",
                came: "\(intake)"
            )
        }
        return count
    }

    private func isReading(_ id: UInt64) -> Bool {
        switch model.connections[id]?.phase {
        case .opening, .serving: true
        case .finishing, .broken, nil: false
        }
    }

    private static func length(_ bytes: [UInt8], from start: Int) -> Int? {
        guard start + 4 <= bytes.count else { return nil }
        return Int(Int32(bitPattern: bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }))
    }

    /// The process is gone, and with it all connections; the model goes on from what was recovered.
    mutating func crashed() {
        for id in model.connections.keys { model.closed(id) }
        (openedAt, finished, begun, couldGoSince) = ([:], [], [:], [:])
    }

    /// The engine has ended sessions by itself.
    mutating func expired(_ facts: [SessionFact], now: Instant) throws(Fault) {
        for fact in facts where fact.kind == .expired {
            guard let session = model.sessions[fact.session] else {
                throw Fault("session \(fact.session) expires and does not live")
            }
            guard now >= session.earliestEnd else {
                throw Fault(
                    "session \(fact.session) expires too early",
                    expected: "not before \(session.earliestEnd)",
                    came: "\(now)"
                )
            }
            model.expire(fact.session)
        }
    }

    /// A turn begins late; nobody could be heard for that long.
    mutating func stalled(atLeast: Duration, atMost: Duration) {
        for id in model.sessions.keys {
            model.sessions[id]?.stalled(atLeast: atLeast, atMost: atMost)
        }
    }

    // MARK: Outputs

    mutating func saw(_ action: ServerAction, now: Instant) throws(Fault) {
        switch action {
        case .report(let fact):
            let expected = model.facts.isEmpty ? nil : model.facts.removeFirst()
            guard fact == expected else {
                let text = expected.map { "\($0)" } ?? "none"
                throw Fault("session fact", expected: text, came: "\(fact)")
            }
        case .send(let id, let bytes): try sent(bytes, on: id.rawValue)
        case .finish(let id, _):
            let connection = model.connections[id.rawValue]
            guard connection?.phase == .finishing, connection?.expected.isEmpty == true else {
                throw Fault("connection \(id.rawValue) ends before everything is said")
            }
            finished.insert(id.rawValue)
        case .close(let id, let reason):
            let connection = model.connections[id.rawValue]
            if connection?.phase == .opening, let since = openedAt[id.rawValue] {
                guard now < since + .seconds(10) else { return }
            }
            // A last answer that nobody takes is not waited for.
            guard connection?.phase == .broken || reason?.kind == .unread else {
                let text = reason?.text ?? "no reason"
                throw Fault("connection \(id.rawValue) is closed: \(text)")
            }
        case .flush, .resume, .warn, .note: break
        }
    }

    private mutating func sent(_ piece: [UInt8], on id: UInt64) throws(Fault) {
        let bytes = (begun.removeValue(forKey: id) ?? []) + piece
        var start = 0
        while let length = Self.length(bytes, from: start), start + 4 + length <= bytes.count {
            try left(Array(bytes[start + 4..<start + 4 + length]), on: id)
            start += 4 + length
        }
        if start < bytes.count { begun[id] = Array(bytes[start...]) }
    }

    /// One frame leaves: it has to be what the model has next.
    private mutating func left(_ frame: [UInt8], on id: UInt64) throws(Fault) {
        guard let connection = model.connections[id], connection.phase != .broken else {
            throw Fault("connection \(id) is over and is sent \(FrameText.text(frame))")
        }
        guard let expected = connection.expected.first else {
            throw Fault(
                "connection \(id): a frame too many",
                expected: "nothing",
                came: FrameText.text(frame)
            )
        }
        guard expected.shows <= model.durable else {
            throw Fault(
                "connection \(id): a frame leaves before it is durable",
                expected: "after \(expected.shows), durable is \(model.durable)",
                came: FrameText.text(frame)
            )
        }
        let about = "connection \(id)"
        let match = try FrameMatch(
            expected,
            frame,
            connection,
            model,
            trustsHeaders: trustsHeaders,
            about: about
        )
        model.connections[id]?.header = max(connection.header, match.header ?? 0)
        model.moments?.show(max(expected.shows, match.header ?? 0))
        if let (session, password) = match.password { model.passwords[session] = password }
        if let rest = match.rest {
            model.connections[id]?.expected[0].body = .events(rest)
        } else {
            model.connections[id]?.expected.removeFirst()
        }
        if match.isEvent { events += 1 } else { replies += 1 }
    }

    // MARK: The end of a turn

    /// Nothing that could have been said or done is left.
    mutating func turnEnds(_ engine: borrowing ServerEngine, _ moment: Moment) throws(Fault) {
        let now = moment.now
        if let fact = model.facts.first { throw Fault("session fact is missing: \(fact)") }
        if let id = begun.keys.min() { throw Fault("connection \(id): half a frame leaves") }
        for (id, connection) in model.connections.sorted(by: { $0.key < $1.key }) {
            if let next = connection.expected.first, next.due <= model.durable {
                throw Fault(
                    "connection \(id): nothing leaves",
                    expected: FrameText.text(next.body),
                    came: "nothing; durable is \(model.durable), it needs \(next.due)"
                )
            }
            if connection.phase == .broken {
                throw Fault("connection \(id) should be closed by now")
            }
            if connection.phase == .finishing, connection.expected.isEmpty, !finished.contains(id) {
                throw Fault("connection \(id) should be about to close")
            }
        }
        // Whose requests wait for the disk counts as heard of.
        for connection in engine.connections.values where connection.isAwaitingLog {
            if let id = connection.session { model.sessions[id]?.mayHaveBeenHeard(now) }
        }
        for (id, session) in model.sessions.sorted(by: { $0.key < $1.key }) {
            guard now <= session.latestEnd else {
                throw Fault(
                    "session \(id) lives too long",
                    expected: "an end until \(session.latestEnd)",
                    came: "now is \(now)"
                )
            }
        }
        try nothingLingers(moment)
        try compare("zxid", model.lastZxid, engine.tree.lastZxid)
        try compare("sessions", model.sessions.count, engine.tree.sessionCount)
        try compare("connections", model.connections.count, engine.connections.count)
        try compare("nodes", model.tree.nodes.count, engine.tree.nodeCount)
        try compare("watches", model.watches.count, engine.tree.watchCount)
    }

    private func compare(
        _ name: String,
        _ expected: some Equatable,
        _ came: some Equatable
    )
        throws(Fault)
    {
        guard "\(expected)" == "\(came)" else {
            throw Fault("number of \(name)", expected: "\(expected)", came: "\(came)")
        }
    }
}
