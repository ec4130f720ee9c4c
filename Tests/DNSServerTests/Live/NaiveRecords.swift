import DNSProtocol
import ServiceModel

/// The records of a view, written down from the table of names in the design without any of our rules:
/// each name that could be asked is answered by filtering all instances.
struct NaiveRecords {
    /// `name type rdata`, names in lower case.
    private(set) var lines: Set<String> = []
    private let zone = "muster.internal."
    private let view: MembershipView
    private let hidden: Set<String>

    init(_ view: MembershipView, hidden: Set<String>, domainZone: String) {
        (self.view, self.hidden) = (view, hidden)
        for name in view.services.keys {
            guard let service = view.services[name] else { continue }
            let all = Array(service.instances.values)
            for instance in all {
                addAddresses("\(host(instance.id.endpoint.address)).node.\(zone)", instance)
            }
            let shown = all.filter { [.up, .suspect].contains($0.state.standing) }
            if name.kind == .domain {
                addDomain(name.name + ".", all, shown, domainZone)
            } else {
                addService("\(name.name.lowercased()).dubbo.\(zone)", shown)
            }
        }
    }

    private mutating func addDomain(
        _ name: String,
        _ all: [Instance],
        _ shown: [Instance],
        _ domainZone: String
    ) {
        let first = all.min {
            ($0.origin.czxid, $0.application) < ($1.origin.czxid, $1.application)
        }
        let mine = shown.filter { $0.application == first?.application }
        guard name.hasSuffix(domainZone) else { return }
        addInstances(name, mine, weights: shown)
    }

    private mutating func addService(_ base: String, _ shown: [Instance]) {
        let groups = Set(shown.map(\.id.group)).union([""])
        let tags = Set(shown.map(\.id.tag)).union([""])
        let versions = Set(shown.map(\.id.version))
        for group in groups {
            for tag in tags {
                let family = shown.filter { $0.id.group == group && $0.id.tag == tag }
                let plain = family.filter { $0.id.version.isEmpty }
                let parts = [("group", group), ("tag", tag)]
                addNames(parts, base, plain.isEmpty ? family : plain, shown)
                for version in versions where !version.isEmpty {
                    let exact = family.filter { $0.id.version == version }
                    addNames(parts + [("version", version)], base, exact, shown)
                }
            }
        }
    }

    private mutating func addNames(
        _ parts: [(String, String)],
        _ base: String,
        _ instances: [Instance],
        _ all: [Instance]
    ) {
        let labels = parts.filter { !$0.1.isEmpty }.map { kind, value in
            value.map { $0 == "." ? "-" : String($0) }.joined().lowercased() + "._\(kind)."
        }
        for order in orders(labels) {
            let name = order.joined() + base
            addInstances(name, instances, weights: all)
            for instance in instances {
                let perProtocol = "_\(instance.id.scheme.lowercased())._tcp.\(name)"
                addSRV(perProtocol, instance, weights: all)
            }
        }
    }

    private mutating func addInstances(_ name: String, _ some: [Instance], weights: [Instance]) {
        for instance in some {
            if instance.state.standing == .up { addAddresses(name, instance) }
            if instance.id.endpoint.port > 0 { addSRV(name, instance, weights: weights) }
            var text = ["id=\(instance.id.endpoint)"]
            let id = instance.id
            for (key, value) in [
                ("v", id.version), ("group", id.group), ("tag", id.tag), ("proto", id.scheme),
            ] where !value.isEmpty { text.append("\(key)=\(value)") }
            text += ["weight=\(instance.weight)", "state=\(instance.state.standing)"]
            add(name, "TXT", text.map { "\"\($0)\"" }.joined(separator: " "))
        }
    }

    private mutating func addAddresses(_ name: String, _ instance: Instance) {
        for address in [instance.id.endpoint.address, instance.alternateAddress] {
            guard let address else { continue }
            if case .v4 = address {
                add(name, "A", address.description)
            } else {
                add(name, "AAAA", address.description)
            }
        }
    }

    private mutating func addSRV(_ name: String, _ instance: Instance, weights: [Instance]) {
        var largest = weights.map(\.weight).max() ?? 0
        var weight = instance.weight
        while largest > 65_535 { (largest, weight) = (largest / 2, weight / 2) }
        if instance.weight > 0 { weight = max(1, weight) }
        let priority = instance.state.standing == .up ? 0 : 10
        let target = "\(host(instance.id.endpoint.address)).node.\(zone)"
        add(name, "SRV", "\(priority) \(weight) \(instance.id.endpoint.port) \(target)")
    }

    private mutating func add(_ name: String, _ type: String, _ rdata: String) {
        if !hidden.contains(name) { lines.insert("\(name) \(type) \(rdata)") }
    }

    private func host(_ address: IPAddress) -> String {
        address.description.split(separator: ".").joined(separator: "-")
    }

    private func orders(_ labels: [String]) -> [[String]] {
        guard labels.count > 1 else { return [labels] }
        return labels.indices.flatMap { index in
            var rest = labels
            let first = rest.remove(at: index)
            return orders(rest).map { [first] + $0 }
        }
    }
}
