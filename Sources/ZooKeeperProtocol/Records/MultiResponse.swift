public import Wire

/// The results of a multi or multiRead, one for each part.
///
/// A failed multi is one of errors only, under a reply header without error: `.ok` for the parts before
/// the culprit, its own code for the culprit, `.runtimeInconsistency` for those after it.
/// Wire format (ZooKeeper 3.8 MultiResponse):
/// ```
/// { int type | bool 0 | int err | the result of that type }... | int -1 | bool 1 | int -1
/// ```
public struct MultiResponse: Record {
    /// What became of one part.
    public enum Result: Equatable, Sendable {
        /// The path made by create.
        case create(path: String)
        /// The path and Stat made by create2, createContainer and createTTL.
        case create2(Create2Response)
        /// A deletion.
        case delete
        /// The new Stat.
        case setData(Stat)
        /// A version that was as expected.
        case check
        /// The data read by a part of a multiRead.
        case getData(GetDataResponse)
        /// The names listed by a part of a multiRead.
        case getChildren([String])
        /// A failure; `.ok` only in a multi that failed later on.
        case error(ErrorCode)
    }

    /// The results, in the order of the parts.
    public var results: [Result]

    /// Creates the record; nothing is checked here.
    public init(_ results: [Result]) { self.results = results }

    /// The answer to a multi that failed.
    ///
    /// - Parameters:
    ///   - culprit: Index of the part that failed, `0..<count`.
    ///   - code: Why it failed.
    ///   - count: Parts in all.
    public init(failedAt culprit: Int, _ code: ErrorCode, count: Int) {
        results = (0..<count).map { index in
            .error(index < culprit ? .ok : index == culprit ? code : .runtimeInconsistency)
        }
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        results = []
        while true {
            let start = reader.offset
            let header = try MultiHeader(from: &reader)
            if header.done { return }
            guard let opCode = OpCode(rawValue: header.type),
                let result = try Result(opCode, from: &reader)
            else { throw WireError(.badValue(Int(header.type)), at: start) }
            results.append(result)
        }
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        for result in results { result.encode(into: &writer) }
        MultiHeader.end.encode(into: &writer)
    }
}

extension MultiResponse.Result {
    private var opCode: OpCode {
        switch self {
        case .create: .create
        case .create2: .create2
        case .delete: .delete
        case .setData: .setData
        case .check: .check
        case .getData: .getData
        case .getChildren: .getChildren
        case .error: .error
        }
    }

    /// Reads the result of that type; nil when there is no such result.
    init?(_ opCode: OpCode, from reader: inout ByteReader) throws(WireError) {
        switch opCode {
        case .create: self = .create(path: try reader.readString())
        case .create2: self = .create2(try Create2Response(from: &reader))
        case .delete: self = .delete
        case .setData: self = .setData(try Stat(from: &reader))
        case .check: self = .check
        case .getData: self = .getData(try GetDataResponse(from: &reader))
        case .getChildren: self = .getChildren(try reader.readStrings())
        case .error: self = .error(ErrorCode(rawValue: try reader.readInt32()))
        default: return nil
        }
    }

    func encode(into writer: inout ByteWriter) {
        var error = ErrorCode.ok
        if case .error(let code) = self { error = code }
        MultiHeader(type: opCode.rawValue, done: false, error: error.rawValue)
            .encode(into: &writer)
        switch self {
        case .create(let path): writer.writeString(path)
        case .create2(let record): record.encode(into: &writer)
        case .delete, .check: break
        case .setData(let stat): stat.encode(into: &writer)
        case .getData(let record): record.encode(into: &writer)
        case .getChildren(let children): writer.writeStrings(children)
        case .error(let code): writer.writeInt32(code.rawValue)
        }
    }
}
