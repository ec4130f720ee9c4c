import CCurl
import ServiceModel

/// One POST of an event; owns libcurl's handle and header list and frees them.
///
/// The request: `Content-Type: application/json`, `X-Muster-Event` and `Idempotency-Key` with the
/// event's id, so that a receiver that sees it again after a lost answer can tell.
@safe final class CurlPost {
    /// libcurl's transfer; valid as long as this object.
    let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?

    /// Prepares the request.
    ///
    /// - Throws: `libcurl` when it has no memory or refuses an option.
    init(_ event: RenderedEvent, url: String) throws(AlertsError) {
        guard let handle = unsafe curl_easy_init() else {
            throw AlertsError(.libcurl, "libcurl has no memory for a transfer")
        }
        unsafe self.handle = handle
        unsafe headers = nil
        for line in Self.headerLines(event) {
            // SAFETY: libcurl copies the line; on failure the old list is still ours.
            guard let longer = unsafe curl_slist_append(headers, line) else {
                throw AlertsError(.libcurl, "libcurl has no memory for a header")
            }
            unsafe headers = longer
        }
        // SAFETY: the handle is ours, texts are copied by libcurl, the list lives as long as it.
        let codes = unsafe [
            muster_curl_set_text(handle, CURLOPT_URL, url),
            muster_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            muster_curl_set_headers(handle, headers),
            muster_curl_set_number(handle, CURLOPT_NOSIGNAL, 1),
            muster_curl_set_number(handle, CURLOPT_TIMEOUT_MS, Self.timeoutMilliseconds),
            muster_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, Self.connectMilliseconds),
            muster_curl_discard_answer(handle),
            setBody(handle, event.json),
        ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else {
            throw AlertsError(.libcurl, "libcurl refuses an option of a transfer")
        }
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(headers)
    }

    private static let timeoutMilliseconds = Int(Limits.deliveryTimeMax.milliseconds)
    private static let connectMilliseconds = Int(Limits.connectTimeMax.milliseconds)

    private static func headerLines(_ event: RenderedEvent) -> [String] {
        [
            "Content-Type: application/json",
            "User-Agent: muster",
            "X-Muster-Event: \(event.id)",
            "Idempotency-Key: \(event.id)",
            // Without this libcurl asks before it sends a body of more than 1 MiB, and waits.
            "Expect:",
        ]
    }
}

private func setBody(_ handle: UnsafeMutableRawPointer, _ json: String) -> CURLcode {
    // SAFETY: libcurl copies the bytes during the call.
    unsafe Array(json.utf8).withUnsafeBytes {
        unsafe muster_curl_set_body(handle, $0.baseAddress, $0.count)
    }
}
