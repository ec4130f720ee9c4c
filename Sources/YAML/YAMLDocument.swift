/// Turns a text of one YAML document into a tree of nodes.
///
/// Invariants: no key stands twice in a mapping, no tree is deeper or larger than its bounds, and every
/// error has the line and column of its cause. Tags mean nothing, except that `!!str` makes a text.
public enum YAMLDocument {
    /// Parses a text.
    ///
    /// - Parameter text: At most one document, up to 1 MiB.
    /// - Returns: The document's root, or nil when the text has none.
    /// - Throws: `YAMLError` for a text that breaks the grammar or a bound, and for doubled keys.
    public static func parse(_ text: String) throws(YAMLError) -> YAMLNode? {
        try parse(bytes: Array(text.utf8))
    }

    /// Parses bytes that should be UTF-8 text.
    ///
    /// - Parameter bytes: At most one document, up to 1 MiB.
    /// - Returns: The document's root, or nil when the text has none.
    /// - Throws: `YAMLError` for bytes that are not UTF-8, break the grammar or a bound, and for doubled
    ///   keys.
    public static func parse(bytes: [UInt8]) throws(YAMLError) -> YAMLNode? {
        guard bytes.count <= Limits.textBytesMax else {
            let message = "\(bytes.count) bytes of text, at most \(Limits.textBytesMax) are read"
            throw YAMLError(.tooLarge, message, line: 1, column: 1)
        }
        var builder = TreeBuilder(parser: try ParserHandle(bytes))
        return try builder.document()
    }
}

/// Builds the tree from the parser's events.
private struct TreeBuilder: ~Copyable {
    /// A node that an alias can repeat, with the number of its nodes and levels.
    private struct Anchored {
        let node: YAMLNode
        let size: Int
        let height: Int
    }

    private var parser: ParserHandle
    private var anchors: [String: Anchored] = [:]
    private var size = 0

    init(parser: consuming ParserHandle) { self.parser = parser }

    mutating func document() throws(YAMLError) -> YAMLNode? {
        _ = try parser.next()
        guard try parser.next().kind == .documentStart else { return nil }
        let root = try node(try parser.next(), depth: 0)
        _ = try parser.next()
        let end = try parser.next()
        guard end.kind == .streamEnd else {
            throw YAMLError(.severalDocuments, "a second document starts here", at: end.mark)
        }
        return root
    }

    private mutating func node(_ event: ParserEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        let sizeBefore = size
        try grow(by: 1, at: event.mark)
        let content: YAMLNode.Content
        switch event.kind {
        case .scalar(let text, let quoted): content = .scalar(text, quoted: quoted)
        case .alias(let name): return try alias(name, at: event.mark, depth: depth)
        case .sequenceStart: content = .sequence(try elements(at: event.mark, depth: depth + 1))
        case .mappingStart: content = .mapping(try entries(at: event.mark, depth: depth + 1))
        default: throw YAMLError(.syntax, "a value is missing", at: event.mark)
        }
        let node = YAMLNode(content, line: event.mark.line, column: event.mark.column)
        if let anchor = event.anchor {
            let height = node.height
            anchors[anchor] = Anchored(node: node, size: size - sizeBefore, height: height)
        }
        return node
    }

    private mutating func alias(
        _ name: String,
        at mark: Mark,
        depth: Int
    ) throws(YAMLError) -> YAMLNode {
        guard let anchored = anchors[name] else {
            throw YAMLError(.unknownAlias, "no anchor &\(name) before this alias", at: mark)
        }
        try checkDepth(depth + anchored.height, at: mark)
        try grow(by: anchored.size, at: mark)
        return anchored.node
    }

    private mutating func elements(at mark: Mark, depth: Int) throws(YAMLError) -> [YAMLNode] {
        try checkDepth(depth, at: mark)
        var elements: [YAMLNode] = []
        while true {
            let event = try parser.next()
            guard event.kind != .sequenceEnd else { return elements }
            elements.append(try node(event, depth: depth))
        }
    }

    private mutating func entries(
        at mark: Mark,
        depth: Int
    ) throws(YAMLError) -> [YAMLNode.Entry] {
        try checkDepth(depth, at: mark)
        var entries: [YAMLNode.Entry] = []
        var lineOf: [String: Int] = [:]
        while true {
            let event = try parser.next()
            guard event.kind != .mappingEnd else { return entries }
            guard case .scalar(let key, _) = event.kind else {
                throw YAMLError(.badKey, "a key must be a text", at: event.mark)
            }
            if let line = lineOf.updateValue(event.mark.line, forKey: key) {
                let message = "key \"\(key)\" stands twice, first in line \(line)"
                throw YAMLError(.badKey, message, at: event.mark)
            }
            let value = try node(try parser.next(), depth: depth)
            let (line, column) = (event.mark.line, event.mark.column)
            entries.append(.init(key: key, line: line, column: column, value: value))
        }
    }

    private func checkDepth(_ depth: Int, at mark: Mark) throws(YAMLError) {
        guard depth <= Limits.depthMax else {
            throw YAMLError(.tooDeep, "nested deeper than \(Limits.depthMax) levels", at: mark)
        }
    }

    private mutating func grow(by nodes: Int, at mark: Mark) throws(YAMLError) {
        size += nodes
        guard size <= Limits.nodesMax else {
            let message = "more than \(Limits.nodesMax) values with aliases written out"
            throw YAMLError(.tooLarge, message, at: mark)
        }
    }
}

extension YAMLNode {
    /// Levels of collections from here down, 0 for a scalar.
    fileprivate var height: Int {
        switch content {
        case .scalar: 0
        case .sequence(let elements): 1 + (elements.map(\.height).max() ?? 0)
        case .mapping(let entries): 1 + (entries.map(\.value.height).max() ?? 0)
        }
    }
}
