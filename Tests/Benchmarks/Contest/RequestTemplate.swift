import Wire
import ZooKeeperProtocol

/// A request's frame, made once: only its xid and a number in its path differ from one to the next.
///
/// Step of the data flow: where the load comes from. A frame costs a copy and a dozen stores, so that the load
/// generator is cheap beside the servers that it loads.
struct RequestTemplate: Sendable {
    private let frame: [UInt8]
    /// Where the eight digits of the path stand; nil when all requests have the same one.
    private let digits: Int?
    /// Numbers begin again after so many.
    private let modulus: Int

    /// What a path has in place of its number.
    private static let mark = "########"
    /// Behind the length.
    private static let xidOffset = 4
    /// Bytes of the names, as in the bars.
    static let nameBytes = 200
    /// Bytes of data of each znode.
    static let data: [UInt8] = Array("host:8080/ok".utf8)

    /// - Parameters:
    ///   - request: Its path may have `numbered` in it.
    ///   - modulus: Numbers begin again after so many.
    init(_ request: Request, modulus: Int = 100_000_000) {
        var writer = ByteWriter()
        FrameWriter.append(request, xid: 0, to: &writer)
        (frame, self.modulus) = (writer.bytes, modulus)
        let mark = Array(Self.mark.utf8)
        digits = writer.bytes.indices.first { writer.bytes[$0...].starts(with: mark) }
    }

    /// A path below a directory whose name has 200 bytes and a number.
    static func path(below directory: String) -> String {
        let name = "instance-" + mark + "-"
        return directory + "/" + name + String(repeating: "x", count: nameBytes - name.utf8.count)
    }

    /// Appends the frame with a number.
    func append(_ number: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: frame)
        for index in 0..<4 {
            let byte = UInt8(truncatingIfNeeded: number >> (24 - 8 * index))
            bytes[start + Self.xidOffset + index] = index == 0 ? byte & 0x7f : byte
        }
        guard let digits else { return }
        var rest = number % modulus
        for index in (0..<Self.mark.utf8.count).reversed() {
            bytes[start + digits + index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}
