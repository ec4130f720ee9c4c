import FoundationEssentials
import Runtime
import ServiceModel
import Telemetry
import Testing

@testable import Console

@Suite struct RouterTests {
    private func respond(
        _ path: String,
        _ arguments: [(String, String)] = [],
        view: MembershipView = Fixture.view(),
        change: (inout HTTPRequest) -> Void = { _ in }
    ) -> HTTPResponse {
        var request = HTTPRequest(path: path, host: "localhost")
        request.arguments = arguments.map { .init(name: $0.0, value: $0.1) }
        change(&request)
        return Router(sources: Fixture.sources(view), hosts: HostRule()).respond(to: request)
    }

    private func text(_ response: HTTPResponse) -> String {
        guard case .text(let text) = response.body else { return "" }
        return text
    }

    private struct Rows: Decodable {
        struct Row: Decodable {
            let name: String?
            let address: String?
            let state: String?
            let offender: String?
            let instances: Int?
            let serving: Int?
            let rejections: Int?
        }
        let total: Int
        let services: [Row]?
        let instances: [Row]?
        let rejections: [Row]?
    }

    private func rows(_ response: HTTPResponse) throws -> Rows {
        #expect(response.status == 200)
        return try JSONDecoder().decode(Rows.self, from: Data(text(response).utf8))
    }

    @Test func `services are listed by name with their counts`() throws {
        let rows = try rows(respond("/v1/services"))
        #expect(rows.total == 3)
        let names = ["com.foo.Bar", "com.foo.Empty", "server.app1.company1.com"]
        #expect(rows.services?.map(\.name) == names)
        #expect(rows.services?.map(\.instances) == [2, 0, 1])
        #expect(rows.services?.map(\.serving) == [1, 0, 1])
        #expect(rows.services?.map(\.rejections) == [1, 0, 0])
    }

    @Test func `instances are listed by service and endpoint, page by page`() throws {
        let all = try rows(respond("/v1/instances"))
        #expect(all.instances?.map(\.address) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        #expect(all.instances?.map(\.state) == ["up", "disabled", "up"])
        #expect(all.rejections == nil)
        for (limit, offset, expected) in [(2, 1, ["10.0.0.2", "10.0.0.3"]), (1, 2, ["10.0.0.3"])] {
            let arguments = [("limit", "\(limit)"), ("offset", "\(offset)")]
            let page = try rows(respond("/v1/instances", arguments))
            #expect(page.total == 3)
            #expect(page.instances?.map(\.address) == expected)
        }
        #expect(try rows(respond("/v1/instances", [("offset", "9")])).instances?.isEmpty == true)
    }

    @Test func `with all=1 a registration that is not understood stands with its reason`() throws {
        let rows = try rows(respond("/v1/instances", [("service", "com.foo.Bar"), ("all", "1")]))
        #expect(rows.total == 2)
        #expect(rows.rejections?.map(\.offender) == ["%zz"])
        let none = try self.rows(respond("/v1/instances", [("all", "0")]))
        #expect(none.rejections == nil)
        #expect(respond("/v1/instances", [("service", "com.foo.Nobody")]).status == 404)
    }

    @Test func `one service shows its instances and rejections`() {
        let response = respond("/v1/services/com.foo.Bar")
        #expect(
            text(response) == """
                {"services":[{"instances":[{"address":"10.0.0.1","application":"shop","group":"",\
                "parameters":{"side":"provider"},"path":"/dubbo/com.foo.Bar/providers/x",\
                "port":20880,"scheme":"dubbo","service":"com.foo.Bar","serviceKind":"dubbo",\
                "session":"0x10a","since":"2026-01-31T12:00:00.123Z","state":"up","tag":"",\
                "version":"1.0","weight":100,"why":"registered"},{"address":"10.0.0.2",\
                "application":"shop","group":"","parameters":{"side":"provider"},\
                "path":"/dubbo/com.foo.Bar/providers/x","port":20880,"scheme":"dubbo",\
                "service":"com.foo.Bar","serviceKind":"dubbo","session":"0x10a",\
                "since":"2026-01-31T12:00:00.123Z","state":"disabled","tag":"","version":"1.0",\
                "weight":100,"why":"registered"}],"rejections":[{"offender":"%zz",\
                "path":"/dubbo/com.foo.Bar/providers/%zz","reason":"not an escape",\
                "service":"com.foo.Bar","serviceKind":"dubbo",\
                "since":"2026-01-31T12:00:00.123Z"}],"service":{"instances":2,"kind":"dubbo",\
                "name":"com.foo.Bar","rejections":1,"serving":1,\
                "since":"2026-01-31T12:00:00.123Z"}}],"view":{"delta":5,"freshness":"live",\
                "instances":3,"services":3,"zxid":"0x2a"}}

                """
        )
        #expect(respond("/v1/services/Server.APP1.company1.com.").status == 200)
        #expect(respond("/v1/services/com.foo.bar").status == 404)
        #expect(respond("/v1/services/").status == 404)
    }

    @Test func `status has the view beside what the wiring says`() {
        #expect(
            text(outage("/v1/status", after: 59_000)) == """
                {"registry":{"mode":"embedded","sessions":3},"view":{"ageSeconds":59,"delta":5,\
                "freshness":"stale","instances":3,"services":3,\
                "staleReason":"zk1 is out of reach",\
                "staleSince":"2026-01-31T12:00:00.123Z","zxid":"0x2a"},"warnings":[]}

                """
        )
    }

    @Test func `not ready until the registry was read, and ready when it is out of reach`() {
        let before = respond("/ready", view: MembershipView())
        #expect(before.status == 503)
        #expect(text(before).contains("the registry was not read yet"))
        #expect(respond("/ready").status == 200)
        #expect(respond("/live", view: MembershipView()).status == 200)
        var sources = Fixture.sources()
        sources.unreadyReason = { "the zones are loading" }
        let router = Router(sources: sources, hosts: HostRule())
        let response = router.respond(to: HTTPRequest(path: "/ready", host: "localhost"))
        #expect(text(response).contains("the zones are loading"))
    }

    /// The answers of a daemon that has been cut off from its registry for that long.
    private func outage(_ path: String, after age: Int64) -> HTTPResponse {
        var view = Fixture.view()
        view.freshness = .stale(since: Fixture.start)
        var sources = Fixture.sources(view)
        sources.outage = {
            let time = UnixTime(milliseconds: Fixture.start.milliseconds + age)
            return Outage(at: time, maxStale: .seconds(60), reason: "zk1 is out of reach")
        }
        let router = Router(sources: sources, hosts: HostRule())
        return router.respond(to: HTTPRequest(path: path, host: "localhost"))
    }

    @Test func `an outage is told with its age and reason, and ends readiness when answers end`() {
        #expect(outage("/ready", after: 59_999).status == 200)
        let late = outage("/ready", after: 60_000)
        #expect(late.status == 503)
        #expect(text(late).contains("too old to answer from: zk1 is out of reach"))
        for path in ["/v1/status", "/v1/services", "/v1/services/com.foo.Bar", "/v1/instances"] {
            let stale = text(outage(path, after: 7_900))
            for field in [
                "\"freshness\":\"stale\"", "\"ageSeconds\":7", "\"staleSince\":\"",
                "\"staleReason\":\"zk1 is out of reach\"",
            ] { #expect(stale.contains(field), "\(path): \(field) in \(stale)") }
            #expect(text(outage(path, after: 60_000)).contains("\"freshness\":\"expired\""))
            #expect(!text(respond(path)).contains("ageSeconds"))
        }
    }

    @Test func `metrics are Prometheus text`() {
        let metrics = MetricsRegistry()
        metrics.counter("a_total", help: "A.").add(3)
        let router = Router(sources: Fixture.sources(metrics: metrics), hosts: HostRule())
        let response = router.respond(to: HTTPRequest(path: "/metrics", host: "127.0.0.1:8053"))
        #expect(text(response).contains("\na_total 3\n"))
        #expect(response.fields[0].value == "text/plain; version=0.0.4; charset=utf-8")
    }

    @Test func `an explanation needs a name`() {
        let response = respond("/v1/explain", [("name", "a.example"), ("type", "SRV")])
        #expect(
            text(response)
                == #"{"lines":["a.example SRV","10.0.0.1 is in"],"name":"a.example","type":"SRV"}"#
                + "\n"
        )
        #expect(respond("/v1/explain").status == 400)
        #expect(respond("/v1/explain", [("name", "bad name")]).status == 400)
        let long = String(repeating: "a", count: 1_025)
        #expect(respond("/v1/explain", [("name", long)]).status == 400)
    }

    @Test(arguments: [
        (nil, nil, EventFeed.Position.now), (nil, "now", .now), (nil, "oldest", .oldest),
        (nil, "s-4", .after("s-4")), ("s-9", "s-4", .after("s-9")), ("", nil, .now),
    ])
    func `a stream goes on where the client says, its last id before its query`(
        lastEventID: String?,
        after: String?,
        position: EventFeed.Position
    ) {
        let response = respond("/v1/events", after.map { [("after", $0)] } ?? []) {
            $0.lastEventID = lastEventID
        }
        #expect(response.body == .events(position))
        #expect(response.fields[0].value == "text/event-stream")
    }

    @Test(arguments: ["-1", "x", "10001", "99999999999999999999", "+1", ""])
    func `a page that is no number in its bounds is refused`(limit: String) {
        #expect(respond("/v1/services", [("limit", limit)]).status == 400)
    }

    @Test func `unknown paths, methods and hosts are refused with what to do`() {
        #expect(
            text(respond("/v1/nothing"))
                == #"{"error":{"do":"see / for the paths","message":"no such path"}}"# + "\n"
        )
        #expect(respond("/").status == 200)
        let post = respond("/v1/status") { $0.method = "POST" }
        #expect(post.status == 405)
        #expect(post.fields.contains { $0.name == "Allow" && $0.value == "GET, HEAD" })
        #expect(respond("/v1/status") { $0.method = "HEAD" }.status == 200)
        #expect(respond("/v1/status") { $0.host = nil }.status == 400)
        #expect(respond("/v1/status") { $0.host = "evil.example" }.status == 421)
        let control = respond("/v1/status") {
            ($0.host, $0.entrance) = ("evil.example", .controlSocket)
        }
        #expect(control.status == 200)
    }

    // MARK: Backups

    private func backup(
        _ path: String?,
        method: String = "POST",
        entrance: HTTPRequest.Entrance = .controlSocket,
        admission: BackupDesk.Admission? = .begun(number: 7)
    ) -> HTTPResponse {
        var sources = Fixture.sources(Fixture.view())
        let report = BackupDesk.Report(number: 7, state: .running, path: "/tmp/x")
        if let admission {
            sources.backups = BackupDesk(begin: { _ in admission }, report: { report })
        }
        var request = HTTPRequest(method: method, path: "/v1/backup", host: "localhost")
        request.arguments = path.map { [.init(name: "path", value: $0)] } ?? []
        request.entrance = entrance
        return Router(sources: sources, hosts: HostRule()).respond(to: request)
    }

    @Test func `a backup is ordered over the control socket alone, and asked after`() {
        #expect(backup("/tmp/x").status == 202)
        #expect(text(backup("/tmp/x")).contains("\"number\":7"))
        #expect(text(backup(nil, method: "GET")).contains("\"state\":\"running\""))
        #expect(backup("/tmp/x", entrance: .port).status == 403)
        #expect(backup(nil, method: "GET", entrance: .port).status == 403)
    }

    @Test func `a backup that cannot be is refused with what to do`() {
        #expect(backup("tmp/x").status == 400)
        #expect(backup(nil).status == 400)
        #expect(text(backup("/tmp/x", admission: .busy(path: "/tmp/y"))).contains("/tmp/y"))
        #expect(backup("/tmp/x", admission: .refused(message: "m", advice: "a")).status == 409)
        #expect(text(backup("/tmp/x", admission: nil)).contains("no registry of its own"))
        #expect(respond("/v1/status") { $0.method = "POST" }.status == 405)
    }
}
