import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// Frames and expectations as people read them.
enum FrameText {
    static func text(_ frame: [UInt8]) -> String {
        var reader = ByteReader(frame.span)
        guard frame.count >= 16, let header = try? ReplyHeader(from: &reader) else {
            return "\(frame)"
        }
        if header.xid == XID.event, let event = try? WatchEvent(from: &reader) {
            return text(event)
        }
        let body = String(frame.dropFirst(16).prefix(200).map { $0.hex }.joined())
        return "reply xid \(header.xid) zxid \(header.zxid) \(header.error) \(body)"
    }

    static func text(_ event: WatchEvent) -> String { "event \(event.type) \(event.path)" }

    static func text(_ body: Expected.Body) -> String {
        switch body {
        case .session(let id, let timeout, let hasReadOnly):
            return "session \(id), \(timeout) ms\(hasReadOnly ? "" : ", no read-only byte")"
        case .refusal: return "refusal of a session"
        case .event(let event): return text(event)
        case .events(let events):
            return "one of: " + events.map { text($0) }.joined(separator: ", ")
        case .reply(let xid, let opCode, .failure(let code)):
            return "reply xid \(xid) to \(opCode.map { "\($0)" } ?? "?") \(code)"
        case .reply(let xid, let opCode, .success(let response)):
            var writer = ByteWriter()
            response.encode(into: &writer)
            let body = writer.bytes.prefix(200).map { $0.hex }.joined()
            return "reply xid \(xid) to \(opCode.map { "\($0)" } ?? "?") OK \(body)"
        }
    }
}

extension UInt8 {
    fileprivate var hex: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}

/// What the engine asks for, as people read it.
enum ActionText {
    static func text(_ action: ServerAction) -> String {
        switch action {
        case .report(let fact): "session \(fact.session) \(fact.kind) at \(fact.zxid)"
        case .send(let id, let bytes): "sends \(bytes.count) bytes on \(id.rawValue)"
        case .flush(let id): "writes on \(id.rawValue)"
        case .finish(let id, _): "finishes \(id.rawValue)"
        case .close(let id, let reason): "closes \(id.rawValue), \(reason?.text ?? "no reason")"
        case .note(let id, let reason): "holds \(id.rawValue) back, \(reason.text)"
        case .resume(let id): "resumes \(id.rawValue)"
        case .warn(let text): "warns: \(text)"
        }
    }
}
