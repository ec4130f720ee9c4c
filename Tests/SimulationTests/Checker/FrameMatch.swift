import Wire
import ZooKeeperProtocol

/// One frame against one expectation: every byte is compared.
struct FrameMatch {
    /// The zxid of its header; nil for an event, a handshake and an auth reply.
    var header: Int64?
    var isEvent = false
    var password: (session: Int64, bytes: [UInt8])?
    /// What is left of a set of events.
    var rest: [WatchEvent]?

    init(
        _ expected: Expected,
        _ frame: [UInt8],
        _ connection: PlainConnection,
        _ model: ReferenceServer,
        trustsHeaders: Bool = false,
        about: String
    ) throws(Fault) {
        var fault: Fault {
            Fault(about, expected: FrameText.text(expected.body), came: FrameText.text(frame))
        }
        var reader = ByteReader(frame.span)
        switch expected.body {
        case .session(let session, let timeout, let hasReadOnly):
            guard let came = try? ConnectResponse(from: &reader), came.password.count == 16,
                came.password == model.passwords[session] ?? came.password
            else { throw fault }
            let right = ConnectResponse(
                timeoutMilliseconds: timeout,
                sessionID: session,
                password: came.password,
                readOnly: hasReadOnly ? false : nil
            )
            guard frame == Self.bytes({ right.encode(into: &$0) }) else { throw fault }
            password = (session, came.password)
        case .refusal(let hasReadOnly):
            let right = ConnectResponse.refusal(readOnly: hasReadOnly ? false : nil)
            guard frame == Self.bytes({ right.encode(into: &$0) }) else { throw fault }
        case .reply(let xid, let opCode, let result):
            guard let came = try? ReplyHeader(from: &reader), came.xid == xid else { throw fault }
            let body = Array(frame.dropFirst(16))
            switch result {
            case .failure(let code): guard came.error == code, body.isEmpty else { throw fault }
            case .success(let response):
                guard came.error == .ok else { throw fault }
                let right = Self.bytes { response.sorted.encode(into: &$0) }
                guard Self.sorted(body, opCode) == right else { throw fault }
            }
            if expected.header == nil { header = came.zxid }
            if !trustsHeaders { try Self.check(came.zxid, expected, connection, model, about) }
        case .event(let event):
            guard frame == Self.bytes(of: event) else { throw fault }
            isEvent = true
        case .events(var events):
            guard let index = events.firstIndex(where: { frame == Self.bytes(of: $0) }) else {
                throw fault
            }
            events.remove(at: index)
            rest = events.isEmpty ? nil : events
            isEvent = true
        }
    }

    /// What a reply's header may say: no less than it shows and than was said before, no more than is durable.
    private static func check(
        _ zxid: Int64,
        _ expected: Expected,
        _ connection: PlainConnection,
        _ model: ReferenceServer,
        _ about: String
    ) throws(Fault) {
        let low = expected.header ?? max(expected.shows, expected.durable, connection.header)
        let range = low...(expected.header ?? max(low, expected.due))
        guard range.contains(zxid), zxid <= model.durable else {
            throw Fault(
                "\(about): zxid in the header of \(FrameText.text(expected.body))",
                expected: "\(range), durable is \(model.durable)",
                came: "\(zxid)"
            )
        }
    }

    private static func bytes(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        write(&writer)
        return writer.bytes
    }

    private static func bytes(of event: WatchEvent) -> [UInt8] {
        bytes { writer in
            ReplyHeader(xid: -1, zxid: -1).encode(into: &writer)
            event.encode(into: &writer)
        }
    }

    /// The body with its names in order, where their order means nothing.
    private static func sorted(_ body: [UInt8], _ opCode: OpCode?) -> [UInt8] {
        switch opCode {
        case .getChildren?, .getChildren2?, .getEphemerals?, .multiRead?: break
        default: return body
        }
        guard let opCode else { return body }
        var reader = ByteReader(body.span)
        guard let response = try? Response.decode(opCode, from: &reader), reader.remaining == 0
        else { return body }
        return bytes { response.sorted.encode(into: &$0) }
    }
}

extension Response {
    /// The same with its names in order.
    fileprivate var sorted: Response {
        switch self {
        case .names(let names): return .names(names.inOrder)
        case .children(var record):
            record.children = record.children.inOrder
            return .children(record)
        case .multi(var response):
            response.results = response.results.map { result in
                guard case .getChildren(let names) = result else { return result }
                return .getChildren(names.inOrder)
            }
            return .multi(response)
        default: return self
        }
    }
}

extension [String] {
    fileprivate var inOrder: [String] { sorted { PlainPath($0) < PlainPath($1) } }
}
