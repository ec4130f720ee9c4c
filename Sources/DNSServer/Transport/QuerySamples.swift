import DNSProtocol
import Telemetry

/// Renders the counters of all engines, summed by transport.
enum QuerySamples {
    private static let rcodes: [RCODE] = [
        .noError, .formErr, .servFail, .nxDomain, .notImp, .refused, .badVers,
    ]

    /// One sample for each number and transport.
    static func samples(of sources: [(transport: String, counters: [QueryCounters])]) -> [Sample] {
        var samples: [Sample] = []
        for (transport, counters) in sources {
            let label = [("transport", transport)]
            func add(_ name: String, _ help: String, _ labels: [(String, String)], _ value: Int) {
                samples.append(
                    Sample(.counter, name, help: help, labels: labels, value: Double(value))
                )
            }
            func sum(_ event: QueryCounters.Event) -> Int {
                counters.reduce(0) { $0 + $1.count(of: event) }
            }
            add("muster_dns_queries_total", "DNS messages received.", label, sum(.received))
            add("muster_dns_dropped_total", "DNS messages not answered.", label, sum(.dropped))
            add("muster_dns_truncated_total", "DNS answers cut for size.", label, sum(.truncated))
            for rcode in rcodes {
                let count = counters.reduce(0) { $0 + $1.count(of: rcode) }
                let labels = label + [("rcode", rcode.description)]
                add("muster_dns_answers_total", "DNS answers by response code.", labels, count)
            }
        }
        return samples
    }
}
