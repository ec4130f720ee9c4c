import ZNodeTree
import ZooKeeperProtocol

/// The credentials that clients of the simulation have, with the identities that they give.
///
/// `user:` and the Base64 of the SHA-1 of `user:password`, computed once with another program.
enum PlainCredentials {
    static let anna = (credential: "a:a", id: "a:mDmPUap4qvYwm+PZOtJ/scGyHLY=")
    static let bert = (credential: "b:b", id: "b:+F8zPn3x1CLx3qpYHEaRwIheWcc=")

    /// Who the packet shows a connection to be; nil when nobody new.
    static func identity(_ packet: AuthPacket) -> Identity? {
        guard packet.scheme == "digest" else { return nil }
        let text = String(decoding: packet.credential ?? [], as: UTF8.self)
        let id = [anna, bert].first { $0.credential == text }?.id
        return id.map { Identity(scheme: "digest", id: $0) }
    }
}
