public import Wire

/// Several writes that succeed or fail together: op multi.
///
/// Wire format (ZooKeeper 3.8 MultiOperationRecord):
/// ```
/// { int type | bool 0 | int -1 | the record of that type }... | int -1 | bool 1 | int -1
/// ```
public struct MultiRequest: Record {
    /// One write, or a check; later ones see what earlier ones did.
    public enum Operation: Equatable, Sendable {
        /// Makes a znode; its result has the path.
        case create(CreateRequest)
        /// Makes a znode; its result has path and Stat.
        case create2(CreateRequest)
        /// Makes a container; its result is that of create2.
        case createContainer(CreateRequest)
        /// Makes a znode with a TTL; its result is that of create2.
        case createTTL(CreateTTLRequest)
        /// Removes a znode.
        case delete(DeleteRequest)
        /// Replaces a znode's data.
        case setData(SetDataRequest)
        /// Lets the multi fail unless the version is the expected one.
        case check(CheckVersionRequest)
    }

    /// The parts, in order; none at all is legal.
    public var operations: [Operation]

    /// Creates the record; nothing is checked here.
    public init(_ operations: [Operation]) { self.operations = operations }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value; a type that is no write is one.
    public init(from reader: inout ByteReader) throws(WireError) {
        operations = []
        while true {
            let start = reader.offset
            let header = try MultiHeader(from: &reader)
            if header.done { return }
            guard let opCode = OpCode(rawValue: header.type),
                let operation = try Operation(opCode, from: &reader)
            else { throw WireError(.badValue(Int(header.type)), at: start) }
            operations.append(operation)
        }
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        for operation in operations { operation.encode(into: &writer) }
        MultiHeader.end.encode(into: &writer)
    }
}

extension MultiRequest.Operation {
    /// What the operation is.
    public var opCode: OpCode {
        switch self {
        case .create: .create
        case .create2: .create2
        case .createContainer: .createContainer
        case .createTTL: .createTTL
        case .delete: .delete
        case .setData: .setData
        case .check: .check
        }
    }

    /// Reads the record of that type; nil when the type is no write.
    init?(_ opCode: OpCode, from reader: inout ByteReader) throws(WireError) {
        switch opCode {
        case .create: self = .create(try CreateRequest(from: &reader))
        case .create2: self = .create2(try CreateRequest(from: &reader))
        case .createContainer: self = .createContainer(try CreateRequest(from: &reader))
        case .createTTL: self = .createTTL(try CreateTTLRequest(from: &reader))
        case .delete: self = .delete(try DeleteRequest(from: &reader))
        case .setData: self = .setData(try SetDataRequest(from: &reader))
        case .check: self = .check(try CheckVersionRequest(from: &reader))
        default: return nil
        }
    }

    func encode(into writer: inout ByteWriter) {
        MultiHeader(type: opCode.rawValue, done: false, error: -1).encode(into: &writer)
        switch self {
        case .create(let record), .create2(let record), .createContainer(let record):
            record.encode(into: &writer)
        case .createTTL(let record): record.encode(into: &writer)
        case .delete(let record): record.encode(into: &writer)
        case .setData(let record): record.encode(into: &writer)
        case .check(let record): record.encode(into: &writer)
        }
    }
}
