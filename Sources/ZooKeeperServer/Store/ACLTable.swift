import Storage
import ZooKeeperProtocol

/// The access lists of the tree at rest: each stands once in the database, under a number that znodes have.
///
/// Lists that no znode has any more stay until there are many, and are then found by reading all znodes. Within a
/// fold the numbers of lists that came up are known; between folds nothing is held.
struct ACLTable: ~Copyable {
    private var find: Statement
    private var insert: Statement
    /// Of this fold.
    private var numbers: [[ACL]: Int64] = [:]
    /// The one that came up last: most often it is the next one too.
    private var last: (acl: [ACL], number: Int64)?
    /// Of all texts.
    private var bytes: Int
    /// When there are so many, unused lists are looked for.
    private var bytesMax: Int
    private let bytesMaxLeast: Int

    /// - Parameters:
    ///   - database: The statements' own.
    ///   - bytesMax: Texts may have so many bytes before unused ones are looked for.
    /// - Throws: `StorageError`.
    init(
        _ database: borrowing Database,
        bytesMax: Int = Limits.aclBytesUnswept
    ) throws(StorageError) {
        let find = try database.prepare("SELECT id FROM acl WHERE text = ?1")
        let insert = try database.prepare("INSERT INTO acl(text) VALUES(?1) RETURNING id")
        bytes = try Self.bytes(database)
        (self.bytesMax, bytesMaxLeast) = (bytesMax, bytesMax)
        self.find = find
        self.insert = insert
    }

    /// The number of a list, which gets one if it has none.
    mutating func number(of acl: [ACL]) throws(StorageError) -> Int64 {
        if let last, last.acl == acl { return last.number }
        let number: Int64
        if let known = numbers[acl] { number = known } else { number = try stored(acl) }
        numbers[acl] = number
        last = (acl, number)
        return number
    }

    /// Takes away what is not used, if that may be much.
    ///
    /// - Complexity: O(1), and O(znodes) where the texts have doubled.
    mutating func sweep(_ database: borrowing Database) throws(StorageError) {
        guard bytes >= bytesMax else { return }
        try database.execute("DELETE FROM acl WHERE id NOT IN (SELECT acl FROM znode)")
        bytes = try Self.bytes(database)
        bytesMax = max(bytesMaxLeast, 2 * bytes)
        forget()
    }

    /// Between folds: what is known is given back, and need not be true after one that was taken back.
    mutating func forget() { (numbers, last) = ([:], nil) }

    /// All lists by their numbers.
    static func all(of database: borrowing Database) throws(StorageError) -> [Int64: [ACL]] {
        var lists: [Int64: [ACL]] = [:]
        var rows = try database.prepare("SELECT id, text FROM acl")
        while try rows.step() {
            let text = try rows.text(1) ?? ""
            guard let acl = ACLText.acl(of: text) else {
                throw StorageError(
                    .damaged,
                    database.path,
                    "access list \(rows.integer(0)) is none: \(LogText.quoted(text))"
                )
            }
            lists[rows.integer(0)] = acl
        }
        return lists
    }

    private mutating func stored(_ acl: [ACL]) throws(StorageError) -> Int64 {
        let text = Array(ACLText.text(of: acl).utf8)
        if let number = try find.integer(text: text.span) { return number }
        bytes += text.count
        // The insert is done when the number is there.
        return try insert.integer(text: text.span) ?? 0
    }

    private static func bytes(_ database: borrowing Database) throws(StorageError) -> Int {
        Int(try database.integer("SELECT sum(length(CAST(text AS BLOB))) FROM acl"))
    }
}
