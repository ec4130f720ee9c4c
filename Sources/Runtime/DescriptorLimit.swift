internal import Glibc

/// How many descriptors this process may have open: sockets, files and the loops' own.
public enum DescriptorLimit {
    /// Raises the limit as far as an unprivileged process can.
    ///
    /// - Parameter wanted: How many are needed; the limit is not lowered when it is higher.
    /// - Returns: How many there may be now; less than wanted where the hard limit is.
    public static func raise(to wanted: Int) -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        // SAFETY: the structure lives for the calls, which read or fill it.
        guard unsafe getrlimit(resource, &limit) == 0 else { return 0 }
        let before = limit
        guard limit.rlim_cur < rlim_t(wanted) else { return Int(clamping: limit.rlim_cur) }
        limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
        guard unsafe setrlimit(resource, &limit) == 0 else { return Int(clamping: before.rlim_cur) }
        return Int(clamping: limit.rlim_cur)
    }
}
