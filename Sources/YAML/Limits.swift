/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest text in bytes: what a znode may hold (ZooKeeper jute.maxbuffer, 0xfffff); also far over
    /// any configuration file.
    static let textBytesMax = 0xfffff
    /// Deepest nesting in levels: four times what a configuration with its rules needs (about 8 to 16),
    /// and 64 stack frames of a few hundred bytes fit every thread.
    static let depthMax = 64
    /// Nodes of the tree with aliases written out.
    ///
    /// A text of `textBytesMax` bytes has at most half as many
    /// nodes without aliases (a node needs a byte and a separator), so only aliases reach it.
    static let nodesMax = textBytesMax / 2 + 1
}
