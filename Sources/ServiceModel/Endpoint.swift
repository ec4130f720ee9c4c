/// Where an instance listens: an address and a port.
public struct Endpoint: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The host's address.
    public var address: IPAddress
    /// The port, 0 when the source names none (a DDNS entry without one).
    public var port: UInt16

    /// Creates the pair; nothing is checked here.
    public init(address: IPAddress, port: UInt16) { (self.address, self.port) = (address, port) }

    /// Reads `10.0.0.1:80`, `[2001:db8::1]:80`, or an address alone, which gives port 0.
    public init?(_ text: some StringProtocol) {
        if let address = IPAddress(text) {
            self.init(address: address, port: 0)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let address = IPAddress(text[..<colon]),
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        if case .v6 = address, text.first != "[" { return nil }
        self.init(address: address, port: port)
    }

    /// By address, then port.
    public static func < (left: Endpoint, right: Endpoint) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }

    /// `10.0.0.1:80`, `[2001:db8::1]:80`, or the address alone when the port is 0.
    public var description: String {
        guard port != 0 else { return address.description }
        if case .v6 = address { return "[\(address)]:\(port)" }
        return "\(address):\(port)"
    }
}
