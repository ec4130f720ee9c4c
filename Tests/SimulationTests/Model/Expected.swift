import ZNodeTree
import ZooKeeperProtocol

/// One thing that has to leave on a connection next.
struct Expected {
    enum Body {
        /// The answer to a handshake; the password is the server's to choose for a new session.
        case session(Int64, timeoutMilliseconds: Int32, hasReadOnly: Bool)
        case refusal(hasReadOnly: Bool)
        case reply(xid: Int32, OpCode?, Result<Response, ErrorCode>)
        case event(WatchEvent)
        /// Events of one change in any order: the end of a session.
        case events([WatchEvent])
    }
    var body: Body
    /// The last change that it shows: it may not leave before that is durable.
    var shows: Int64
    /// Once this change is durable it must leave, if nothing stands before it.
    var due: Int64
    /// What the header has to say, where it is none of the zxids: 0 to auth packets, -1 to unknown operations.
    var header: Int64?
    /// What was durable when it was made; a reply's header may not say less.
    var durable: Int64
}

/// A connection as the model knows it.
struct PlainConnection {
    enum Phase: Equatable {
        case opening
        case serving(Int64)
        /// What is expected leaves, then the server closes.
        case finishing
        /// To be closed at once; nothing may leave any more.
        case broken
    }
    var phase = Phase.opening
    var identities: [Identity]
    var expected: [Expected] = []
    /// The greatest zxid of a header so far.
    var header: Int64 = 0

    var session: Int64? { if case .serving(let id) = phase { id } else { nil } }
}
