import DNSProtocol
import DNSServer
import Runtime
import ServiceModel
import Telemetry
import ZoneFiles

/// The one writer of the answer table: lets the live zone follow the view and writes its edits.
///
/// Step of the data flow: between the aggregator and the DNS server. Lives on the aggregator's loop, so
/// that a change crosses no thread between its event and its answer.
actor AnswerKeeper: LoopHandler {
    /// Registrations that have no records because of their names, as of the last change.
    nonisolated let faults = Published<[NameFault]>([])
    /// Origins of all zones, as of the last change.
    nonisolated let origins = Published<[DNSName]>([])

    private let loop: EventLoop
    private var live = LiveZone()
    private var writer: AnswerTableWriter
    private let freshness: Histogram
    private var timer: (id: TimerID, at: Instant)?
    private var faultsRevision = 0
    private var zonesRevision = 0
    private let log = Log("dns")

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is kept alive by the stored reference.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Takes the writer's side of a table.
    init(loop: EventLoop, table: AnswerTable, metrics: MetricsRegistry) {
        self.loop = loop
        writer = AnswerTableWriter(table)
        freshness = metrics.histogram(
            "muster_freshness_seconds",
            help: "From the registry's event to the published answer."
        )
    }

    /// Takes over zones, at the start and at each reload.
    func load(_ configuration: ZoneConfiguration, files: [ZoneFile]) {
        write(live.load(configuration, files: files, now: loop.now, time: EventLoop.unixNow()))
    }

    /// Follows the view; called on the loop, in the aggregator's own turn.
    ///
    /// - Parameters:
    ///   - deltas: What happened, in order.
    ///   - view: The view after it.
    ///   - noticedAt: When the registry's event arrived; nil for a first reading.
    nonisolated func follow(_ deltas: [ViewDelta], _ view: MembershipView, noticedAt: Instant?) {
        assumeIsolated { me in
            me.write(me.live.apply(deltas, view, now: me.loop.now, time: EventLoop.unixNow()))
            guard let noticedAt, !deltas.isEmpty else { return }
            me.freshness.observe(EventLoop.monotonicNow() - noticedAt)
        }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            me.timer = nil
            me.write(me.live.expire(now: me.loop.now, time: EventLoop.unixNow()))
        }
    }

    private func write(_ edits: [RecordEdit]) {
        writer.apply(edits)
        if live.zonesRevision != zonesRevision {
            zonesRevision = live.zonesRevision
            origins.publish(live.zones.map(\.origin))
        }
        if live.faultsRevision != faultsRevision {
            faultsRevision = live.faultsRevision
            let current = live.faults
            faults.publish(current)
            if !current.isEmpty {
                log.warning("registrations without a DNS name: \(current.count); see muster status")
            }
        }
        guard live.nextDeadline != timer?.at else { return }
        if let timer { loop.cancelTimer(timer.id) }
        timer = live.nextDeadline.map { (loop.setTimer(at: $0, handler: self, token: 0), $0) }
    }
}
