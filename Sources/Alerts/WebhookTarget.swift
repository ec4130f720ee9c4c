import CCurl

/// A receiver of events: where they are posted, and which of them.
public struct WebhookTarget: Equatable, Sendable {
    /// Absolute http or https URL; it may hold secrets, so it is never logged.
    public let url: String
    /// Scheme, host and port: what logs and metrics say.
    public let name: String
    /// The events that are sent.
    public let kinds: Set<MembershipEvent.Kind>

    /// What is sent unless the configuration says otherwise.
    public static let defaultKinds: Set<MembershipEvent.Kind> = [.join, .leave, .change, .reject]

    /// Checks a URL as libcurl will read it.
    ///
    /// - Parameters:
    ///   - url: At most 8,000 bytes.
    ///   - kinds: The events that are sent.
    /// - Throws: `AlertsError` with code `badWebhook`.
    public init(
        url: String,
        kinds: Set<MembershipEvent.Kind> = defaultKinds
    ) throws(AlertsError) {
        guard url.utf8.count <= Limits.urlBytesMax else {
            throw AlertsError(.badWebhook, "the URL is longer than \(Limits.urlBytesMax) bytes")
        }
        let parts = try CurlURL.parse(url)
        guard let scheme = parts.part(CURLUPART_SCHEME), ["http", "https"].contains(scheme),
            let host = parts.part(CURLUPART_HOST)
        else { throw AlertsError(.badWebhook, "the URL must start with http:// or https://") }
        let port = parts.part(CURLUPART_PORT).map { ":" + $0 } ?? ""
        (self.url, self.kinds) = (url, kinds)
        name = "\(scheme)://\(host)\(port)"
    }
}
