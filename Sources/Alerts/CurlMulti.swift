import CCurl

/// libcurl's transfers that run at once on one thread; owns libcurl's handle and frees it.
///
/// SAFETY: `wakeUp` may be called by any thread (curl_multi_wakeup(3)); everything else only by the
/// one thread of `WebhookSender`, and the handle is freed with the last reference.
@safe final class CurlMulti: @unchecked Sendable {
    /// How a transfer ended.
    struct Ending {
        /// The number that `start` was given.
        let token: Int
        /// The HTTP status, 0 when there was no answer.
        let status: Int
        /// libcurl's reason, when there was no answer.
        let reason: String
    }

    private let handle: UnsafeMutableRawPointer
    private var posts: [Int: CurlPost] = [:]

    /// Prepares libcurl, once for the process, and an empty set of transfers.
    ///
    /// - Throws: `libcurl` when it has no memory.
    init() throws(AlertsError) {
        guard Self.globalInit == CURLE_OK, let handle = unsafe curl_multi_init() else {
            throw AlertsError(.libcurl, "libcurl cannot be initialised")
        }
        unsafe self.handle = handle
    }

    deinit {
        for post in posts.values { unsafe curl_multi_remove_handle(handle, post.handle) }
        posts = [:]
        unsafe curl_multi_cleanup(handle)
    }

    private static let globalInit = muster_curl_global_init()

    /// Ends a `wait` on the other thread, or the next one.
    func wakeUp() { unsafe curl_multi_wakeup(handle) }

    /// Begins a transfer.
    ///
    /// - Throws: `libcurl` when it is refused.
    func start(_ post: CurlPost, token: Int) throws(AlertsError) {
        precondition(posts[token] == nil, "transfer \(token) runs already")
        // SAFETY: `posts` keeps the easy handle until it is removed from the multi handle.
        guard unsafe curl_multi_add_handle(handle, post.handle) == CURLM_OK else {
            throw AlertsError(.libcurl, "libcurl refuses a transfer")
        }
        posts[token] = post
    }

    /// Moves all transfers on as far as they go without waiting.
    ///
    /// - Returns: Those that ended.
    func perform() -> [Ending] {
        var running: Int32 = 0
        unsafe curl_multi_perform(handle, &running)
        var endings: [Ending] = []
        var left: Int32 = 0
        // SAFETY: a message is valid until its handle is removed, which `end` does last.
        while let message = unsafe curl_multi_info_read(handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            unsafe endings.append(
                contentsOf: end(message.pointee.easy_handle, message.pointee.data.result)
            )
        }
        return endings
    }

    /// Waits until a transfer can move on, somebody calls `wakeUp`, or the time is over.
    func wait(atMost time: Duration) {
        let (seconds, attoseconds) = min(max(time, .zero), Limits.pollTimeMax).components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        // One more, as the part of a millisecond that was cut off would be spent spinning.
        unsafe curl_multi_poll(handle, nil, 0, Int32(milliseconds) + 1, nil)
    }

    private func end(_ easy: UnsafeMutableRawPointer, _ code: CURLcode) -> [Ending] {
        guard let (token, post) = posts.first(where: { unsafe $0.value.handle == easy }) else {
            return []
        }
        posts[token] = nil
        let status = unsafe muster_curl_status(easy)
        // SAFETY: libcurl's reasons are static texts.
        let reason = code == CURLE_OK ? "" : unsafe String(cString: curl_easy_strerror(code))
        unsafe curl_multi_remove_handle(handle, post.handle)
        return [Ending(token: token, status: status, reason: reason)]
    }
}
