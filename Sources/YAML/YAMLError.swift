/// Why a text is not usable YAML, and where.
public struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public struct Code: Equatable, Sendable, CustomStringConvertible {
        private enum Value: String { case syntax, tooLarge, tooDeep, alias, key, documents, memory }
        private let value: Value

        /// The text breaks YAML's grammar, or is not UTF-8.
        public static let syntax = Code(value: .syntax)
        /// The text, or the tree with its aliases written out, is over its bound.
        public static let tooLarge = Code(value: .tooLarge)
        /// Collections are nested too deep.
        public static let tooDeep = Code(value: .tooDeep)
        /// An alias names an anchor that does not stand before it.
        public static let unknownAlias = Code(value: .alias)
        /// A key stands twice in one mapping, or is not a scalar.
        public static let badKey = Code(value: .key)
        /// The text has more than one document.
        public static let severalDocuments = Code(value: .documents)
        /// The parser could not get memory.
        public static let outOfMemory = Code(value: .memory)

        /// The code's name, for logs.
        public var description: String { value.rawValue }
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, a clause for people.
    public let message: String
    /// Line of the fault, from 1.
    public let line: Int
    /// Column of the fault in characters, from 1.
    public let column: Int

    init(_ code: Code, _ message: String, line: Int, column: Int) {
        (self.code, self.message, self.line, self.column) = (code, message, line, column)
    }

    init(_ code: Code, _ message: String, at mark: Mark) {
        self.init(code, message, line: mark.line, column: mark.column)
    }

    /// `line:column: message`, to be put behind a file name and a colon.
    public var description: String { "\(line):\(column): \(message)" }
}
