/// Names one connection of a server for as long as the process lives; watches belong to it.
public struct ConnectionID: Hashable, Comparable, Sendable {
    /// A number never given twice.
    public let rawValue: UInt64

    /// The connection of that number.
    @inlinable
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Older connections are smaller.
    @inlinable
    public static func < (left: ConnectionID, right: ConnectionID) -> Bool {
        left.rawValue < right.rawValue
    }
}
