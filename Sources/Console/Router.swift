import Runtime
import ServiceModel
import Telemetry

/// Turns a request into an answer: every route of the console, without any I/O.
///
/// Step of the data flow: between libmicrohttpd and the daemon's snapshots. A value; the sources are
/// read when a request comes, so an answer is of one moment.
struct Router: Sendable {
    private let sources: ConsoleSources
    private let hosts: HostRule

    init(sources: ConsoleSources, hosts: HostRule) {
        (self.sources, self.hosts) = (sources, hosts)
    }

    /// The answer to a request, whatever it asks.
    func respond(to request: HTTPRequest) -> HTTPResponse {
        if let refusal = refusal(of: request) { return refusal }
        switch request.path {
        case "/": return .json(Self.index)
        case "/live": return .json(["live": true] as JSONValue)
        case "/ready": return ready()
        case "/metrics": return .metrics(sources.metrics.prometheusText())
        case "/v1/status": return status()
        case "/v1/services":
            let view = view
            return page(request) { .json(ServicesBody(view, head(view), $0)) }
        case "/v1/instances": return page(request) { instances(request, $0) }
        case "/v1/events": return events(request)
        case "/v1/explain": return explain(request)
        case "/v1/backup": return backup(request)
        default: return service(request.path) ?? Self.unknownPath
        }
    }

    private var view: MembershipView { sources.view.snapshot() }

    private func head(_ view: MembershipView) -> ViewHead { ViewHead(view, sources.outage()) }

    private func refusal(of request: HTTPRequest) -> HTTPResponse? {
        let isOrder = request.method == "POST" && request.path == "/v1/backup"
        guard isOrder || ["GET", "HEAD"].contains(request.method) else {
            let fields = [HTTPResponse.Field(name: "Allow", value: "GET, HEAD")]
            return .failure(405, "this method is not known here", "use GET", fields: fields)
        }
        guard request.entrance == .port else { return nil }
        guard let host = request.host else {
            return .failure(400, "the request has no Host field", "send one, as HTTP/1.1 asks")
        }
        guard hosts.admits(host) else {
            let advice = "use an address or localhost, or list the name in console.hosts"
            return .failure(421, "this is not the host that the request names", advice)
        }
        return nil
    }

    private func ready() -> HTTPResponse {
        var reason = sources.unreadyReason()
        let (view, outage) = (view, sources.outage())
        if case .notReady = view.freshness { reason = "the registry was not read yet" }
        if outage.isExpired(view) {
            reason = "the last known view is too old to answer from"
            if let why = outage.reason { reason?.append(": " + why) }
        }
        guard let reason else { return .json(["ready": true] as JSONValue) }
        return .json(status: 503, ["ready": false, "reason": .string(reason)] as JSONValue)
    }

    private func status() -> HTTPResponse {
        var sections = sources.status()
        sections["view"] = head(view).value
        if sections["warnings"] == nil { sections["warnings"] = [] }
        return .json(JSONValue.object(sections))
    }

    private func service(_ path: String) -> HTTPResponse? {
        let prefix = "/v1/services/"
        guard path.hasPrefix(prefix) else { return nil }
        let view = view
        let name = String(path.dropFirst(prefix.count))
        let body = ServiceBody(view, head(view), name: name)
        guard !body.services.isEmpty else { return Self.unknownService }
        return .json(body)
    }

    private func instances(_ request: HTTPRequest, _ page: Page) -> HTTPResponse {
        let all = request.argument("all").map { !["", "0", "false"].contains($0) } ?? false
        let view = view
        var services = view.services.keys.sorted()
        if let name = request.argument("service") {
            services = view.names(matching: name)
            guard !services.isEmpty else { return Self.unknownService }
        }
        var body = InstancesBody(view, head(view), services, page)
        if all { body.addRejections(view, services) }
        return .json(body)
    }

    private func events(_ request: HTTPRequest) -> HTTPResponse {
        // A browser that reconnects sends its old query again, so the field is the newer word.
        switch request.lastEventID ?? request.argument("after") {
        case nil, "", "now": .events(from: .now)
        case "oldest": .events(from: .oldest)
        case let id?: .events(from: .after(id))
        }
    }

    private func explain(_ request: HTTPRequest) -> HTTPResponse {
        guard let name = request.argument("name"), !name.isEmpty else {
            return .failure(400, "the name is missing", "ask /v1/explain?name=NAME&type=TYPE")
        }
        guard name.utf8.count <= Limits.nameBytesMax else {
            return .failure(400, "the name is too long", "a DNS name has at most 253 characters")
        }
        let type = request.argument("type").flatMap { $0.isEmpty ? nil : $0 }
        switch sources.explain(name, type) {
        case .refused(let message, let advice): return .failure(400, message, advice)
        case .lines(let lines):
            return .json(
                [
                    "name": .string(name),
                    "type": type.map { .string($0) } ?? .null,
                    "lines": .array(lines.map { .string($0) }),
                ] as JSONValue
            )
        }
    }

    /// Orders a copy of the registry, or says how far the last one is.
    private func backup(_ request: HTTPRequest) -> HTTPResponse {
        guard request.entrance == .controlSocket else {
            // It names files of the daemon's machine.
            return .failure(403, "backups are the control socket's", "use muster server backup")
        }
        guard let desk = sources.backups else {
            let advice = "back up the ensemble's servers, or take muster server export"
            return .failure(409, "this daemon has no registry of its own", advice)
        }
        guard request.method == "POST" else { return .json(desk.report().value) }
        guard let path = request.argument("path"), path.hasPrefix("/") else {
            return .failure(400, "the file is missing", "name it: ?path=/ABSOLUTE/PATH")
        }
        switch desk.begin(path) {
        case .begun: return .json(status: 202, desk.report().value)
        case .busy(let other):
            return .failure(409, "a backup to \(other) is under way", "wait until it is done")
        case .refused(let message, let advice): return .failure(409, message, advice)
        }
    }

    private func page(_ request: HTTPRequest, _ answer: (Page) -> HTTPResponse) -> HTTPResponse {
        guard let page = Page(request) else {
            let advice = "use numbers from 0, limit up to \(Limits.rowsMax)"
            return .failure(400, "limit or offset is no such number", advice)
        }
        return answer(page)
    }

    private static let unknownPath = HTTPResponse.failure(
        404,
        "no such path",
        "see / for the paths"
    )
    private static let unknownService = HTTPResponse.failure(
        404,
        "no such service",
        "see /v1/services for the names"
    )
    private static let index: JSONValue = [
        "paths": [
            "/v1/status", "/v1/services", "/v1/services/NAME",
            "/v1/instances?service=NAME&all=1&limit=N&offset=N",
            "/v1/events?after=ID", "/v1/explain?name=NAME&type=TYPE", "/live", "/ready", "/metrics",
        ]
    ]
}

/// Which rows of a list are asked for.
struct Page: Equatable {
    let limit: Int
    let offset: Int

    init(limit: Int = Limits.rowsMax, offset: Int = 0) {
        (self.limit, self.offset) = (limit, offset)
    }

    /// Reads `limit` and `offset`; nil when one is no number in its bounds.
    init?(_ request: HTTPRequest) {
        guard let limit = Self.number(request.argument("limit"), or: Limits.rowsMax),
            let offset = Self.number(request.argument("offset"), or: 0),
            limit <= Limits.rowsMax
        else { return nil }
        self.init(limit: limit, offset: offset)
    }

    private static func number(_ text: String?, or absent: Int) -> Int? {
        guard let text else { return absent }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
