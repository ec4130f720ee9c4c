import Registrations
import ServiceModel
import ZooKeeperProtocol

/// What a path of the tree is to an audit.
struct AuditLayout: Sendable {
    /// The meaning of one path.
    enum Place: Equatable, Sendable {
        /// `<root>/<interface>/providers/<url>`.
        case provider(ServiceName)
        /// `<root>/<interface>/consumers/<url>`.
        case consumer(ServiceName)
        /// `/DDNS/<application>/<domain>`, or a znode below it: data is a list of addresses.
        case domain(ServiceName)
        /// Stands where a service or a domain should, under a name that cannot be one.
        case unusable(RegistrationError)
        case other
    }

    /// Roots of Dubbo trees, deepest first.
    let dubboRoots: [String]
    let ddnsRoot: String

    init(dubboRoots: [String] = ["/dubbo"], ddnsRoot: String = "/DDNS") {
        self.dubboRoots = dubboRoots.sorted { $0.utf8.count > $1.utf8.count }
        self.ddnsRoot = ddnsRoot
    }

    /// What a path means.
    func place(of path: String) -> Place {
        if path != ddnsRoot, ZNodePath.isSame(path, orBelow: ddnsRoot) {
            return domain(names(of: path, below: ddnsRoot))
        }
        for root in dubboRoots where path != root && ZNodePath.isSame(path, orBelow: root) {
            return dubbo(names(of: path, below: root))
        }
        return .other
    }

    private func names(of path: String, below root: String) -> [Substring] {
        let rest = path.utf8.dropFirst(root == ZNodePath.root ? 0 : root.utf8.count)
        return rest.split(separator: UInt8(ascii: "/")).map(Substring.init)
    }

    private func dubbo(_ names: [Substring]) -> Place {
        do throws(RegistrationError) {
            guard let service = try DubboTree.service(fromChild: String(names[0])), names.count == 3
            else {
                return .other
            }
            switch names[1] {
            case Substring(DubboTree.providers): return .provider(service)
            case "consumers": return .consumer(service)
            default: return .other
            }
        } catch {
            return names.count == 1 ? .unusable(error) : .other
        }
    }

    private func domain(_ names: [Substring]) -> Place {
        guard (2...3).contains(names.count) else { return .other }
        do throws(RegistrationError) {
            return .domain(try DomainService.service(fromChild: names[1]))
        } catch {
            return names.count == 2 ? .unusable(error) : .other
        }
    }
}
