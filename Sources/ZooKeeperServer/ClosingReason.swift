/// Why a connection is closed, refused or held back, as a line of the log says it.
struct ClosingReason: Equatable {
    /// What lines are counted by: many of one kind are summed up, see `LogThrottle`.
    enum Kind: CaseIterable {
        /// Too many connections.
        case refused
        /// No session within the time for a handshake.
        case noHandshake
        /// Bytes that are no handshake or no frame, or a frame that is too long.
        case frame
        /// A request that no client may make, or a credential that shows nothing.
        case request
        /// It has seen changes that are yet to come.
        case zxid
        /// Too many sessions.
        case sessions
        /// It does not read what it asked for.
        case unread
        /// Its requests wait until it reads; it stays.
        case heldBack
        /// Nothing whole came from it within the session timeout.
        case expired

        /// For a line that sums up many.
        var text: String {
            switch self {
            case .refused: "refused, as there were too many"
            case .noHandshake: "closed without a handshake"
            case .frame: "closed for bytes that are no request"
            case .request: "closed for a request that no client may make"
            case .zxid: "closed, as they had seen changes yet to come"
            case .sessions: "closed, as there were too many sessions"
            case .unread: "closed, as they did not read"
            case .heldBack: "held back until they read"
            case .expired: "closed with their expired sessions"
            }
        }
    }
    var kind: Kind
    /// The rest of the sentence, with the values and the limit.
    var text: String

    init(_ kind: Kind, _ text: String) { (self.kind, self.text) = (kind, text) }
}
