import ZooKeeperClient
import ZooKeeperProtocol

// Identities and access lists.
extension ShellRunner {
    func runOnAccess(_ command: ShellCommand) async throws(ShellFailure) {
        switch command {
        case .addAuth(let scheme, let credential):
            do throws(ZooKeeperError) {
                try await session.addAuth(scheme: scheme, credential: credential)
            } catch {
                // A refusal shows as an event and ends the session; without a server it goes out later.
                guard error.code == .authFailed || error.code == .notSent else {
                    throw ShellFailure(error.message)
                }
            }
        case .whoAmI:
            let identities = try await ask(nil) { () throws(ZooKeeperError) in
                try await session.whoAmI()
            }
            show(["Auth scheme: User"] + identities.map { "\($0.scheme): \($0.user)" })
        case .getACL(let path, let hasStat):
            let (acl, stat) = try await ask(path) { () throws(ZooKeeperError) in
                try await session.getACL(path)
            }
            show(acl.flatMap(ACLText.lines) + (hasStat ? StatText.lines(stat) : []))
        case .setACL(let path, let acl, let version, let hasStat, let isRecursive):
            if isRecursive {
                try await setACLBelow(path, acl, version)
            } else {
                try await setACL(path, acl, version, hasStat)
            }
        default: break
        }
    }

    private func setACL(
        _ path: String,
        _ acl: [ACL],
        _ version: Int32,
        _ hasStat: Bool
    ) async throws(ShellFailure) {
        if let complaint = PathText.complaint(path) { throw ShellFailure(complaint) }
        guard !acl.isEmpty else { throw ShellFailure(FailureText.sentence(.invalidACL, nil)) }
        let stat = try await ask(path) { () throws(ZooKeeperError) in
            try await session.setACL(path, acl: acl, version: version)
        }
        if hasStat { show(StatText.lines(stat)) }
    }

    /// Sets the list of a znode and of all below it; those that refuse are told and passed over.
    private func setACLBelow(
        _ path: String,
        _ acl: [ACL],
        _ version: Int32
    ) async throws(ShellFailure) {
        try await walk(path, watch: false) { (below) throws(ShellFailure) in
            guard !acl.isEmpty else {
                screen.out(FailureText.message(.invalidACL, nil))
                return
            }
            do throws(AskFailure) {
                _ = try await attempt(below) { () throws(ZooKeeperError) in
                    try await session.setACL(below, acl: acl, version: version)
                }
            } catch {
                guard let code = error.code else { throw error.failure }
                screen.out(FailureText.message(code, below))
            }
        }
    }
}
