import ZooKeeperClient
import ZooKeeperProtocol

// Quotas: znodes below /zookeeper/quota that the client makes and the server minds.
extension ShellRunner {
    func setQuota(_ path: String, _ limits: QuotaText) async throws(ShellFailure) {
        guard try await stat(path) != nil else { throw ShellFailure("\(path) does not exist.") }
        try await refuseQuotaBelow(path)
        try await refuseQuotaAbove(path)
        let quota = QuotaText.znode(of: path)
        try await createAll(to: quota)
        let (limitsPath, statsPath) = (
            quota + "/" + QuotaText.limitsName, quota + "/" + QuotaText.statsName
        )
        guard try await stat(limitsPath) != nil else {
            try await create(limitsPath, limits.text)
            var none = QuotaText()
            (none[QuotaText.count], none[QuotaText.bytes]) = (0, 0)
            try await create(statsPath, none.text)
            show(try await read(limitsPath).warnings(stats: try await read(statsPath)))
            return
        }
        let changed = try await read(limitsPath).changed(by: limits)
        show(changed.warnings(stats: try await read(statsPath)))
        try await ask(limitsPath) { () throws(ZooKeeperError) in
            _ = try await session.setData(limitsPath, data: Array(changed.text.utf8))
        }
    }

    func listQuota(_ path: String) async throws(ShellFailure) {
        let quota = QuotaText.znode(of: path)
        screen.err("absolute path is \(quota)/\(QuotaText.limitsName)")
        do throws(AskFailure) {
            for (name, word) in [(QuotaText.limitsName, "quota"), (QuotaText.statsName, "stat")] {
                let text = try await attempt(quota + "/" + name) { () throws(ZooKeeperError) in
                    try await session.getData(quota + "/" + name).data
                }
                screen.out("Output \(word) for \(path) \(try parsed(text).text)")
            }
        } catch {
            guard error.code == .noNode else { throw error.failure }
            screen.err("quota for \(path) does not exist.")
        }
    }

    func deleteQuota(_ path: String, _ keys: [String]) async throws(ShellFailure) {
        let quota = QuotaText.znode(of: path)
        let limitsPath = quota + "/" + QuotaText.limitsName
        guard try await stat(limitsPath) != nil else {
            screen.out("Quota does not exist for \(path)")
            return
        }
        guard keys.isEmpty else {
            var limits = try await read(limitsPath)
            for key in keys { limits[key] = -1 }
            let text = limits.text
            try await ask(limitsPath) { () throws(ZooKeeperError) in
                _ = try await session.setData(limitsPath, data: Array(text.utf8))
            }
            return
        }
        do throws(AskFailure) {
            for child in try await children(quota) { try await delete(quota + "/" + child) }
            try await deleteEmpty(from: quota)
        } catch {
            guard error.code == .noNode else { throw error.failure }
            screen.err("quota for \(path) does not exist.")
        }
    }

    // MARK: Rules

    /// Only one quota may stand on the way from the root to a leaf.
    private func refuseQuotaBelow(_ path: String) async throws(ShellFailure) {
        let quota = QuotaText.znode(of: path)
        guard try await stat(quota) != nil else { return }
        try await walk(quota, watch: false) { (found) throws(ShellFailure) in
            guard found != quota, try await hasLimits(found) else { return }
            let name = found.dropFirst(QuotaText.root.count)
            throw ShellFailure("\(path) has a child \(name) which has a quota")
        }
    }

    /// True when a znode of the quota tree has limits; one that has vanished has none.
    private func hasLimits(_ quota: String) async throws(ShellFailure) -> Bool {
        do throws(AskFailure) {
            return try await children(quota).contains(QuotaText.limitsName)
        } catch {
            guard error.code == .noNode else { throw error.failure }
            return false
        }
    }

    private func refuseQuotaAbove(_ path: String) async throws(ShellFailure) {
        var above = QuotaText.root
        for part in path.split(separator: "/").dropLast() {
            above += "/" + part
            guard try await hasLimits(above) else { continue }
            let name = above.dropFirst(QuotaText.root.count)
            throw ShellFailure("\(path) has a parent \(name) which has a quota")
        }
    }

    // MARK: Znodes

    private func stat(_ path: String) async throws(ShellFailure) -> Stat? {
        try await ask(path) { () throws(ZooKeeperError) in try await session.exists(path) }
    }

    private func children(_ path: String) async throws(AskFailure) -> [String] {
        try await attempt(path) { () throws(ZooKeeperError) in
            try await session.getChildren(path)
        }
    }

    private func delete(_ path: String) async throws(AskFailure) {
        try await attempt(path) { () throws(ZooKeeperError) in try await session.delete(path) }
    }

    private func create(_ path: String, _ text: String) async throws(ShellFailure) {
        try await ask(path) { () throws(ZooKeeperError) in
            _ = try await session.create(path, data: Array(text.utf8))
        }
    }

    /// Makes the missing znodes down to a path; what others made meanwhile is fine.
    private func createAll(to path: String) async throws(ShellFailure) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            guard try await stat(made) == nil else { continue }
            let level = made
            do throws(AskFailure) {
                try await attempt(level) { () throws(ZooKeeperError) in
                    _ = try await session.create(level, data: nil)
                }
            } catch {
                guard error.code == .nodeExists else { throw error.failure }
            }
        }
    }

    /// Removes a quota's znode and those above it that are left without children.
    private func deleteEmpty(from path: String) async throws(AskFailure) {
        var path = path
        while path != QuotaText.root, try await children(path).isEmpty {
            try await delete(path)
            guard let parent = ZNodePath.parent(of: path) else { return }
            path = parent
        }
    }

    private func read(_ path: String) async throws(ShellFailure) -> QuotaText {
        let data = try await ask(path) { () throws(ZooKeeperError) in
            try await session.getData(path).data
        }
        do throws(AskFailure) {
            return try parsed(data)
        } catch {
            throw error.failure
        }
    }

    private func parsed(_ data: [UInt8]?) throws(AskFailure) -> QuotaText {
        let text = String(decoding: data ?? [], as: UTF8.self)
        guard let quota = QuotaText(text) else {
            throw AskFailure(code: nil, failure: ShellFailure("this is no quota: \(text)"))
        }
        return quota
    }
}
