/// Is told by its loop what became ready; an actor on the loop is the usual conformer.
///
/// An actor implements `process` as `assumeIsolated { me in for event in events { me.handle(event) } }`:
/// isolation is asserted once per wake-up, which costs nothing, and not once per event, which costs 70 ns
/// and an allocation. The loop holds a strong reference while the handler has a descriptor or a timer.
public protocol LoopHandler: AnyObject, Sendable {
    /// Called on the loop's thread, at most once per wake-up, with everything that is ready.
    ///
    /// Sockets come before timers; timers are in order of their deadlines. An event may follow for a token
    /// that an earlier event of the same wake-up made the handler deregister: look the token up first.
    ///
    /// - Parameter events: At least one.
    nonisolated func process(_ events: [LoopEvent])
}

/// One thing that became ready, with the token that its handler chose for it.
public enum LoopEvent: Hashable, Sendable {
    /// There are bytes, a connection, or the end of the stream to read. Comes again while that is so.
    case readable(UInt64)
    /// There is room to write, or a connection attempt has ended. Comes again while that is so.
    case writable(UInt64)
    /// Both directions are closed or the socket failed; comes after `readable` and until deregistered.
    case hangup(UInt64)
    /// A timer's deadline has passed.
    case timer(UInt64)

    /// The token given at registration.
    public var token: UInt64 {
        switch self {
        case .readable(let token), .writable(let token), .hangup(let token), .timer(let token):
            token
        }
    }
}

/// What a handler wants to be told about a descriptor.
public struct Interest: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Tell when something can be read.
    public static let read = Interest(rawValue: 1)
    /// Tell when something can be written.
    public static let write = Interest(rawValue: 2)
}
