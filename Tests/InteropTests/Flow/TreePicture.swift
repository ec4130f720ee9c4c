import Registrations
import ServiceModel
import ZooKeeperClient
import ZooKeeperProtocol

/// Who is registered where: what a view shows, and what a plain reading of the tree says.
struct TreePicture: Equatable {
    /// Instances of each service, with path, czxid and session of the znode that speaks for each.
    var services: [ServiceName: [InstanceID: String]] = [:]
    /// Paths of registrations that are not understood.
    var rejected: Set<String> = []

    /// What a view shows.
    init(_ view: MembershipView) {
        for name in view.services.keys {
            guard let service = view.services[name] else { continue }
            var instances: [InstanceID: String] = [:]
            for instance in service.instances.values {
                instances[instance.id] = Self.text(instance.origin)
            }
            services[name] = instances
            rejected.formUnion(service.rejections.keys)
        }
    }

    /// Reads the whole tree, znode by znode, without watches.
    init(reading session: ZooKeeperSession) async throws {
        for child in try await session.getChildren("/dubbo") {
            let service = ServiceName(.dubbo, child)
            let directory = "/dubbo/\(child)/providers"
            var claims = Claims()
            for name in (try? await session.getChildren(directory)) ?? [] {
                let path = "\(directory)/\(name)"
                let origin = Self.origin(path, try await session.getData(path).stat)
                let since = UnixTime(milliseconds: 0)
                do throws(RegistrationError) {
                    let instance = try ProviderName.parse(
                        name,
                        service: service,
                        origin: origin,
                        since: since
                    )
                    claims.add(instance.id, origin)
                } catch {
                    rejected.insert(path)
                }
            }
            services[service] = claims.speakers
        }
        for application in try await session.getChildren("/DDNS") {
            for name in try await session.getChildren("/DDNS/\(application)") {
                try await readDomain("/DDNS/\(application)/\(name)", name, session)
            }
        }
    }

    private mutating func readDomain(
        _ path: String,
        _ name: String,
        _ session: ZooKeeperSession
    ) async throws {
        let service = ServiceName(.domain, name)
        var claims = Claims()
        let entries = try await session.getChildren(path)
        for path in [path] + entries.map({ "\(path)/\($0)" }) {
            let (data, stat) = try await session.getData(path)
            var (endpoints, bad) = DDNSList.parse(data ?? [])
            if endpoints.isEmpty, bad.isEmpty, stat.ephemeralOwner != 0 {
                (endpoints, bad) = DDNSList.parse(ZNodePath.name(of: path).utf8)
            }
            if !bad.isEmpty { rejected.insert(path) }
            for endpoint in endpoints {
                let id = InstanceID(service: service, endpoint: endpoint)
                claims.add(id, Self.origin(path, stat))
            }
        }
        services[service] = claims.speakers
    }

    /// What one has and the other has not, a line each.
    func difference(from other: TreePicture) -> [String] {
        var lines: [String] = []
        for service in Set(services.keys).union(other.services.keys).sorted() {
            guard let mine = services[service], let theirs = other.services[service] else {
                lines.append("\(service) is only in \(services[service] == nil ? "other" : "this")")
                continue
            }
            for id in Set(mine.keys).union(theirs.keys).sorted() where mine[id] != theirs[id] {
                lines.append(
                    "\(service) \(id.endpoint): \(mine[id] ?? "absent"), not "
                        + "\(theirs[id] ?? "absent")"
                )
            }
        }
        for path in rejected.symmetricDifference(other.rejected).sorted() {
            lines.append("\(path) is rejected in one only")
        }
        return lines
    }

    private static func origin(_ path: String, _ stat: Stat) -> Instance.Origin {
        Instance.Origin(path: path, czxid: stat.czxid, session: stat.ephemeralOwner)
    }

    private static func text(_ origin: Instance.Origin) -> String {
        "\(origin.path) czxid \(origin.czxid) session \(origin.session)"
    }

    /// Znodes by the instance they stand for; the newest speaks.
    private struct Claims {
        private var newest: [InstanceID: Instance.Origin] = [:]

        mutating func add(_ id: InstanceID, _ origin: Instance.Origin) {
            if let known = newest[id],
                (known.czxid, known.path) > (origin.czxid, origin.path)
            {
                return
            }
            newest[id] = origin
        }

        var speakers: [InstanceID: String] { newest.mapValues(TreePicture.text) }
    }
}
