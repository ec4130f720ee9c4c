public import Wire

/// What is wrong with a DNS name or message, whether it came as text or as bytes.
public struct DNSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The ways in which DNS text or bytes can be wrong.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String, Hashable, Sendable {
            case emptyLabel, labelTooLong, nameTooLong, badEscape, badPointer, badLabelType
            case truncated, badOption, badRdata, tooLong
        }
        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// Two dots in a row, or a dot at the start.
        public static let emptyLabel = Code(.emptyLabel)
        /// A label of more than 63 bytes.
        public static let labelTooLong = Code(.labelTooLong)
        /// A name of more than 255 bytes of wire form.
        public static let nameTooLong = Code(.nameTooLong)
        /// A backslash without the character or the three digits that must follow it.
        public static let badEscape = Code(.badEscape)
        /// A compression pointer that does not point strictly backwards.
        public static let badPointer = Code(.badPointer)
        /// A label whose first byte is 0x40 to 0xBF.
        public static let badLabelType = Code(.badLabelType)
        /// The bytes end before the value does.
        public static let truncated = Code(.truncated)
        /// An EDNS option runs over the end of its record, or there are two OPT records.
        public static let badOption = Code(.badOption)
        /// The rdata does not have the form of its type.
        public static let badRdata = Code(.badRdata)
        /// A value does not fit into a message of 65,535 bytes.
        public static let tooLong = Code(.tooLong)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What is wrong.
    public let code: Code
    /// Offset in bytes of the first bad byte, or of the bad character of a text.
    public let offset: Int

    /// Creates the error for the value at `offset`.
    public init(_ code: Code, at offset: Int = 0) { (self.code, self.offset) = (code, offset) }

    /// Takes over where the bytes ended.
    public init(_ cause: WireError) { self.init(.truncated, at: cause.offset) }

    /// One clause for a log line.
    public var description: String { "\(code) at offset \(offset)" }
}
