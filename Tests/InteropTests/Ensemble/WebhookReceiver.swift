import Foundation
import TestSupport
import Testing

/// A receiver of webhooks on a free port.
final class WebhookReceiver: Sendable {
    private let program: Program
    /// Where it receives.
    let url: String

    init() async throws {
        let program = try Program([Peer.python, Checkout.script("webhook.py")])
        let isListening = await eventually { program.output.contains("\n") }
        try #require(isListening, "\(program.errors)")
        let port = program.output.split(separator: "\n")[0].split(separator: " ")[1]
        url = "http://127.0.0.1:\(port)/hook"
        self.program = program
    }

    deinit { program.signal(SIGKILL) }

    /// The bodies so far, in their order.
    var events: [Substring] {
        program.output.split(separator: "\n").filter { $0.hasPrefix("event ") }
            .map { $0.dropFirst(6) }
    }
}
