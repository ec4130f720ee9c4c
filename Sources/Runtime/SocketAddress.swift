internal import CLinux
public import ServiceModel

/// An internet address and a port, as a socket has them.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host's address.
    public var ip: IPAddress
    /// The port; 0 in a listen call means any free one.
    public var port: UInt16

    /// Creates the pair.
    public init(ip: IPAddress, port: UInt16) { (self.ip, self.port) = (ip, port) }

    /// 127.0.0.1 and a port.
    public static func loopback(_ port: UInt16 = 0) -> SocketAddress {
        SocketAddress(ip: .v4(0x7f00_0001), port: port)
    }

    /// Reads `127.0.0.1:2181` or `[::1]:53`; nil for anything else, host names included.
    public init?(_ text: some StringProtocol) {
        guard let (host, port) = Self.split(text), let ip = IPAddress(host) else { return nil }
        self.init(ip: ip, port: port)
    }

    /// The endpoint's address and port.
    public init(_ endpoint: Endpoint) { self.init(ip: endpoint.address, port: endpoint.port) }

    /// The same as an endpoint.
    public var endpoint: Endpoint { Endpoint(address: ip, port: port) }

    /// `127.0.0.1:2181`, `[::1]:53`.
    public var description: String {
        if case .v6 = ip { return "[\(ip)]:\(port)" }
        return "\(ip):\(port)"
    }

    /// Cuts `host:port`; the host of an IPv6 address stands in brackets and keeps none of them.
    static func split(_ text: some StringProtocol) -> (host: String, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits) else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[" {
            guard host.last == "]" else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), port)
    }

    init?(_ kernel: muster_address) {
        switch kernel.family {
        case 4: self.init(ip: .v4(UInt32(truncatingIfNeeded: kernel.low)), port: kernel.port)
        case 6: self.init(ip: .v6(high: kernel.high, low: kernel.low), port: kernel.port)
        default: return nil
        }
    }

    var kernel: muster_address {
        switch ip {
        case .v4(let bits): muster_address(high: 0, low: UInt64(bits), port: port, family: 4)
        case .v6(let high, let low): muster_address(high: high, low: low, port: port, family: 6)
        }
    }
}
