public import Runtime
public import ServiceModel
public import Telemetry

/// Everything that the console shows, as the wiring hands it over.
///
/// All closures are called on the console's thread: they may take a moment, but not wait.
public struct ConsoleSources: Sendable {
    /// What `/v1/explain` says.
    public enum Explanation: Equatable, Sendable {
        /// Which node, which rule, why each instance is in or out: one line each.
        case lines([String])
        /// The question makes no sense; a sentence, and what to do.
        case refused(message: String, advice: String)
    }

    /// The membership, as of now.
    public var view: Published<MembershipView>
    /// Sections of `/v1/status` beside the view's own, by name; `warnings` is a list of sentences.
    public var status: @Sendable () -> [String: JSONValue]
    /// Explains the answers for a DNS name, and a type when one is given.
    public var explain: @Sendable (_ name: String, _ type: String?) -> Explanation
    /// The events.
    public var events: EventFeed
    /// What `/metrics` renders.
    public var metrics: MetricsRegistry
    /// Where copies of the registry are ordered; nil where there is no registry of the daemon's own.
    public var backups: BackupDesk?
    /// Why the daemon is not ready, beside what the view says of itself; nil when it is.
    public var unreadyReason: @Sendable () -> String?
    /// How the registry's outage stands, if there is one.
    public var outage: @Sendable () -> Outage

    /// Creates the sources.
    public init(
        view: Published<MembershipView>,
        status: @escaping @Sendable () -> [String: JSONValue],
        explain: @escaping @Sendable (_ name: String, _ type: String?) -> Explanation,
        events: EventFeed,
        metrics: MetricsRegistry,
        backups: BackupDesk? = nil,
        unreadyReason: @escaping @Sendable () -> String? = { nil },
        outage: @escaping @Sendable () -> Outage = { Outage(at: EventLoop.unixNow()) }
    ) {
        (self.view, self.status, self.explain) = (view, status, explain)
        (self.events, self.metrics, self.backups) = (events, metrics, backups)
        (self.unreadyReason, self.outage) = (unreadyReason, outage)
    }
}
