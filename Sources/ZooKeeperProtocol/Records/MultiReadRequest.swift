public import Wire

/// Several reads that succeed or fail each by itself: op multiRead.
///
/// Wire format (ZooKeeper 3.8 MultiOperationRecord):
/// ```
/// { int type | bool 0 | int -1 | the record of that type }... | int -1 | bool 1 | int -1
/// ```
public struct MultiReadRequest: Record {
    /// One read; its watch flag means nothing.
    public enum Operation: Equatable, Sendable {
        /// Reads a znode's data.
        case getData(GetDataRequest)
        /// Lists a znode's children.
        case getChildren(GetChildrenRequest)

        /// What the operation is.
        public var opCode: OpCode {
            switch self {
            case .getData: .getData
            case .getChildren: .getChildren
            }
        }
    }

    /// The parts, in order; none at all is legal.
    public var operations: [Operation]

    /// Creates the record; nothing is checked here.
    public init(_ operations: [Operation]) { self.operations = operations }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value; a type that is no read is one.
    public init(from reader: inout ByteReader) throws(WireError) {
        operations = []
        while true {
            let start = reader.offset
            let header = try MultiHeader(from: &reader)
            if header.done { return }
            switch OpCode(rawValue: header.type) {
            case .getData: operations.append(.getData(try GetDataRequest(from: &reader)))
            case .getChildren:
                operations.append(.getChildren(try GetChildrenRequest(from: &reader)))
            default: throw WireError(.badValue(Int(header.type)), at: start)
            }
        }
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        for operation in operations {
            let type = operation.opCode.rawValue
            MultiHeader(type: type, done: false, error: -1).encode(into: &writer)
            switch operation {
            case .getData(let record): record.encode(into: &writer)
            case .getChildren(let record): record.encode(into: &writer)
            }
        }
        MultiHeader.end.encode(into: &writer)
    }
}
