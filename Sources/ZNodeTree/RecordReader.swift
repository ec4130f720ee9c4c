package import Wire
import ZooKeeperProtocol

/// Reads the payload of one record, a change at a time; the form is described at `RecordWriter`.
///
/// The bytes come from a disk: whatever they are, they are read or refused.
///
/// HOT: 60 ns for the creation of a path of 200 bytes as an effect, no allocation.
package struct RecordReader: ~Escapable {
    private let payload: Span<UInt8>
    private var reader: ByteReader
    package let milliseconds: Int64
    /// Changes that are still to come.
    private(set) var left: Int
    private var identities: [Identity] = []

    /// Reads what stands before the changes.
    ///
    /// - Throws: `WireError` for what is no record.
    @_lifetime(copy payload)
    package init(_ payload: Span<UInt8>) throws(WireError) {
        self.payload = payload
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
        guard let effect = try nextEffect() else { return nil }
        switch effect {
        case .created(let path, let kind, let data, let acl, let creations):
            return .created(
                path: try text(path),
                kind: kind,
                data: try buffer(data),
                acl: acl,
                parentCreations: creations
            )
        case .deleted(let path, let owner):
            return .deleted(path: try text(path), owner: owner)
        case .dataSet(let path, let owner, let data, let version):
            let path = try text(path)
            return .dataSet(path: path, owner: owner, data: try buffer(data), version: version)
        case .aclSet(let path, let owner, let acl, let version):
            return .aclSet(path: try text(path), owner: owner, acl: acl, version: version)
        case .counted(let path, let owner, let data):
            return .counted(path: try text(path), owner: owner, data: try buffer(data))
        case .sessionOpened(let id, let timeout):
            return .sessionOpened(id: id, timeoutMilliseconds: timeout)
        case .sessionResumed(let id, let timeout):
            return .sessionResumed(id: id, timeoutMilliseconds: timeout)
        case .sessionEnded(let id): return .sessionEnded(id: id)
        }
    }

    /// The next change, with nothing copied; nil behind the last one.
    ///
    /// - Throws: `WireError` for a value that is none, and for bytes behind the last change.
    package mutating func nextEffect() throws(WireError) -> RecordedEffect? {
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
                path: try path(),
                kind: try kind(),
                data: try bufferRange(),
                acl: try acl(),
                parentCreations: try reader.readInt32()
            )
        case .deleted:
            let path = try path()
            return .deleted(path: path, owner: try reader.readInt64())
        case .dataSet:
            return .dataSet(
                path: try path(),
                owner: try reader.readInt64(),
                data: try bufferRange(),
                version: try reader.readInt32()
            )
        case .aclSet:
            return .aclSet(
                path: try path(),
                owner: try reader.readInt64(),
                acl: try acl(),
                version: try reader.readInt32()
            )
        case .counted:
            let path = try path()
            let owner = try reader.readInt64()
            return .counted(path: path, owner: owner, data: try bufferRange())
        case .sessionOpened:
            return .sessionOpened(id: try reader.readInt64(), timeoutMilliseconds: try timeout())
        case .sessionResumed:
            return .sessionResumed(id: try reader.readInt64(), timeoutMilliseconds: try timeout())
        case .sessionEnded: return .sessionEnded(id: try reader.readInt64())
        }
    }

    /// Steps over a path, which is UTF-8.
    private mutating func path() throws(WireError) -> Range<Int> {
        let path = try bytes(Int(try reader.readInt32()))
        do {
            _ = try UTF8Span(validating: payload.extracting(path))
            return path
        } catch {
            throw WireError(.notUTF8, at: path.lowerBound)
        }
    }

    private func text(_ path: Range<Int>) throws(WireError) -> String {
        do {
            return String(copying: try UTF8Span(validating: payload.extracting(path)))
        } catch {
            throw WireError(.notUTF8, at: path.lowerBound)
        }
    }

    private func buffer(_ range: Range<Int>?) throws(WireError) -> [UInt8]? {
        guard let range else { return nil }
        var reader = ByteReader(payload.extracting(range))
        return try reader.readBytes(range.count)
    }

    /// Steps over so many bytes.
    private mutating func bytes(_ count: Int) throws(WireError) -> Range<Int> {
        let start = reader.offset
        guard count >= 0 else { throw WireError(.badLength(count), at: start) }
        try reader.skip(count)
        return start..<start + count
    }

    /// As `ByteReader.readBuffer`: -1 stands for null.
    private mutating func bufferRange() throws(WireError) -> Range<Int>? {
        let (start, count) = (reader.offset, Int(try reader.readInt32()))
        if count == -1 { return nil }
        guard count >= 0 else { throw WireError(.badLength(count), at: start) }
        return try bytes(count)
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
