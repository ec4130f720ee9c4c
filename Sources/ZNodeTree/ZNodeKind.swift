/// What makes a znode go by itself.
public enum ZNodeKind: Equatable, Sendable {
    /// Nothing does.
    case persistent
    /// The end of the session that made it.
    case ephemeral(session: Int64)
    /// The last child's end: it goes some time later.
    case container
    /// So much time without children and changes.
    case ttl(milliseconds: Int64)

    /// The kind without its number, as records have it.
    enum Tag: UInt8 { case persistent, ephemeral, container, ttl }

    init(_ tag: Tag, _ number: Int64) {
        switch tag {
        case .persistent: self = .persistent
        case .ephemeral: self = .ephemeral(session: number)
        case .container: self = .container
        case .ttl: self = .ttl(milliseconds: number)
        }
    }

    var tag: Tag {
        switch self {
        case .persistent: .persistent
        case .ephemeral: .ephemeral
        case .container: .container
        case .ttl: .ttl
        }
    }

    /// The session or the milliseconds; 0 for the kinds without either.
    var number: Int64 {
        switch self {
        case .persistent, .container: 0
        case .ephemeral(let session): session
        case .ttl(let milliseconds): milliseconds
        }
    }
}
