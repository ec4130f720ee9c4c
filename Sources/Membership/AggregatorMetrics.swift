import Runtime
import ServiceModel
import Telemetry

/// The numbers of an aggregator.
struct AggregatorMetrics: Sendable {
    private let services: Gauge
    private let instances: Gauge
    private let isLive: Gauge
    private let changes: Counter

    init(_ registry: MetricsRegistry, _ view: Published<MembershipView>) {
        services = registry.gauge("muster_view_services", help: "Services in the view.")
        instances = registry.gauge("muster_view_instances", help: "Instances in the view.")
        isLive = registry.gauge("muster_view_live", help: "1 while the registry's changes arrive.")
        changes = registry.counter("muster_view_changes_total", help: "Changes of the view.")
        registry.onRender { [weak view] in
            guard let view = view?.snapshot(), view.freshness != .notReady else { return [] }
            let age = view.age(at: EventLoop.unixNow()) ?? .zero
            return [
                Sample(
                    .gauge,
                    "muster_view_age_seconds",
                    help: "How long the registry's changes have not arrived; 0 while they do.",
                    value: Double(age.milliseconds) / 1_000
                )
            ]
        }
    }

    func note(_ batch: Aggregator.Batch) {
        services.set(batch.view.services.count)
        instances.set(batch.view.instanceCount)
        isLive.set(batch.view.freshness == .live ? 1 : 0)
        changes.add(batch.deltas.count)
    }
}
