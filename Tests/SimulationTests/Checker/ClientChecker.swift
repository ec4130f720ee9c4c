import Wire
import ZooKeeperProtocol

/// What one connection may believe by what it sees alone, without knowing the server.
///
/// Replies come in the order of requests; what a header says never goes back; the reply that shows a change of
/// something watched comes behind the event of it, unless the event is withheld for the node's access list.
struct ClientChecker {
    struct Sent {
        var xid: Int32
        var opCode: OpCode?
        var path: String?
        var isWatching = false
    }
    let handshake: ConnectRequest
    private(set) var session: Int64?
    private(set) var password: [UInt8] = []
    private(set) var timeoutMilliseconds: Int32 = 0
    private(set) var isRefused = false
    private(set) var lastZxid: Int64 = 0
    /// Requests without a reply, oldest first.
    private(set) var open: [Sent] = []
    /// mzxid of watched nodes when they were read; nil for those that were not there.
    private var watched: [PlainPath: Int64?] = [:]

    init(_ handshake: ConnectRequest) { self.handshake = handshake }

    mutating func sent(_ request: Sent) { open.append(request) }

    mutating func received(_ frame: [UInt8], withheld: Set<PlainPath> = []) throws(Fault) {
        guard session != nil else {
            try shakeHands(frame)
            return
        }
        var reader = ByteReader(frame.span)
        guard let header = try? ReplyHeader(from: &reader) else {
            throw Fault("a client gets no reply", came: "\(frame)")
        }
        if header.xid == XID.event, let event = try? WatchEvent(from: &reader) {
            watched[PlainPath(event.path)] = nil
            return
        }
        guard let request = open.first, request.xid == header.xid else {
            let xid = open.first.map { "\($0.xid)" } ?? "none"
            throw Fault("a client gets a reply", expected: "xid \(xid)", came: "\(header)")
        }
        open.removeFirst()
        // Clients go by the headers that say something.
        if header.zxid > 0 {
            guard header.zxid >= lastZxid else {
                throw Fault(
                    "a header takes back what an earlier one said",
                    expected: "\(lastZxid) or more",
                    came: "\(header)"
                )
            }
            lastZxid = header.zxid
        }
        try look(at: request, header, &reader, withheld)
    }

    private mutating func shakeHands(_ frame: [UInt8]) throws(Fault) {
        var reader = ByteReader(frame.span)
        guard !isRefused, let response = try? ConnectResponse(from: &reader),
            reader.remaining == 0,
            (response.readOnly == nil) == (handshake.readOnly == nil)
        else {
            throw Fault(
                "a client gets no answer to its handshake",
                expected: "one to \(handshake)",
                came: "\(frame), refused before: \(isRefused)"
            )
        }
        guard !response.isRefusal else {
            isRefused = true
            return
        }
        guard handshake.sessionID == 0 || handshake.sessionID == response.sessionID else {
            throw Fault("a client resumes \(handshake.sessionID)", came: "\(response)")
        }
        (session, password) = (response.sessionID, response.password)
        timeoutMilliseconds = response.timeoutMilliseconds
    }

    /// What is seen of a watched node must be what was seen before.
    private mutating func look(
        at request: Sent,
        _ header: ReplyHeader,
        _ reader: inout ByteReader,
        _ withheld: Set<PlainPath>
    ) throws(Fault) {
        guard let text = request.path, let opCode = request.opCode else { return }
        let path = PlainPath(text)
        if opCode == .removeWatches { watched[path] = nil }
        var seen: Int64?
        switch opCode {
        case .exists, .getData:
            guard header.error == .ok || header.error == .noNode else { return }
            guard header.error == .ok else { break }
            guard let response = try? Response.decode(opCode, from: &reader) else {
                throw Fault("a client cannot read the reply to \(opCode) \(path)")
            }
            if case .stat(let stat) = response { seen = stat.mzxid }
            if case .data(let data) = response { seen = data.stat.mzxid }
        default: return
        }
        if let before = watched[path], before != seen, !withheld.contains(path) {
            throw Fault(
                "a client sees a change of \(path) before the event of it",
                expected: before.map { "mzxid \($0)" } ?? "not there",
                came: seen.map { "mzxid \($0)" } ?? "not there"
            )
        }
        let isSet = header.error == .ok || opCode == .exists
        if request.isWatching, isSet { watched[path] = .some(seen) }
    }
}
