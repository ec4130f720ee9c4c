import CYAML

/// A place in the text; line and column count from 1.
struct Mark: Equatable {
    let line: Int
    let column: Int

    init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
    init(_ mark: yaml_mark_t) { self.init(line: mark.line + 1, column: mark.column + 1) }
}

/// One step of the text as libyaml sees it, copied out of its memory.
struct ParserEvent: Equatable {
    enum Kind: Equatable {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar(String, quoted: Bool)
        case alias(String)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    let kind: Kind
    /// Name given by `&name`.
    var anchor: String?
    let mark: Mark
}

/// Owner of a libyaml parser and of the bytes it reads.
///
/// Invariant: both live at fixed addresses from `init` to `deinit`, because libyaml keeps pointers to
/// the text and to the parser itself. Owner: the function that parses, on whatever thread it runs.
@safe
struct ParserHandle: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(YAMLError) {
        // SAFETY: one object, initialised by libyaml below and freed in deinit or before the throw.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw YAMLError(.outOfMemory, "no memory for the parser", line: 1, column: 1)
        }
        // SAFETY: the buffer has exactly the bytes' count, and is freed after the parser in deinit.
        let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe text.initialize(fromContentsOf: bytes)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
        unsafe (self.parser, self.text) = (parser, text)
    }

    deinit {
        // SAFETY: made in init, used by nobody else; the parser goes first as it points at the text.
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// The next event; after `streamEnd` and after an error there is none.
    mutating func next() throws(YAMLError) -> ParserEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe Self.copy(event)
    }

    private static func copy(_ event: yaml_event_t) -> ParserEvent {
        let mark = unsafe Mark(event.start_mark)
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return ParserEvent(kind: .streamStart, mark: mark)
        case YAML_DOCUMENT_START_EVENT: return ParserEvent(kind: .documentStart, mark: mark)
        case YAML_DOCUMENT_END_EVENT: return ParserEvent(kind: .documentEnd, mark: mark)
        case YAML_SEQUENCE_END_EVENT: return ParserEvent(kind: .sequenceEnd, mark: mark)
        case YAML_MAPPING_END_EVENT: return ParserEvent(kind: .mappingEnd, mark: mark)
        case YAML_ALIAS_EVENT:
            let name = unsafe string(event.data.alias.anchor) ?? ""
            return ParserEvent(kind: .alias(name), mark: mark)
        case YAML_SCALAR_EVENT: return unsafe scalar(event, at: mark)
        case YAML_SEQUENCE_START_EVENT:
            let anchor = unsafe string(event.data.sequence_start.anchor)
            return ParserEvent(kind: .sequenceStart, anchor: anchor, mark: mark)
        case YAML_MAPPING_START_EVENT:
            let anchor = unsafe string(event.data.mapping_start.anchor)
            return ParserEvent(kind: .mappingStart, anchor: anchor, mark: mark)
        default: return ParserEvent(kind: .streamEnd, mark: mark)
        }
    }

    /// A tag is without meaning here, except that a scalar tagged as text counts as quoted.
    private static func scalar(_ event: yaml_event_t, at mark: Mark) -> ParserEvent {
        let data = unsafe event.data.scalar
        // SAFETY: libyaml gives `length` valid UTF-8 bytes that live until the event is deleted.
        let bytes = unsafe UnsafeBufferPointer(start: data.value, count: data.length)
        let text = unsafe String(decoding: bytes, as: UTF8.self)
        let tag = unsafe string(data.tag)
        let isText = tag == "!" || tag == "tag:yaml.org,2002:str"
        let quoted = unsafe data.style != YAML_PLAIN_SCALAR_STYLE || isText
        return ParserEvent(
            kind: .scalar(text, quoted: quoted),
            anchor: unsafe string(data.anchor),
            mark: mark
        )
    }

    /// A copy of a text that ends with a zero byte.
    private static func string(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        // SAFETY: libyaml ends names and tags with a zero byte; they live until the event is deleted.
        unsafe pointer.map { unsafe String(cString: $0) }
    }

    private func failure() -> YAMLError {
        // SAFETY: the parser is alive; `problem` and `context` are libyaml's constant texts.
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
        let message = problem ?? "not YAML"
        switch unsafe parser.pointee.error {
        case YAML_MEMORY_ERROR:
            return YAMLError(.outOfMemory, "no memory for the parser", line: 1, column: 1)
        case YAML_READER_ERROR:
            return YAMLError(
                .syntax,
                message,
                at: mark(ofByte: unsafe parser.pointee.problem_offset)
            )
        default:
            let clause = context.map { "\(message) \($0)" } ?? message
            return YAMLError(.syntax, clause, at: Mark(unsafe parser.pointee.problem_mark))
        }
    }

    /// Line and column of a byte, for the errors that libyaml locates by offset.
    private func mark(ofByte offset: Int) -> Mark {
        let before = unsafe text.prefix(offset)
        let line = unsafe before.count { $0 == 10 } + 1
        let start = unsafe before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        let characters = unsafe before[start...].count { $0 & 0xc0 != 0x80 }
        return Mark(line: line, column: characters + 1)
    }
}
