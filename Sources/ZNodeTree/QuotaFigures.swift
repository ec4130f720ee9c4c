/// The text in a quota's nodes: what may be, or what is, below a path.
///
/// ```
/// count=5,bytes=-1                                       limits that only warn; -1 for none
/// count=-1,bytes=-1=;byteHardLimit=1000;countHardLimit=5 limits that refuse, where that is enforced
/// ```
/// The `=` behind the bytes keeps ZooKeeper 3.4 from reading further. Source: ZooKeeper 3.8 StatsTrack.
struct QuotaFigures: Equatable {
    private(set) var count: Int64 = -1
    private(set) var bytes: Int64 = -1
    /// Everything else, by name.
    private var others: [String: Int64] = [:]

    init(count: Int64, bytes: Int64) { (self.count, self.bytes) = (count, bytes) }

    /// Reads the text; nil when it is not of this form, or longer than any such text needs to be.
    init?(_ data: [UInt8]?) {
        guard let data, data.count <= Limits.quotaTextBytesMax else { return nil }
        for pair in data.split(whereSeparator: { $0 == comma || $0 == semicolon }) {
            let parts = pair.split(separator: equals, omittingEmptySubsequences: false)
            guard parts.count > 1 else { return nil }
            let number = String(decoding: parts[1], as: UTF8.self)
            guard let value = number.isEmpty ? -1 : Int64(number) else { return nil }
            switch String(decoding: parts[0], as: UTF8.self) {
            case "count": count = value
            case "bytes": bytes = value
            case let name: others[name] = value
            }
        }
    }

    var countHardLimit: Int64 { others["countHardLimit"] ?? -1 }
    var byteHardLimit: Int64 { others["byteHardLimit"] ?? -1 }

    mutating func set(count: Int64, bytes: Int64) { (self.count, self.bytes) = (count, bytes) }

    mutating func add(count: Int64, bytes: Int64) {
        self.count &+= count
        self.bytes &+= bytes
    }

    /// The text: count and bytes first, whatever else was there behind them by name.
    var data: [UInt8] {
        var text = "count=\(count),bytes=\(bytes)"
        if !others.isEmpty { text += "=" }
        for (name, value) in others.sorted(by: { $0.key < $1.key }) { text += ";\(name)=\(value)" }
        return Array(text.utf8)
    }
}

private let comma = UInt8(ascii: ",")
private let semicolon = UInt8(ascii: ";")
private let equals = UInt8(ascii: "=")
