import Alerts
import Testing

@Suite struct WebhookTargetTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080/hook?token=secret", "http://127.0.0.1:8080"),
        ("https://user:secret@alerts.example/x", "https://alerts.example"),
        ("HTTP://[::1]:9/", "http://[::1]:9"),
    ])
    func `the name has no secrets`(url: String, name: String) throws {
        let target = try WebhookTarget(url: url)
        #expect(target.name == name)
        #expect(target.url == url)
    }

    @Test(arguments: [
        "", "alerts.example", "ftp://a.example/", "file:///etc/passwd", "http://", "http://a b/",
        "http://a.example:99999/", "//a.example",
    ])
    func `what is no absolute http URL is refused`(url: String) {
        let error = #expect(throws: AlertsError.self) { try WebhookTarget(url: url) }
        #expect(error?.code == .badWebhook)
    }

    @Test func `a URL over the bound is refused`() {
        let url = "http://a.example/" + String(repeating: "x", count: 8_000)
        #expect(throws: AlertsError.self) { try WebhookTarget(url: url) }
    }
}
