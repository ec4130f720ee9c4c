import CCurl

/// A URL taken apart by libcurl; owns libcurl's handle and frees it.
@safe struct CurlURL: ~Copyable {
    private let handle: OpaquePointer

    private init() throws(AlertsError) {
        guard let handle = unsafe curl_url() else {
            throw AlertsError(.libcurl, "libcurl has no memory for a URL")
        }
        unsafe self.handle = handle
    }

    /// Parses an absolute URL.
    ///
    /// - Throws: `badWebhook` with libcurl's reason.
    static func parse(_ text: String) throws(AlertsError) -> CurlURL {
        let url = try CurlURL()
        // SAFETY: the handle lives as long as `url`; libcurl copies the text.
        let code = unsafe curl_url_set(url.handle, CURLUPART_URL, text, 0)
        guard code == CURLUE_OK else {
            // SAFETY: libcurl's reasons are static texts.
            let reason = unsafe String(cString: curl_url_strerror(code))
            throw AlertsError(.badWebhook, "the URL is not well formed: \(reason)")
        }
        return url
    }

    deinit { unsafe curl_url_cleanup(handle) }

    /// One part as text; nil when the URL does not have it.
    func part(_ part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        // SAFETY: the handle lives as long as self; a text that comes back is ours to free.
        guard unsafe curl_url_get(handle, part, &text, 0) == CURLUE_OK, let found = unsafe text
        else { return nil }
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }
}
