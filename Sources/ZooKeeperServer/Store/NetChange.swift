import ZNodeTree

/// What became of one path within a window of the log.
///
/// It has no references, so that many of them are moved and given back in one piece.
struct NetChange {
    /// How much of the znode is known.
    enum State: Equatable {
        /// There is none at the end.
        case gone
        /// It was created within the window: everything is known.
        case whole
        /// It was there before: what `fields` names is known.
        case partial
    }

    /// The values that are known of a znode that was there before.
    struct Fields: OptionSet {
        let rawValue: UInt8
        static let data = Fields(rawValue: 1)
        /// mzxid, mtime and version.
        static let modification = Fields(rawValue: 2)
        /// With its version.
        static let acl = Fields(rawValue: 4)
        static let pzxid = Fields(rawValue: 8)
        static let creations = Fields(rawValue: 16)
    }

    /// Owner in the row that the database has of the path, 0 for none; nil when it has no such row.
    let stored: Int64?
    private(set) var state: State
    private(set) var fields: Fields = []
    private(set) var kind: ZNodeKind
    /// Where `NetChanges.data` has them; nil for null.
    private(set) var data: Range<Int>?
    /// Number of the list in `NetChanges.acls`.
    private(set) var acl = 0
    /// Number of the path above; nil while nothing asked for it.
    var parent: Int32?
    private(set) var czxid: Int64 = 0
    private(set) var mzxid: Int64 = 0
    private(set) var pzxid: Int64 = 0
    private(set) var ctime: Int64 = 0
    private(set) var mtime: Int64 = 0
    private(set) var version: Int32 = 0
    private(set) var aversion: Int32 = 0
    private(set) var creations: Int32 = 0

    /// A path of which the database has a row.
    init(storedOwner: Int64) {
        (stored, state) = (storedOwner, .partial)
        kind = storedOwner == 0 ? .persistent : .ephemeral(session: storedOwner)
    }

    /// A path without a znode.
    init() { (stored, state, kind) = (nil, .gone, .persistent) }

    /// The session that owns it; 0 for none.
    var owner: Int64 {
        if case .ephemeral(let session) = kind { session } else { 0 }
    }

    mutating func create(
        _ kind: ZNodeKind,
        _ data: Range<Int>?,
        _ acl: Int,
        _ zxid: Int64,
        _ milliseconds: Int64
    ) {
        (state, fields, self.kind, self.data, self.acl) = (.whole, [], kind, data, acl)
        (czxid, mzxid, pzxid) = (zxid, zxid, zxid)
        (ctime, mtime) = (milliseconds, milliseconds)
        (version, aversion, creations) = (0, 0, 0)
    }

    mutating func delete() { (state, fields, data, acl) = (.gone, [], nil, 0) }

    mutating func setData(_ data: Range<Int>?) {
        self.data = data
        fields.insert(.data)
    }

    mutating func setData(
        _ data: Range<Int>?,
        version: Int32,
        _ zxid: Int64,
        _ milliseconds: Int64
    ) {
        setData(data)
        (self.version, mzxid, mtime) = (version, zxid, milliseconds)
        fields.insert(.modification)
    }

    mutating func setACL(_ acl: Int, version: Int32) {
        (self.acl, aversion) = (acl, version)
        fields.insert(.acl)
    }

    /// Its list of children changed.
    mutating func setPzxid(_ zxid: Int64) {
        pzxid = max(pzxid, zxid)
        fields.insert(.pzxid)
    }

    mutating func setCreations(_ count: Int32) {
        creations = count
        fields.insert(.creations)
    }
}

/// What became of one session within a window of the log.
struct NetSession {
    /// The database has a row of it.
    let isStored: Bool
    var isAlive = true
    /// Nil when it is not known, as nothing changed about it.
    var timeoutMilliseconds: Int32?
    /// zxid of its first end, when the database has a row of it and may have some of its ephemerals.
    var endedAt: Int64?
    /// Numbers of paths that it owned at some time within the window.
    var owned: [Int] = []

    init(isStored: Bool) { self.isStored = isStored }
}

/// A record does not follow from what was before it.
package struct Contradiction: Error, CustomStringConvertible {
    /// One line with the record and what it is about.
    package let description: String

    init(zxid: Int64, _ message: String) {
        description = "record 0x\(Self.hexadecimal(zxid)) of the log: \(message)"
    }

    init(zxid: Int64, session: Int64, _ message: String) {
        self.init(zxid: zxid, "session 0x\(Self.hexadecimal(session)) \(message)")
    }

    private static func hexadecimal(_ number: Int64) -> String {
        String(UInt64(bitPattern: number), radix: 16)
    }
}
