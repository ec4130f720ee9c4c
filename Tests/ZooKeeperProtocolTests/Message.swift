import Testing
import Wire
import ZooKeeperProtocol

/// Any frame of either side, decoded as its receiver would.
enum Message: Equatable {
    case connectRequest(ConnectRequest)
    case connectResponse(ConnectResponse)
    case request(RequestHeader, Request)
    /// A request whose operation no server knows.
    case unknown(RequestHeader)
    case reply(ReplyHeader, Response)
    case failure(ReplyHeader)
    case event(ReplyHeader, WatchEvent)

    init(_ bytes: [UInt8], as kind: GoldenFrame.Kind) throws(WireError) {
        var reader = ByteReader(bytes.span)
        switch kind {
        case .connectRequest: self = .connectRequest(try ConnectRequest(from: &reader))
        case .connectResponse: self = .connectResponse(try ConnectResponse(from: &reader))
        case .request:
            let header = try RequestHeader(from: &reader)
            guard let opCode = header.opCode, opCode.isClientRequest else {
                self = .unknown(header)
                return
            }
            self = .request(header, try Request.decode(opCode, from: &reader))
        case .reply(let opCode):
            let header = try ReplyHeader(from: &reader)
            if header.error == .ok {
                self = .reply(header, try Response.decode(opCode, from: &reader))
            } else {
                self = .failure(header)
            }
        case .event:
            self = .event(try ReplyHeader(from: &reader), try WatchEvent(from: &reader))
        }
    }

    var bytes: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .connectRequest(let record): record.encode(into: &writer)
        case .connectResponse(let record): record.encode(into: &writer)
        case .request(let header, let request):
            header.encode(into: &writer)
            request.encode(into: &writer)
        case .unknown(let header): header.encode(into: &writer)
        case .reply(let header, let response):
            header.encode(into: &writer)
            response.encode(into: &writer)
        case .failure(let header): header.encode(into: &writer)
        case .event(let header, let event):
            header.encode(into: &writer)
            event.encode(into: &writer)
        }
        return writer.bytes
    }

    /// What is wrong with bytes that decode to a message and do not survive the way back, or with the
    /// error that they were refused with; nil when all is well.
    static func complaint(about bytes: [UInt8], as kind: GoldenFrame.Kind) -> String? {
        do throws(WireError) {
            let message = try Message(bytes, as: kind)
            let again = message.bytes
            guard try Message(again, as: kind) == message else { return "comes back changed" }
            return nil
        } catch {
            return (0...bytes.count).contains(error.offset) ? nil : "error at \(error.offset)"
        }
    }
}
