import ZooKeeperProtocol

/// A Stat in zkCli's eleven lines.
enum StatText {
    /// The lines.
    ///
    /// - Parameters:
    ///   - stat: What to show.
    ///   - date: Text of a time in milliseconds since 1970.
    /// - Returns: Eleven lines, in zkCli's order.
    static func lines(_ stat: Stat, date: (Int64) -> String = JavaDate.text) -> [String] {
        [
            "cZxid = \(hex(stat.czxid))",
            "ctime = \(date(stat.ctime))",
            "mZxid = \(hex(stat.mzxid))",
            "mtime = \(date(stat.mtime))",
            "pZxid = \(hex(stat.pzxid))",
            "cversion = \(stat.cversion)",
            "dataVersion = \(stat.version)",
            "aclVersion = \(stat.aversion)",
            "ephemeralOwner = \(hex(stat.ephemeralOwner))",
            "dataLength = \(stat.dataLength)",
            "numChildren = \(stat.numChildren)",
        ]
    }

    private static func hex(_ value: Int64) -> String {
        "0x" + String(UInt64(bitPattern: value), radix: 16)
    }
}
