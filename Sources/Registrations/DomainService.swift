public import ServiceModel

/// Names below `/DDNS/<application>`: a DNS domain each.
public enum DomainService {
    /// The service that a child of an application's directory stands for.
    ///
    /// - Parameter childName: A domain name, in any case, with or without its final dot.
    /// - Returns: The service, its name in lower case and without final dot.
    /// - Throws: `RegistrationError.badService` for a name that DNS cannot carry.
    public static func service(
        fromChild childName: some StringProtocol
    ) throws(RegistrationError) -> ServiceName {
        let lower = childName.lowercased()
        let name = lower.hasSuffix(".") ? String(lower.dropLast()) : lower
        guard name.utf8.count <= Limits.domainBytesMax else {
            let reason = "domain of \(name.utf8.count) bytes, DNS allows \(Limits.domainBytesMax)"
            throw RegistrationError(.badService, name, reason)
        }
        for label in name.split(separator: ".", omittingEmptySubsequences: false) {
            guard !label.isEmpty else {
                throw RegistrationError(.badService, name, "domain has an empty label")
            }
            guard label.utf8.count <= Limits.labelBytesMax else {
                let reason =
                    "label of \(label.utf8.count) bytes, DNS allows \(Limits.labelBytesMax)"
                throw RegistrationError(.badService, label, reason)
            }
            guard label.utf8.allSatisfy(isHostByte) else {
                throw RegistrationError(.badService, label, "label is not letters, digits, - and _")
            }
        }
        return ServiceName(.domain, name)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
