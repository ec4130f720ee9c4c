internal import Glibc

/// What a process can say of its machine and its user; gathered once.
public struct ProcessFacts: Sendable {
    /// The machine's name.
    public var hostName = ""
    /// `Linux`.
    public var systemName = ""
    /// `x86_64`.
    public var architecture = ""
    /// The kernel's version.
    public var release = ""
    /// Name of the effective user; its number where it has no name.
    public var userName = ""
    /// Home directory of the effective user.
    public var home = ""
    /// The working directory.
    public var directory = ""
    /// When the program's file was written, in milliseconds since 1970.
    public var builtMilliseconds: Int64 = 0

    /// Nothing known.
    public init() {}

    /// What the kernel and the user database say now.
    public static func current() -> ProcessFacts {
        var facts = ProcessFacts()
        var system = utsname()
        // SAFETY: the pointer lives for the call only.
        if unsafe uname(&system) == 0 {
            facts.hostName = text(system.nodename)
            facts.systemName = text(system.sysname)
            facts.architecture = text(system.machine)
            facts.release = text(system.release)
        }
        facts.userName = "\(geteuid())"
        facts.home = "/"
        // SAFETY: the entry stays valid until the next call for a user, and is read before any.
        if let entry = unsafe getpwuid(geteuid()) {
            if let name = unsafe entry.pointee.pw_name {
                facts.userName = unsafe String(cString: name)
            }
            if let home = unsafe entry.pointee.pw_dir { facts.home = unsafe String(cString: home) }
        }
        // SAFETY: with nil the C library allocates the text, which is freed here.
        if let directory = unsafe getcwd(nil, 0) {
            facts.directory = unsafe String(cString: directory)
            unsafe free(directory)
        }
        var program = stat()
        // SAFETY: the pointers live for the call only.
        if unsafe stat("/proc/self/exe", &program) == 0 {
            facts.builtMilliseconds = Int64(program.st_mtim.tv_sec) * 1_000
        }
        return facts
    }

    /// The text in a fixed field that ends at its first 0.
    private static func text<Field>(_ field: Field) -> String {
        // SAFETY: the bytes of the field are read while it lives.
        unsafe withUnsafeBytes(of: field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// Descriptors of this process.
public struct DescriptorCount: Equatable, Sendable {
    /// How many are open.
    public let open: Int
    /// How many may be.
    public let max: Int

    /// Counts them now.
    ///
    /// - Returns: Nil without /proc.
    /// - Complexity: O(1) from Linux 6.2 on, else O(open descriptors).
    public static func current() -> DescriptorCount? {
        var limit = rlimit()
        var folder = stat()
        // SAFETY: the pointers live for the calls only.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            unsafe stat("/proc/self/fd", &folder) == 0
        else { return nil }
        // From Linux 6.2 on the size of the folder is the number of its entries.
        let open = folder.st_size > 0 ? Int(folder.st_size) : listed()
        return open.map { DescriptorCount(open: $0, max: Int(clamping: limit.rlim_cur)) }
    }

    private static func listed() -> Int? {
        // SAFETY: the folder's handle is closed below and used nowhere else.
        guard let folder = unsafe opendir("/proc/self/fd") else { return nil }
        var entries = 0
        while unsafe readdir(folder) != nil { entries += 1 }
        unsafe closedir(folder)
        // Without ".", ".." and the handle itself.
        return entries - 3
    }
}
