public import ZooKeeperProtocol

// Who the session is, and who may do what.
extension ZooKeeperSession {
    /// Gives the session an identity more, on this connection and on all later ones.
    ///
    /// - Parameters:
    ///   - scheme: Such as `digest`.
    ///   - credential: Such as `user:password` in UTF-8, at most 16 KiB with the scheme.
    /// - Throws: `ZooKeeperError`: `.notSent` when no server could be reached (the credential is kept
    ///   and goes out with the next connection); `.authFailed` when a server refuses it, which ends the
    ///   session; `.overloaded` beyond 64 credentials.
    public func addAuth(
        scheme: String,
        credential: [UInt8]
    ) async throws(ZooKeeperError) {
        _ = try await call(
            .auth(AuthPacket(type: 0, scheme: scheme, credential: credential))
        )
    }

    /// The identities that the server knows of this connection.
    ///
    /// - Returns: Scheme and user, in the server's order; the address comes with scheme `ip`.
    /// - Throws: `ZooKeeperError`; `server` is `.unimplemented` at servers before 3.7.
    public func whoAmI() async throws(ZooKeeperError) -> [ClientIdentity] {
        switch try await call(.whoAmI) {
        case .identities(let identities): return identities
        case let other: throw unexpected(other)
        }
    }

    /// Reads who may do what with a znode.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: The access list in its stored order, and the Stat.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` or `.noAuth` in the commonest cases.
    public func getACL(
        _ path: String
    ) async throws(ZooKeeperError) -> (acl: [ACL], stat: Stat) {
        switch try await call(.getACL(GetACLRequest(path: path))) {
        case .acl(let record): return (record.acl, record.stat)
        case let other: throw unexpected(other)
        }
    }

    /// Replaces who may do what with a znode.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - acl: The new access list.
    ///   - version: The expected version of the access list; -1 for any.
    /// - Returns: The new Stat.
    /// - Throws: `ZooKeeperError`; `server` is `.invalidACL`, `.noAuth` or `.badVersion` in the
    ///   commonest cases.
    @discardableResult
    public func setACL(
        _ path: String,
        acl: [ACL],
        version: Int32 = -1
    ) async throws(ZooKeeperError) -> Stat {
        switch try await call(.setACL(SetACLRequest(path: path, acl: acl, version: version))) {
        case .stat(let stat): return stat
        case let other: throw unexpected(other)
        }
    }
}
