import ServiceModel
import ZooKeeperProtocol

@testable import ZNodeTree
@testable import ZooKeeperServer

extension ServerChecker {
    /// A peer whose requests wait has read something: it is alive.
    mutating func read(_ id: UInt64, now: Instant) {
        guard let session = model.connections[id]?.session else { return }
        model.sessions[session]?.hear(now)
    }

    /// Every node with all that is known about it.
    func compareTrees(_ engine: borrowing ServerEngine) throws(Fault) {
        for (path, node) in model.tree.nodes.sorted(by: { $0.key < $1.key }) {
            guard let came = engine.tree.node(path.description) else {
                throw Fault("\(path) is missing")
            }
            let text = "\(path) in the end"
            guard came.data == node.data, came.acl == node.acl else {
                throw Fault(text, expected: "\(node)", came: "\(came.data ?? []) \(came.acl)")
            }
            guard came.stat == model.tree.stat(path.description), came.creations == node.creations
            else {
                let stat = model.tree.stat(path.description).map { "\($0)" } ?? ""
                throw Fault(text, expected: stat, came: "\(came.stat)")
            }
        }
        #if DEBUG
        engine.tree.checkInvariants()
        #endif
    }

    /// All sessions are over.
    func nothingIsLeft(_ engine: borrowing ServerEngine) throws(Fault) {
        // What is said last to a peer that is gone without a word waits for the kernel to give up.
        let finishing = model.connections.values.filter { $0.phase == .finishing }.count
        guard engine.connections.count == finishing else {
            throw Fault("\(engine.connections.count) connections are left")
        }
        let left = [
            engine.tree.sessionCount, engine.tree.ephemeralNodeCount, engine.tree.watchCount,
            engine.gate.heldCount, finishing > 0 ? 0 : engine.unsentTotal,
        ]
        guard left.allSatisfy({ $0 == 0 }) else {
            throw Fault("sessions, ephemerals, watches, held, unsent: \(left)")
        }
    }
}
