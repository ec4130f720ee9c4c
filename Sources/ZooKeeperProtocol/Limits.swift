/// Every bound of this target, with its unit, source and arithmetic.
public enum Limits {
    /// Longest frame in bytes without its length field: ZooKeeper 3.8's default `jute.maxbuffer`.
    public static let frameBytesMax = 0xfffff
    /// Width of a frame's length field.
    public static let frameLengthBytes = 4
    /// An idle decoder gives back a larger buffer than this: 60,000 idle connections keep < 1 GiB.
    static let idleBufferBytesMax = 16 * 1024
    /// A password on the wire (ZooKeeper 3.8 SessionTracker: 16 bytes drawn from the session id).
    public static let passwordBytes = 16
    /// Width of a sequence suffix, a minus sign included (ZooKeeper 3.8 PrepRequestProcessor, `%010d`).
    static let sequenceDigits = 10
    /// Smallest string: its length alone.
    static let stringBytesMin = 4
    /// Smallest ACL: perms 4 + scheme 4 + id 4.
    static let aclBytesMin = 12
    /// Smallest identity in a whoAmI response: scheme 4 + user 4.
    static let clientIdentityBytesMin = 8
}
