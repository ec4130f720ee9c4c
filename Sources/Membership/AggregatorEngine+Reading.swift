import Registrations
import ServiceModel
import ZooKeeperProtocol

/// Registrations that were read.
extension AggregatorEngine {
    mutating func read(_ path: String, _ response: GetDataResponse) {
        guard var leaf = leaves[path] else { return }
        let stat = response.stat
        let before = leaf.origin
        noticed(at: leaf.noticedAt)
        leaf.noticedAt = nil
        leaf.origin.czxid = stat.czxid
        leaf.origin.mzxid = stat.mzxid
        leaf.origin.session = stat.ephemeralOwner
        leaf.isCurrent = true
        switch leaf.place {
        case .provider(let service, _):
            readProvider(
                &leaf,
                of: service,
                before: before,
                since: UnixTime(milliseconds: stat.ctime)
            )
            leaves[path] = leaf
        case .domain(let service):
            let (endpoints, bad) = DDNSList.parse(response.data ?? [])
            readDomain(leaf, of: service, merge(leaf, endpoints, stat), fault(bad))
        case .entry(let service, let domainPath):
            var (endpoints, bad) = DDNSList.parse(response.data ?? [])
            if endpoints.isEmpty, bad.isEmpty { (endpoints, bad) = nameAsEntry(path) }
            let entries = merge(leaf, endpoints, stat)
            readEntry(leaf, of: service, below: domainPath, entries, fault(bad))
        case .root, .service, .providers, .application, .unusable: break
        }
    }

    /// The registry refuses to show a registration.
    mutating func unreadable(_ path: String) {
        guard var leaf = leaves[path], let service = leaf.service else { return }
        switch leaf.content {
        case .provider, .list, .rejected: return
        case .announced(let instance): ledger.endAnnouncement(instance.id, at: now.time)
        case .unread: break
        }
        guard service.kind == .dubbo else {
            output.warnings.append("\(path) cannot be read: \(ErrorCode.noAuth)")
            return
        }
        leaf.content = .rejected
        leaves[path] = leaf
        let (offender, reason) = (ErrorCode.noAuth.description, "the registry refuses to show it")
        ledger.reject(path: path, of: service, offender: offender, reason: reason, at: now.time)
    }

    /// A provider's name says all but its session and age; its data means nothing.
    private mutating func readProvider(
        _ leaf: inout Leaf,
        of service: ServiceName,
        before: Instance.Origin,
        since: UnixTime
    ) {
        let path = leaf.origin.path
        var announced: InstanceID?
        var instance: Instance
        if case .announced(let draft) = leaf.content {
            (instance, announced) = (draft, draft.id)
            instance.origin = leaf.origin
            instance.state.since = since
        } else {
            let isNews = leaf.origin.czxid != before.czxid || leaf.origin.session != before.session
            guard leaf.isUnread || isNews else { return }
            do throws(RegistrationError) {
                instance = try ProviderName.parse(
                    ZNodePath.name(of: path),
                    service: service,
                    origin: leaf.origin,
                    since: since
                )
            } catch {
                guard leaf.isUnread else { return }
                leaf.content = .rejected
                reject(path, of: service, error)
                return
            }
        }
        leaf.content = .provider(instance.id)
        ledger.endRejection(path: path, of: service, at: now.time)
        ledger.claim(instance, at: now.time)
        if let announced { ledger.endAnnouncement(announced, at: now.time) }
    }

    /// The entries of a list, those that stood in it before as old as they were.
    private func merge(_ leaf: Leaf, _ endpoints: [Endpoint], _ stat: Stat) -> [Leaf.Entry] {
        let known = Dictionary(
            leaf.entries.map { ($0.endpoint, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let since = UnixTime(milliseconds: stat.mtime)
        return endpoints.map { endpoint in
            known[endpoint] ?? Leaf.Entry(endpoint: endpoint, since: since, mzxid: stat.mzxid)
        }
    }

    private func fault(_ bad: [RegistrationError]) -> Leaf.Fault? {
        guard let first = bad.first else { return nil }
        let named = bad.prefix(Limits.offendersNamedMax).map(\.offender).joined(separator: ", ")
        let rest = bad.count - Limits.offendersNamedMax
        let offenders = rest > 0 ? "\(named), and \(rest) more" : named
        return Leaf.Fault(offender: offenders, reason: first.reason)
    }

    /// An ephemeral entry without data may say by its name what it stands for.
    private func nameAsEntry(_ path: String) -> ([Endpoint], [RegistrationError]) {
        let (endpoints, bad) = DDNSList.parse(ZNodePath.name(of: path).utf8)
        return (endpoints, bad)
    }
}

extension Leaf {
    /// True when reading may turn a rejected leaf into one that is understood.
    var isReadable: Bool {
        switch place {
        case .unusable: false
        case .provider(let service, _):
            (try? ProviderName.parse(
                ZNodePath.name(of: origin.path),
                service: service,
                origin: origin,
                since: UnixTime(milliseconds: 0)
            )) != nil
        default: true
        }
    }
}
