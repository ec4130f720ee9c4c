import ServiceModel

/// A network of addresses, `10.0.0.0/8` or `fd00::/8`; an address alone is a network of one.
struct AddressNetwork: Equatable, Sendable {
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads a network; nil for anything else, host names included.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        bytes = address.bytes
        guard parts.count == 2 else {
            bits = 8 * bytes.count
            return
        }
        guard let bits = Int(parts[1]), (0...8 * bytes.count).contains(bits) else { return nil }
        self.bits = bits
    }

    /// True for an address of the network.
    func contains(_ address: IPAddress) -> Bool {
        let other = address.bytes
        guard other.count == bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return bytes[bit / 8] & mask == other[bit / 8] & mask
        }
    }
}
