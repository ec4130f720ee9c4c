import ZooKeeperProtocol

/// What a node needs that has children, or had some.
final class ZNodeBranch {
    var children: [ZNode] = []
    /// The children's names as replies have them, until the list changes; nil while nobody has asked.
    var encodedNames: EncodedNames?
    /// Of all nodes below; nothing in levels deeper than `Limits.weighedLevelsMax`.
    var below = ZNode.Weight(nodes: 0, bytes: 0)
    var pzxid: Int64
    var creations: Int32 = 0
    /// Set for a deep node only, which has a branch from the start.
    let weighedParent: ZNode?

    init(pzxid: Int64, weighedParent: ZNode?) {
        (self.pzxid, self.weighedParent) = (pzxid, weighedParent)
    }
}
