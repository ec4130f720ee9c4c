import Wire
import ZooKeeperProtocol

/// Reads the payload of one record, a change at a time; the form is described at `RecordWriter`.
///
/// The bytes come from a disk: whatever they are, they are read or refused.
struct RecordReader: ~Escapable {
    private var reader: ByteReader
    let milliseconds: Int64
    /// Changes that are still to come.
    private(set) var left: Int
    private var identities: [Identity] = []

    @_lifetime(copy payload)
    init(_ payload: Span<UInt8>) throws(WireError) {
        reader = ByteReader(payload)
        let form = try reader.readUInt8()
        guard form == RecordWriter.form else { throw WireError(.badValue(Int(form)), at: 0) }
        milliseconds = try reader.readInt64()
        let start = reader.offset
        left = Int(try reader.readInt32())
        // The smallest change is the end of a session, which takes a tag and an id.
        guard left >= 0, left <= reader.remaining / 9 else {
            throw WireError(.badLength(left), at: start)
        }
    }

    /// The next change; nil behind the last one.
    ///
    /// - Throws: `WireError` for a value that is none, and for bytes behind the last change.
    mutating func next() throws(WireError) -> TreeChange? {
        guard left > 0 else {
            let rest = reader.remaining
            guard rest == 0 else { throw WireError(.badLength(rest), at: reader.offset) }
            return nil
        }
        left -= 1
        let (start, byte) = (reader.offset, try reader.readUInt8())
        guard let tag = RecordWriter.ChangeTag(rawValue: byte) else {
            throw WireError(.badValue(Int(byte)), at: start)
        }
        switch tag {
        case .created:
            return .created(
                path: try text(),
                kind: try kind(),
                data: try reader.readBuffer(),
                acl: try acl(),
                parentCreations: try reader.readInt32()
            )
        case .deleted: return .deleted(path: try text(), owner: try reader.readInt64())
        case .dataSet:
            return .dataSet(
                path: try text(),
                owner: try reader.readInt64(),
                data: try reader.readBuffer(),
                version: try reader.readInt32()
            )
        case .aclSet:
            return .aclSet(
                path: try text(),
                owner: try reader.readInt64(),
                acl: try acl(),
                version: try reader.readInt32()
            )
        case .counted:
            let (path, owner) = (try text(), try reader.readInt64())
            return .counted(path: path, owner: owner, data: try reader.readBuffer())
        case .sessionOpened:
            return .sessionOpened(id: try reader.readInt64(), timeoutMilliseconds: try timeout())
        case .sessionResumed:
            return .sessionResumed(id: try reader.readInt64(), timeoutMilliseconds: try timeout())
        case .sessionEnded: return .sessionEnded(id: try reader.readInt64())
        }
    }

    private mutating func text() throws(WireError) -> String {
        try reader.readUTF8(Int(try reader.readInt32()))
    }

    private mutating func timeout() throws(WireError) -> Int32 {
        let (start, timeout) = (reader.offset, try reader.readInt32())
        guard timeout >= 0 else { throw WireError(.badValue(Int(timeout)), at: start) }
        return timeout
    }

    private mutating func kind() throws(WireError) -> ZNodeKind {
        let (start, byte) = (reader.offset, try reader.readUInt8())
        guard let tag = ZNodeKind.Tag(rawValue: byte) else {
            throw WireError(.badValue(Int(byte)), at: start)
        }
        let hasNumber = tag == .ephemeral || tag == .ttl
        return ZNodeKind(tag, hasNumber ? try reader.readInt64() : 0)
    }

    private mutating func acl() throws(WireError) -> [ACL] {
        let (start, byte) = (reader.offset, try reader.readUInt8())
        switch RecordWriter.ListTag(rawValue: byte) {
        case .open: return ACL.openUnsafe
        case .read: return ACL.readUnsafe
        case .entries: break
        case nil: throw WireError(.badValue(Int(byte)), at: start)
        }
        let count = Int(try reader.readInt32())
        guard (1...Limits.aclEntriesMax).contains(count) else {
            throw WireError(.badLength(count), at: start + 1)
        }
        var acl: [ACL] = []
        for _ in 0..<count { acl.append(try entry(behind: acl.last)) }
        return acl
    }

    private mutating func entry(behind before: ACL?) throws(WireError) -> ACL {
        let start = reader.offset
        let field = try small()
        let number = field / 2
        var permissions = before?.permissions
        if field % 2 == 1 { permissions = ACL.Permissions(rawValue: try reader.readInt32()) }
        guard let permissions, number <= identities.count else {
            throw WireError(.badValue(field), at: start)
        }
        if number == identities.count {
            identities.append(Identity(scheme: try text(), id: try text()))
        }
        let identity = identities[number]
        return ACL(permissions, scheme: identity.scheme, id: identity.id)
    }

    /// Seven bits a byte, the lowest first; four bytes at most, and no more than it takes.
    private mutating func small() throws(WireError) -> Int {
        let start = reader.offset
        var (value, shift) = (0, 0)
        while true {
            let byte = Int(try reader.readUInt8())
            value |= (byte & 0x7f) << shift
            guard byte >= 0x80 else {
                guard byte > 0 || shift == 0 else { throw WireError(.badValue(value), at: start) }
                return value
            }
            shift += 7
            guard shift < 28 else { throw WireError(.badValue(value), at: start) }
        }
    }
}
