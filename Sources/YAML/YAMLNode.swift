/// One value of a YAML text, with the place where it stands.
///
/// Step of the data flow: between the text of a configuration or a rule and the typed values that its
/// reader makes of it. Scalars stay text: only the reader knows what it wants, and `quoted` tells it
/// whether `"5"` or `5` was written.
public struct YAMLNode: Equatable, Sendable {
    /// The three kinds of values.
    public indirect enum Content: Equatable, Sendable {
        /// Text; `quoted` is false for a plain scalar, which may stand for null, a number or a truth value.
        case scalar(String, quoted: Bool)
        /// Values in their order.
        case sequence([YAMLNode])
        /// Keys and values in their order, each key once.
        case mapping([Entry])
    }

    /// One key of a mapping and its value.
    public struct Entry: Equatable, Sendable {
        /// The key's text.
        public let key: String
        /// Line of the key, from 1.
        public let line: Int
        /// Column of the key in characters, from 1.
        public let column: Int
        /// What stands behind the key.
        public let value: YAMLNode

        /// Creates an entry; nothing is checked here.
        public init(key: String, line: Int, column: Int, value: YAMLNode) {
            (self.key, self.line, self.column, self.value) = (key, line, column, value)
        }
    }

    /// The value.
    public let content: Content
    /// Line where it starts, from 1; an alias stands where its anchor stands.
    public let line: Int
    /// Column where it starts in characters, from 1.
    public let column: Int

    /// Creates a node; nothing is checked here.
    public init(_ content: Content, line: Int, column: Int) {
        (self.content, self.line, self.column) = (content, line, column)
    }
}

extension YAMLNode {
    /// The entries of a mapping, nil for the other kinds.
    public var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The elements of a sequence, nil for the other kinds.
    public var elements: [YAMLNode]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The text of a scalar, quoted or plain; nil for null and for the other kinds.
    public var text: String? {
        if case .scalar(let text, _) = content, !isNull { text } else { nil }
    }

    /// True for a plain scalar that is empty, `~` or `null`.
    public var isNull: Bool {
        guard case .scalar(let text, quoted: false) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The truth value of a plain `true` or `false` (YAML 1.2: `yes` and `on` are text); else nil.
    public var boolean: Bool? {
        guard case .scalar(let text, quoted: false) = content else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    /// The number of a plain decimal integer that fits, else nil.
    public var integer: Int? {
        guard case .scalar(let text, quoted: false) = content else { return nil }
        return Int(text)
    }

    /// The value behind a key of a mapping; nil when the key is absent or this is no mapping.
    ///
    /// - Complexity: O(n) in the mapping's keys.
    public subscript(key: String) -> YAMLNode? { entries?.first { $0.key == key }?.value }

    /// `mapping`, `sequence`, `text`, `null`: what a message calls the value.
    public var kindName: String {
        switch content {
        case .mapping: "mapping"
        case .sequence: "sequence"
        case .scalar: isNull ? "null" : "text"
        }
    }
}
