import DNSProtocol
import ServiceModel

/// The names that registrations get, as DESIGN gives them: pure text to names and back.
///
/// ```
/// <interface>.dubbo.<zone>        <application>.services.<zone>       10-0-0-1.node.<zone>
/// _<protocol>._tcp. in front      <v>._version. <g>._group. <t>._tag. in front, in any order
/// ```
enum LiveNames {
    /// A name that cannot be, and why.
    struct Impossible: Error, Equatable {
        var reason: String
    }

    /// What stands in front of a service's name to narrow it, `[value, _kind]` each.
    typealias Qualifier = [[UInt8]]

    /// Labels of services and hosts directly below an origin.
    static func folder(_ kind: ServiceName.Kind) -> String? {
        switch kind {
        case .dubbo: "dubbo"
        case .application: "services"
        case .domain: nil
        }
    }

    /// The label below an origin under which hosts stand.
    static let nodeFolder = "node"

    /// A service's name below an origin, or a domain's own name.
    ///
    /// - Throws: `Impossible` for text that no name can carry.
    static func base(of service: ServiceName, in origin: DNSName) throws(Impossible) -> DNSName {
        let text = service.name.utf8.split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        )
        let labels = text.map { Array($0) }
        do {
            guard let folder = folder(service.kind) else { return try DNSName(labels: labels) }
            return try DNSName(labels: labels + [Array(folder.utf8)]).appending(origin)
        } catch { throw Impossible(reason: reason(error)) }
    }

    /// A host's name: `10-0-0-1.node.<origin>`, or 32 hex digits for IPv6.
    static func node(_ address: IPAddress, in origin: DNSName) throws(Impossible) -> DNSName {
        do { return try origin.prepending(nodeFolder).prepending(nodeLabel(address)) } catch {
            throw Impossible(reason: reason(error))
        }
    }

    /// `10-0-0-1`, or 32 hex digits.
    static func nodeLabel(_ address: IPAddress) -> [UInt8] {
        guard case .v6 = address else {
            return Array(address.description.utf8).map { $0 == UInt8(ascii: ".") ? dash : $0 }
        }
        return address.bytes.flatMap { [hexDigits[Int($0 >> 4)], hexDigits[Int($0 & 15)]] }
    }

    /// The address that a host's label stands for.
    static func address(nodeLabel label: [UInt8]) -> IPAddress? {
        let text = String(decoding: label, as: UTF8.self)
        if label.count == 32, label.allSatisfy({ hexDigits.contains(DNSName.fold($0)) }),
            let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        {
            return .v6(high: high, low: low)
        }
        guard case .v4(let bits)? = IPAddress(text.map { $0 == "-" ? "." : String($0) }.joined())
        else { return nil }
        return .v4(bits)
    }

    /// What narrows a service to one version, group or tag.
    static func qualifier(_ kind: String, _ value: String) -> Qualifier {
        [label(value), Array(kind.utf8)]
    }

    /// A value as a label: its dots become `-`.
    static func label(_ value: String) -> [UInt8] {
        value.utf8.map { $0 == UInt8(ascii: ".") ? dash : $0 }
    }

    /// A name with qualifiers in front, in every order.
    ///
    /// - Parameters:
    ///   - base: The service's name.
    ///   - qualifiers: At most three; none gives the name alone.
    /// - Returns: One name for each order.
    /// - Throws: `Impossible` when a value or the longest name is too long.
    static func qualified(
        _ base: DNSName,
        by qualifiers: [Qualifier]
    ) throws(Impossible) -> [DNSName] {
        guard !qualifiers.isEmpty else { return [base] }
        var names: [DNSName] = []
        for index in qualifiers.indices {
            var rest = qualifiers
            let first = rest.remove(at: index)
            for name in try qualified(base, by: rest) {
                names.append(try prepending(first, to: name))
            }
        }
        return names
    }

    /// The name for one protocol of a service.
    ///
    /// - Throws: `Impossible` when the protocol or the name is too long.
    static func perProtocol(_ scheme: String, _ name: DNSName) throws(Impossible) -> DNSName {
        try prepending([Array("_\(scheme)".utf8), Array("_tcp".utf8)], to: name)
    }

    private static func prepending(
        _ labels: [[UInt8]],
        to name: DNSName
    ) throws(Impossible) -> DNSName {
        do { return try DNSName(labels: labels).appending(name) } catch {
            throw Impossible(reason: reason(error))
        }
    }

    private static func reason(_ error: DNSError) -> String {
        switch error.code {
        case .emptyLabel: "an empty label"
        case .labelTooLong: "a label of more than 63 bytes"
        case .nameTooLong: "a name of more than 255 bytes"
        default: error.description
        }
    }

    private static let dash = UInt8(ascii: "-")
    private static let hexDigits = Array("0123456789abcdef".utf8)
}
