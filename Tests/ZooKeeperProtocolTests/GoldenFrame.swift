import Testing
import ZooKeeperProtocol

/// One captured frame, without its length field.
struct GoldenFrame: CustomTestStringConvertible, Sendable {
    enum Kind: Equatable, Sendable {
        case connectRequest
        case connectResponse
        case request
        case reply(OpCode)
        case event
    }

    let peer: String
    let kind: Kind
    /// The operation that the capture saw it belong to; nil in the handshake and for events.
    let opCode: OpCode?
    let bytes: [UInt8]

    var testDescription: String {
        "\(peer), \(kind) \(opCode.map { "\($0)" } ?? "-"), \(bytes.count) bytes"
    }

    /// All of them, in the order of the capture.
    static let all = parse(goldenText)

    /// The shortest of each operation and kind, for tests that take long.
    static let shortest: [GoldenFrame] = {
        var kept: [String: GoldenFrame] = [:]
        for frame in all {
            let form = "\(frame.kind) \(frame.opCode.map(\.rawValue) ?? 0)"
            if let other = kept[form], other.bytes.count <= frame.bytes.count { continue }
            kept[form] = frame
        }
        return Array(kept.values)
    }()

    /// One connection's operations between `peer` lines; a line of words starts a frame, hex continues it.
    private static func parse(_ text: String) -> [GoldenFrame] {
        var frames: [GoldenFrame] = []
        var peer = ""
        var words: [Substring] = []
        var hex = ""
        func finish() {
            guard let kind = words.first, let name = words.last else { return }
            let opCode = OpCode.allCases.first { "\($0)" == name }
            frames.append(
                GoldenFrame(
                    peer: peer,
                    kind: Kind(kind, opCode),
                    opCode: opCode,
                    bytes: bytes(hex)
                )
            )
            (words, hex) = ([], "")
        }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count > 1 else {
                hex += line
                continue
            }
            finish()
            if parts[0] == "peer" { peer = String(line.dropFirst(5)) } else { words = parts }
        }
        finish()
        return frames
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension GoldenFrame.Kind {
    fileprivate init(_ word: Substring, _ opCode: OpCode?) {
        switch word {
        case "connectRequest": self = .connectRequest
        case "connectResponse": self = .connectResponse
        case "request": self = .request
        case "event": self = .event
        default: self = .reply(opCode ?? .error)
        }
    }
}
