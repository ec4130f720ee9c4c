/// One thing in a tree that somebody should look at.
struct AuditFinding: Encodable, Equatable, Sendable {
    /// What kind of thing, in the order in which people are told of them.
    enum Kind: String, CaseIterable, Encodable, Sendable {
        /// An ephemeral whose session the servers do not know.
        case ownerGone
        /// An address that several sessions say is theirs.
        case addressShared
        /// A service that is asked for and that nobody provides.
        case noProvider
        /// An address that was entered by hand, or stays by itself, and where nobody listens.
        case notReachable
        /// A name or an entry that consumers cannot use.
        case notUnderstood
        /// A list of children near the size at which clients break.
        case listTooLong
    }

    let kind: Kind
    /// The znode.
    let path: String
    /// The service or domain; nil where it is about none.
    var service: String?
    /// `address:port`; nil where it is about none.
    var endpoint: String?
    /// The owner, as the servers write it; nil for none.
    var session: String?
    /// What is the matter with this one, a clause.
    let message: String
}

extension AuditFinding.Kind {
    /// What it means and what to do, a line or two for somebody who was woken up.
    var advice: String {
        switch self {
        case .ownerGone:
            "The session ended and its znode stayed: consumers are sent to a provider that may be gone.\n"
                + "Look whether it runs; if not: muster znode rm PATH. The servers' logs should say why."
        case .addressShared:
            "Two processes cannot listen on one address: one of them is gone, or moved and its address\n"
                + "was given to another. The older one leaves by itself when its session ends; if it does\n"
                + "not, find who holds it (muster znode get --stat PATH; cons on the server)."
        case .noProvider:
            "Consumers wait for these services and nobody provides them: start a provider, or look at\n"
                + "why they are not registered (the providers' logs; muster service show SERVICE)."
        case .notReachable:
            "These entries belong to no session, so nobody takes them out: start what should listen\n"
                + "there, or remove the entry (muster znode rm PATH; muster znode set PATH LIST)."
        case .notUnderstood:
            "Nobody is sent there. Somebody registered it with another program or by hand: correct the\n"
                + "name or the entry where it comes from."
        case .listTooLong:
            "Clients take 1 MiB (jute.maxbuffer) in one answer and lose their connection at more, again\n"
                + "and again. Remove what is not needed, or raise jute.maxbuffer at every client first."
        }
    }

    /// `2 providers whose session has ended`.
    func heading(_ count: Int) -> String {
        let one = count == 1
        return switch self {
        case .ownerGone: "\(counted(count, "znode")) whose session has ended"
        case .addressShared:
            "\(counted(count, "address"))\(one ? "" : "es") held by several sessions"
        case .noProvider: "\(counted(count, "service")) with consumers and without a provider"
        case .notReachable: "\(one ? "1 entry" : "\(count) entries") where nobody answers"
        case .notUnderstood: "\(one ? "1 entry" : "\(count) entries") not understood"
        case .listTooLong: "\(counted(count, "list")) of children near the limit of clients"
        }
    }
}
