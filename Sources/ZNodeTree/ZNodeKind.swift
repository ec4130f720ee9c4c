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
}
