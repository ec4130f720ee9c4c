public import ServiceModel

/// A view as it is kept on disk, for a start while the registry is out of reach.
///
/// Step of the data flow: beside the aggregator, which made the view and takes it back after a restart as
/// what was last known. A value; whoever keeps it reads and writes the file. Its bytes are one format with a
/// version and a checksum; see the files beside this one.
public struct RememberedView: Sendable {
    /// Which part of which registry the view is of; of another one it is worth nothing.
    public var origin: String
    /// When the view was live for the last time, by the calendar.
    public var liveAt: UnixTime
    /// What was known then; its freshness is not kept.
    public var view: MembershipView

    /// Pairs a view with what it is worth.
    public init(of origin: String, liveAt: UnixTime, _ view: MembershipView) {
        (self.origin, self.liveAt, self.view) = (origin, liveAt, view)
    }

    /// The view as a start finds it: stale since it was last live, itself the first delta.
    ///
    /// - Parameter time: Now; where the clock went back, the view counts as live until now.
    /// - Returns: What an aggregator remembers.
    public func stale(at time: UnixTime) -> MembershipView {
        var view = view
        view.freshness = .stale(since: min(liveAt, time))
        view.deltaNumber = 1
        return view
    }
}

/// The constants of the format.
///
/// ```
/// "MUSTERVW" | format u32 | CRC-32C of all that follows u32 | origin text | liveAt i64 | zxid i64
/// services u32 | per service: kind u8, name text, since i64, instances u32, rejections u32, both lists
/// ```
///
/// A text is its length in bytes as u32 and then UTF-8; times are milliseconds since 1970; numbers are big
/// endian. Instances are written as in `RememberedView+Encoding.swift`, in no particular order.
enum RememberedFormat {
    static let magic = Array("MUSTERVW".utf8)
    /// The only version so far.
    static let version: UInt32 = 1
    /// Bytes before those that the checksum is of: 8 + 4 + 4.
    static let headBytes = 16
    static let kinds: [ServiceName.Kind] = [.dubbo, .application, .domain]
    static let standings: [State.Standing] = [.up, .suspect, .draining, .disabled, .masked]
}
