import Registrations
import ServiceModel
import ZooKeeperProtocol

/// What a path of the tree means to an aggregator; says which paths it must watch.
struct RegistryLayout: Sendable {
    /// A path to watch, with all below it.
    struct Root: Equatable, Sendable {
        enum Kind: Equatable, Sendable {
            /// Its children are Dubbo interfaces.
            case dubbo
            /// It is one Dubbo interface.
            case interface
            /// Its children are applications, theirs are domains.
            case ddns
        }

        let path: String
        let kind: Kind
    }

    /// The meaning of one path.
    enum Place: Equatable, Sendable {
        /// A root whose children are to be learned.
        case root
        /// `<root>/<interface>`.
        case service(ServiceName)
        /// `<root>/<interface>/providers`.
        case providers(servicePath: String)
        /// A znode below `providers`.
        case provider(ServiceName, servicePath: String)
        /// `<root>/<application>`.
        case application
        /// `<root>/<application>/<domain>`.
        case domain(ServiceName)
        /// A znode below a domain.
        case entry(ServiceName, domainPath: String)
        /// Stands where a service or domain should, under a name that cannot be one.
        indirect case unusable(ServiceName, RegistrationError)
    }

    /// The roots, deepest first, so that the first one that holds a path is the nearest.
    let roots: [Root]
    private let only: ServiceName?

    init(_ configuration: MembershipConfiguration) {
        let dubbo: [Root]
        let ddns = configuration.ddnsRoot.map { [Root(path: $0, kind: .ddns)] } ?? []
        switch configuration.scope {
        case .everything:
            dubbo = configuration.dubboRoots.map { Root(path: $0, kind: .dubbo) }
            (only, roots) = (nil, Self.sorted(dubbo + ddns))
        case .service(let service) where service.kind == .domain:
            (only, roots) = (service, ddns)
        case .service(let service):
            dubbo = configuration.dubboRoots.map {
                Root(path: ZNodePath.join($0, PercentCoding.encode(service.name)), kind: .interface)
            }
            (only, roots) = (service, Self.sorted(dubbo))
        }
    }

    private static func sorted(_ roots: [Root]) -> [Root] {
        roots.sorted { ($0.path.utf8.count, $0.path) > ($1.path.utf8.count, $1.path) }
    }

    /// What a path means; nil when it means nothing.
    func place(of path: String) -> Place? {
        guard let root = roots.first(where: { ZNodePath.isSame(path, orBelow: $0.path) }) else {
            return nil
        }
        let slash = UInt8(ascii: "/")
        let rest = path.utf8.dropFirst(root.path == ZNodePath.root ? 0 : root.path.utf8.count)
        let names = rest.split(separator: slash).map(Substring.init)
        switch root.kind {
        case .dubbo: return names.isEmpty ? .root : dubboPlace(path, names)
        case .interface:
            let name = ZNodePath.name(of: root.path)
            return dubboPlace(path, [Substring(name)] + names)
        case .ddns: return names.isEmpty ? .root : ddnsPlace(path, names)
        }
    }

    private func dubboPlace(_ path: String, _ names: [Substring]) -> Place? {
        let service: ServiceName
        do throws(RegistrationError) {
            guard let decoded = try DubboTree.service(fromChild: String(names[0])) else {
                return nil
            }
            service = decoded
        } catch {
            let raw = ServiceName(.dubbo, String(names[0]))
            return names.count == 1 ? .unusable(raw, error) : nil
        }
        guard names.count == 1 || names[1] == DubboTree.providers else { return nil }
        switch names.count {
        case 1: return isReserved(path) ? nil : .service(service)
        case 2: return .providers(servicePath: Self.ancestor(of: path, levels: 1))
        case 3: return .provider(service, servicePath: Self.ancestor(of: path, levels: 2))
        default: return nil
        }
    }

    /// True for what stands beside the interfaces when `/` is the root of them.
    private func isReserved(_ path: String) -> Bool {
        ["/zookeeper", "/muster", "/services"].contains(path)
            || roots.contains { $0.path != path && ZNodePath.isSame($0.path, orBelow: path) }
    }

    private func ddnsPlace(_ path: String, _ names: [Substring]) -> Place? {
        guard names.count > 1 else { return .application }
        let service: ServiceName
        do throws(RegistrationError) {
            service = try DomainService.service(fromChild: names[1])
        } catch {
            let raw = ServiceName(.domain, names[1].lowercased())
            return names.count == 2 && only == nil ? .unusable(raw, error) : nil
        }
        if let only, only != service { return nil }
        switch names.count {
        case 2: return .domain(service)
        case 3: return .entry(service, domainPath: Self.ancestor(of: path, levels: 1))
        default: return nil
        }
    }

    private static func ancestor(of path: String, levels: Int) -> String {
        var rest = path.utf8[...]
        for _ in 0..<levels {
            guard let slash = rest.lastIndex(of: UInt8(ascii: "/")) else { return path }
            rest = rest[..<slash]
        }
        return String(Substring(rest))
    }
}
