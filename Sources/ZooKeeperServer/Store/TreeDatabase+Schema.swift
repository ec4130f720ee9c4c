import Storage
import ZNodeTree

/// The tables, and the one row of `state`.
extension TreeDatabase {
    /// Marks the file; steps are only ever added.
    ///
    /// A znode's row stands first by its owner, so that a session's end takes its rows away as one range and there
    /// is no index to keep: with one over the owners a row costs 6.8 microseconds instead of 2.5.
    static let format = DatabaseFormat(
        applicationID: 0x4d75_5472,
        name: "a registry's tree",
        steps: [
            """
            CREATE TABLE znode (
              owner INTEGER NOT NULL,     -- session of an ephemeral; 0 for all others
              path TEXT NOT NULL,
              data BLOB,                  -- NULL is not the empty buffer
              kind INTEGER NOT NULL,      -- 0 persistent, 1 ephemeral, 2 container, 3 TTL
              ttl INTEGER,                -- milliseconds
              acl INTEGER NOT NULL,       -- acl.id
              czxid INTEGER NOT NULL, mzxid INTEGER NOT NULL, pzxid INTEGER NOT NULL,
              ctime INTEGER NOT NULL, mtime INTEGER NOT NULL,  -- milliseconds since 1970
              version INTEGER NOT NULL, aversion INTEGER NOT NULL,
              creations INTEGER NOT NULL, -- children ever created: the next sequence number
              PRIMARY KEY (owner, path)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE acl (
              id INTEGER PRIMARY KEY,
              text TEXT NOT NULL UNIQUE   -- scheme:id:permissions, more behind commas
            ) STRICT;
            CREATE TABLE session (
              id INTEGER PRIMARY KEY,
              timeout INTEGER NOT NULL    -- milliseconds
            ) STRICT;
            CREATE TABLE state (
              one INTEGER PRIMARY KEY CHECK (one = 1),
              zxid INTEGER NOT NULL,      -- the last change that is in here
              segment INTEGER NOT NULL,   -- where the log goes on: number of its file,
              offset INTEGER NOT NULL,    -- bytes from its start,
              batch INTEGER NOT NULL,     -- and what the record before was synced with
              password_key BLOB NOT NULL, -- secret of the sessions' passwords
              last_session INTEGER NOT NULL,
              znodes INTEGER NOT NULL     -- rows
            ) STRICT;
            """
        ]
    )

    /// Gives a new file what every tree begins with.
    static func fill(
        _ database: borrowing Database,
        from origin: State
    ) throws(StorageError) {
        var state = origin
        var nodes: [ZNodeAtRest] = []
        let tree = ZNodeTree(zxid: origin.zxid)
        tree.forEachNode { nodes.append($0) }
        var writer = try RowWriter(database)
        for node in nodes { try writer.insert(node) }
        state.znodes = nodes.count
        try database.execute("INSERT INTO state VALUES(1, 0, 0, 0, 0, x'', 0, 0)")
        try write(state, to: database)
        try writeKey(of: state, to: database)
    }

    /// Replaces the secret.
    static func writeKey(
        of state: State,
        to database: borrowing Database
    ) throws(StorageError) {
        let key = state.passwordKey.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try database.execute("UPDATE state SET password_key = x'\(key)'")
    }

    /// Replaces what changes with every window.
    static func write(_ state: State, to database: borrowing Database) throws(StorageError) {
        try database.execute(
            """
            UPDATE state SET zxid = \(state.zxid),
              segment = \(state.position.segment), offset = \(state.position.offset),
              batch = \(state.position.batch), last_session = \(state.lastSession), znodes = \(state.znodes)
            """
        )
    }

    /// Reads the row of `state`.
    static func state(of database: borrowing Database) throws(StorageError) -> State {
        var row = try database.prepare(
            "SELECT zxid, segment, offset, batch, password_key, last_session, znodes FROM state"
        )
        guard try row.step(),
            let position = LogPosition(
                segment: row.integer(1),
                offset: row.integer(2),
                batch: row.integer(3)
            ),
            let key = row.blob(4), key.count == passwordKeyBytes,
            0...Limits.zxidMax ~= row.integer(0), 0...Limits.sessionIDMax ~= row.integer(5),
            row.integer(6) >= 0
        else {
            let text = "the row of `state` cannot be that of a tree"
            throw StorageError(.damaged, database.path, text)
        }
        var state = State(zxid: row.integer(0), passwordKey: key)
        (state.position, state.lastSession) = (position, row.integer(5))
        state.znodes = Int(row.integer(6))
        return state
    }
}
