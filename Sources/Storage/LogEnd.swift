/// Where the log ends, as it was found.
public struct LogEnd: Equatable, Sendable {
    /// Behind the last whole record; its batch is that record's.
    public var position: LogPosition
    /// That record's zxid; that of the tree at rest when there is none.
    public var zxid: Int64
    /// What a crash tore off behind it, for people; nil for nothing.
    public var tear: String?

    /// Creates an end.
    public init(position: LogPosition, zxid: Int64, tear: String? = nil) {
        (self.position, self.zxid, self.tear) = (position, zxid, tear)
    }
}
