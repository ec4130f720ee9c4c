/// What is wrong with received bytes, and where.
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The ways in which bytes can be wrong.
    public enum Reason: Equatable, Sendable {
        /// The bytes end before the value does.
        case truncated
        /// A value that must be there is null or absent.
        case missing
        /// A length or count is negative or over its bound.
        case badLength(Int)
        /// A text is not UTF-8.
        case notUTF8
        /// A value is outside what its field may hold.
        case badValue(Int)
    }
    /// What is wrong.
    public let reason: Reason
    /// Index of the first byte of the value that could not be read.
    public let offset: Int

    /// Creates the error for the value that starts at `offset`.
    @inlinable
    public init(_ reason: Reason, at offset: Int) { (self.reason, self.offset) = (reason, offset) }

    /// One clause for a log line, with the offset.
    public var description: String {
        switch reason {
        case .truncated: "bytes end inside the value at offset \(offset)"
        case .missing: "value missing at offset \(offset)"
        case .badLength(let length): "length \(length) out of bounds at offset \(offset)"
        case .notUTF8: "text is not UTF-8 at offset \(offset)"
        case .badValue(let value): "value \(value) not allowed at offset \(offset)"
        }
    }
}
