public import Wire

/// One entry of a znode's access list: an identity and what it may do.
///
/// A null scheme or id reads as an empty one, which the server refuses as INVALIDACL all the same.
/// Wire format (ZooKeeper 3.8 zookeeper.jute, ACL and Id):
/// ```
/// int perms | string scheme | string id
/// ```
public struct ACL: Record, Hashable {
    /// What an identity may do (ZooKeeper 3.8 ZooDefs.Perms); unknown bits are kept.
    public struct Permissions: OptionSet, Hashable, Sendable {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any bits, known or not.
        @inlinable
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Reading data and listing children.
        public static let read = Permissions(rawValue: 1)
        /// Replacing the data.
        public static let write = Permissions(rawValue: 2)
        /// Making children.
        public static let create = Permissions(rawValue: 4)
        /// Removing children.
        public static let delete = Permissions(rawValue: 8)
        /// Replacing the access list.
        public static let admin = Permissions(rawValue: 16)
        /// All of these.
        public static let all = Permissions(rawValue: 31)
    }

    /// What the identity may do.
    public var permissions: Permissions
    /// `world`, `auth`, `digest`, `ip` or what else the server knows.
    public var scheme: String
    /// The identity, in the scheme's own form.
    public var id: String

    /// Everybody may do everything.
    public static let openUnsafe = [ACL(.all, scheme: "world", id: "anyone")]
    /// Everybody may read.
    public static let readUnsafe = [ACL(.read, scheme: "world", id: "anyone")]

    /// Creates an entry; nothing is checked here.
    public init(_ permissions: Permissions, scheme: String, id: String) {
        (self.permissions, self.scheme, self.id) = (permissions, scheme, id)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        permissions = Permissions(rawValue: try reader.readInt32())
        scheme = try reader.readOptionalString() ?? ""
        id = try reader.readOptionalString() ?? ""
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt32(permissions.rawValue)
        writer.writeString(scheme)
        writer.writeString(id)
    }
}

extension ByteReader {
    /// Steps over an access list by which everybody may do everything, as nearly all are.
    ///
    /// - Returns: False, without a step, in front of any other.
    mutating func skipOpenACL() -> Bool {
        var ahead = self
        do throws(WireError) {
            // One entry of all permissions, then "world" and "anyone" with their lengths.
            guard try ahead.readInt64() == 0x0000_0001_0000_001f,
                try ahead.readInt64() == 0x0000_0005_776f_726c,
                try ahead.readInt64() == 0x6400_0000_0661_6e79,
                try ahead.readUInt16() == 0x6f6e, try ahead.readUInt8() == 0x65
            else { return false }
        } catch {
            return false
        }
        self = ahead
        return true
    }
}

extension [ACL] {
    /// Everybody may do everything.
    public static var openUnsafe: [ACL] { ACL.openUnsafe }
}
