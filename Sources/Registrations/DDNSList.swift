public import ServiceModel

/// The data of a domain's znode: a list of `ip[:port]`.
public enum DDNSList {
    /// Reads a list; one bad entry leaves the others whole.
    ///
    /// - Parameter bytes: Entries parted by blanks, commas and line ends.
    /// - Returns: The endpoints in their order, each once, and the entries that are none.
    public static func parse(
        _ bytes: some Sequence<UInt8>
    ) -> (endpoints: [Endpoint], bad: [RegistrationError]) {
        var seen: Set<Endpoint> = []
        var endpoints: [Endpoint] = []
        var bad: [RegistrationError] = []
        let separators = Array(" \t\r\n,".utf8)
        for piece in Array(bytes).split(whereSeparator: separators.contains) {
            let text = String(decoding: piece, as: UTF8.self)
            switch entry(text) {
            case .success(let endpoint):
                if seen.insert(endpoint).inserted { endpoints.append(endpoint) }
            case .failure(let error): bad.append(error)
            }
        }
        return (endpoints, bad)
    }

    /// The text of a list, an entry a line.
    public static func render(_ endpoints: [Endpoint]) -> String {
        endpoints.map(\.description).joined(separator: "\n")
    }

    private static func entry(_ text: String) -> Result<Endpoint, RegistrationError> {
        guard let endpoint = Endpoint(text) else {
            return .failure(RegistrationError(.badEntry, text, "not ip or ip:port"))
        }
        guard !endpoint.address.isUnspecified else {
            return .failure(RegistrationError(.badEntry, text, "address names no host"))
        }
        return .success(endpoint)
    }
}
