/// What becomes known of the daemons that share the alerts of one registry.
public enum AlertCompany: Equatable, Sendable {
    /// How long another may be dead before this daemon knows.
    case window(Duration)
    /// This daemon is about to become a member.
    case claimed
    /// The ids of all members, whether this daemon is one of them or not.
    case members([String])
    /// This daemon cannot become a member, so it tells everything, as if it were alone.
    case hidden
    /// That is over.
    case shown
}
