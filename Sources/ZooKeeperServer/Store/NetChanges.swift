import Wire
import ZNodeTree
import ZooKeeperProtocol

/// The net effect of a window of the log on the tree at rest: what came and went within it leaves no trace.
///
/// Step of the data flow: between the log's records and `TreeDatabase.fold`. Values of records are absolute, so
/// neither a tree nor the database is needed: a path that comes up first as created was not there before, any
/// other was. A pure value. Its memory is bounded by its caller, who ends the window once `isFull`.
///
/// HOT: 0.7 microseconds for a znode that comes or goes, its decoding included (benchmark `fold`).
package struct NetChanges {
    private(set) var paths: PathTable
    /// By the path's number.
    private(set) var changes: [NetChange] = []
    /// Of znodes, one behind the other; those that were replaced stay.
    private(set) var data: [UInt8] = []
    /// Access lists by the numbers that `changes` have.
    private(set) var acls: [[ACL]] = []
    private var aclNumbers: [[ACL]: Int] = [:]
    private(set) var sessions: [Int64: NetSession] = [:]
    /// zxid of the last record; nil without one.
    private(set) var lastZxid: Int64?
    /// The last session that began.
    private(set) var lastOpened: Int64?
    /// Of the payloads.
    private var bytes = 0
    /// The parent that came up last: most often it is the next one too.
    private var lastParent: Int?

    /// Creates a window without records.
    ///
    /// - Parameter bytes: What is taken to come; what then does not come takes no memory.
    package init(expecting bytes: Int = 0) {
        let bytes = min(bytes, Limits.windowBytesMax)
        let count = min(bytes / Limits.recordBytesMin, Limits.windowPathsMax)
        paths = PathTable(room: count, bytes: bytes)
        changes.reserveCapacity(count)
        data.reserveCapacity(bytes)
    }

    /// True without any record.
    package var isEmpty: Bool { lastZxid == nil }

    /// True when the window has to end, so that memory has a bound.
    package var isFull: Bool {
        bytes >= Limits.windowBytesMax || changes.count >= Limits.windowPathsMax
    }

    /// Takes one record.
    ///
    /// - Parameters:
    ///   - zxid: Stands beside the payload in the log.
    ///   - payload: As the tree recorded it.
    /// - Throws: `Contradiction`; the value is of no use then.
    package mutating func add(zxid: Int64, _ payload: Span<UInt8>) throws(Contradiction) {
        bytes += payload.count
        var reader = try Self.reader(of: payload, zxid)
        guard zxid >= lastZxid ?? zxid else {
            throw Contradiction(zxid: zxid, "it comes behind a later one")
        }
        lastZxid = zxid
        let milliseconds = reader.milliseconds
        while let effect = try Self.next(&reader, zxid) {
            try add(effect, of: payload, at: zxid, milliseconds)
        }
    }

    /// A row of a session that ended has gone, of which nothing but the database knew; its parent hears of it.
    mutating func loseChild(_ path: Span<UInt8>, at zxid: Int64) {
        var hash = PathHash()
        // A parent that has gone too, or is no parent, has nothing to hear.
        guard let parent = parent(of: path, &hash), changes[parent].state != .gone else { return }
        changes[parent].setPzxid(zxid)
    }

    /// Numbers of the rows that go, by owner and path; some come back with everything new.
    var removals: [Int] {
        var keys: [PathTable.Key] = []
        for number in changes.indices where changes[number].state != .partial {
            guard let owner = changes[number].stored else { continue }
            keys.append(PathTable.Key(owner: owner, number: number))
        }
        return paths.sorted(keys)
    }

    /// Numbers of the rows that come or change, by owner and path.
    var additions: [Int] {
        var keys: [PathTable.Key] = []
        for number in changes.indices where changes[number].state != .gone {
            keys.append(PathTable.Key(owner: changes[number].owner, number: number))
        }
        return paths.sorted(keys)
    }
}

// MARK: Records

extension NetChanges {
    @_lifetime(copy payload)
    private static func reader(
        of payload: Span<UInt8>,
        _ zxid: Int64
    ) throws(Contradiction) -> RecordReader {
        do throws(WireError) {
            return try RecordReader(payload)
        } catch {
            throw Contradiction(zxid: zxid, "\(error)")
        }
    }

    private static func next(
        _ reader: inout RecordReader,
        _ zxid: Int64
    ) throws(Contradiction) -> RecordedEffect? {
        do throws(WireError) {
            return try reader.nextEffect()
        } catch {
            throw Contradiction(zxid: zxid, "\(error)")
        }
    }

    private mutating func add(
        _ effect: RecordedEffect,
        of payload: Span<UInt8>,
        at zxid: Int64,
        _ milliseconds: Int64
    ) throws(Contradiction) {
        switch effect {
        case .created(let range, let kind, let data, let acl, let creations):
            let path = payload.extracting(range)
            var hash = PathHash()
            let parent = try changeChildren(above: path, at: zxid, &hash, creations: creations)
            let number = try absent(path, at: zxid, &hash)
            let (data, list) = (keep(data, of: payload), self.number(of: acl))
            changes[number].create(kind, data, list, zxid, milliseconds)
            changes[number].parent = Int32(parent)
            try own(number, at: zxid)
        case .deleted(let range, let owner):
            let path = payload.extracting(range)
            var hash = PathHash()
            try changeChildren(above: path, at: zxid, &hash)
            changes[try existing(path, owner, at: zxid, &hash)].delete()
        case .dataSet(let path, let owner, let data, let version):
            let number = try existing(payload.extracting(path), owner, at: zxid)
            let data = keep(data, of: payload)
            changes[number].setData(data, version: version, zxid, milliseconds)
        case .aclSet(let path, let owner, let acl, let version):
            let number = try existing(payload.extracting(path), owner, at: zxid)
            let list = self.number(of: acl)
            changes[number].setACL(list, version: version)
        case .counted(let path, let owner, let data):
            let number = try existing(payload.extracting(path), owner, at: zxid)
            let data = keep(data, of: payload)
            changes[number].setData(data)
        case .sessionOpened(let id, let timeout): try open(id, timeout, at: zxid)
        case .sessionResumed(let id, let timeout):
            try withSession(id, at: zxid) { $0.timeoutMilliseconds = timeout }
        case .sessionEnded(let id): try end(id, at: zxid)
        }
    }

    private mutating func keep(_ range: Range<Int>?, of payload: Span<UInt8>) -> Range<Int>? {
        guard let range else { return nil }
        data.append(copying: payload.extracting(range))
        return data.count - range.count..<data.count
    }

    private mutating func number(of acl: [ACL]) -> Int {
        if let last = acls.last, last == acl { return acls.count - 1 }
        if let number = aclNumbers[acl] { return number }
        aclNumbers[acl] = acls.count
        acls.append(acl)
        return acls.count - 1
    }
}

// MARK: Paths

extension NetChanges {
    /// The number of the path above; nil when there is none above.
    private mutating func parent(of path: Span<UInt8>, _ hash: inout PathHash) -> Int? {
        guard path.count > 1, let slash = PathScan.lastSlash(in: path) else { return nil }
        let length = max(1, slash)
        if let lastParent, paths.isPath(lastParent, prefix: length, of: path) { return lastParent }
        let number = paths.number(of: path, prefix: length, &hash)
        if number == changes.count { changes.append(NetChange(storedOwner: 0)) }
        lastParent = number
        return number
    }

    @discardableResult
    private mutating func changeChildren(
        above path: Span<UInt8>,
        at zxid: Int64,
        _ hash: inout PathHash,
        creations: Int32? = nil
    ) throws(Contradiction) -> Int {
        guard let parent = parent(of: path, &hash), changes[parent].state != .gone else {
            throw Contradiction(zxid: zxid, "znode \(Self.text(path)) is below none")
        }
        changes[parent].setPzxid(zxid)
        if let creations { changes[parent].setCreations(creations) }
        return parent
    }

    private mutating func absent(
        _ path: Span<UInt8>,
        at zxid: Int64,
        _ hash: inout PathHash
    ) throws(Contradiction) -> Int {
        let number = paths.number(of: path, prefix: path.count, &hash)
        if number == changes.count { changes.append(NetChange()) }
        guard changes[number].state == .gone else {
            throw Contradiction(zxid: zxid, "znode \(Self.text(path)) is there already")
        }
        return number
    }

    private mutating func existing(
        _ path: Span<UInt8>,
        _ owner: Int64,
        at zxid: Int64
    ) throws(Contradiction) -> Int {
        var hash = PathHash()
        return try existing(path, owner, at: zxid, &hash)
    }

    private mutating func existing(
        _ path: Span<UInt8>,
        _ owner: Int64,
        at zxid: Int64,
        _ hash: inout PathHash
    ) throws(Contradiction) -> Int {
        let number = paths.number(of: path, prefix: path.count, &hash)
        if number == changes.count {
            changes.append(NetChange(storedOwner: owner))
            try own(number, at: zxid)
        }
        guard changes[number].state != .gone, changes[number].owner == owner else {
            throw Contradiction(zxid: zxid, "znode \(Self.text(path)) is not there")
        }
        return number
    }

    private static func text(_ path: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.append(copying: path)
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: Sessions

extension NetChanges {
    private mutating func open(
        _ id: Int64,
        _ timeout: Int32,
        at zxid: Int64
    ) throws(Contradiction) {
        // One that ended before within the window stays known, as the database has rows of it.
        var session = sessions[id] ?? NetSession(isStored: false)
        guard sessions[id] == nil || !session.isAlive else {
            throw Contradiction(zxid: zxid, session: id, "is there already")
        }
        (session.isAlive, session.timeoutMilliseconds) = (true, timeout)
        sessions[id] = session
        lastOpened = id
    }

    /// All that the session owns goes; what only the database knows of goes when the window is folded.
    private mutating func end(_ id: Int64, at zxid: Int64) throws(Contradiction) {
        var owned: [Int] = []
        try withSession(id, at: zxid) { session in
            swap(&owned, &session.owned)
            session.isAlive = false
            if session.isStored, session.endedAt == nil { session.endedAt = zxid }
        }
        for number in owned where changes[number].state != .gone && changes[number].owner == id {
            changes[number].delete()
            try loseChild(number, at: zxid)
        }
    }

    /// The parent of a path that has gone hears of it.
    private mutating func loseChild(_ number: Int, at zxid: Int64) throws(Contradiction) {
        if let parent = changes[number].parent, changes[Int(parent)].state != .gone {
            changes[Int(parent)].setPzxid(zxid)
            return
        }
        let path = paths.copy(number)
        var hash = PathHash()
        try changeChildren(above: path.span, at: zxid, &hash)
    }

    private mutating func own(_ number: Int, at zxid: Int64) throws(Contradiction) {
        let owner = changes[number].owner
        guard owner != 0 else { return }
        try withSession(owner, at: zxid) { $0.owned.append(number) }
    }

    private mutating func withSession(
        _ id: Int64,
        at zxid: Int64,
        _ body: (inout NetSession) -> Void
    ) throws(Contradiction) {
        guard sessions[id]?.isAlive ?? true else {
            throw Contradiction(zxid: zxid, session: id, "is over")
        }
        body(&sessions[id, default: NetSession(isStored: true)])
    }
}
