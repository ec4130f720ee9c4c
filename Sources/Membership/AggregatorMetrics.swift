import ServiceModel
import Telemetry

/// The numbers of an aggregator.
struct AggregatorMetrics: Sendable {
    private let services: Gauge
    private let instances: Gauge
    private let isLive: Gauge
    private let changes: Counter

    init(_ registry: MetricsRegistry) {
        services = registry.gauge("muster_view_services", help: "Services in the view.")
        instances = registry.gauge("muster_view_instances", help: "Instances in the view.")
        isLive = registry.gauge("muster_view_live", help: "1 while the registry's changes arrive.")
        changes = registry.counter("muster_view_changes_total", help: "Changes of the view.")
    }

    func note(_ batch: Aggregator.Batch) {
        services.set(batch.view.services.count)
        instances.set(batch.view.instanceCount)
        isLive.set(batch.view.freshness == .live ? 1 : 0)
        changes.add(batch.deltas.count)
    }
}
