/// Every bound of this target, with its unit, source and arithmetic.
public enum Limits {
    /// Bytes of one label (RFC 1035 section 2.3.4); 64 and more are other label types.
    public static let labelBytesMax = 63
    /// Bytes of a name's wire form, root byte included (RFC 1035 section 2.3.4).
    public static let nameBytesMax = 255
    /// Labels of a name without the root: (255 - 1) / 2.
    public static let labelsMax = 127
    /// Bytes of the header that every message starts with (RFC 1035 section 4.1.1).
    public static let headerBytes = 12
    /// Bytes of a message: its length is 16 bits over TCP (RFC 1035 section 4.2.2).
    public static let messageBytesMax = 65_535
    /// Bytes of a UDP answer to a question without OPT (RFC 1035 section 4.2.1).
    public static let plainDatagramBytesMax = 512
    /// Bytes of a UDP answer to a question with OPT: 1280 - 40 - 8, the smallest IPv6 MTU.
    public static let datagramBytesMax = 1_232
    /// Bytes of an OPT record without options: root, type, size, extended RCODE, flags, length.
    public static let optBytes = 11
    /// Highest offset that a compression pointer can name, 14 bits (RFC 1035 section 4.1.4).
    public static let pointerOffsetMax = 0x3fff
    /// Pointers followed in one name: each must go backwards, and a name has 127 labels.
    static let pointerHopsMax = 127
    /// Bytes of one character string (RFC 1035 section 3.3).
    public static let characterStringBytesMax = 255
}
