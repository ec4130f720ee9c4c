extension Benchmark {
    static let changeManyServices = Benchmark(
        name: "change-many-services",
        summary: "one change in a view of 100,000 services x 5 instances, CPU event to answer"
    ) {
        let services = 100_000
        var tree: ChangePipeline.Tree = ["/dubbo": (0..<services).map(Providers.service)]
        for number in 0..<services {
            let service = Providers.service(number)
            tree[Providers.directory(service)] = (0..<5).map {
                Providers.name(service, host: number * 5 + $0)
            }
        }
        var pipeline = try ChangePipeline(tree)
        return changes(&pipeline) { Providers.service($0 * 97 % services) }
    }

    static let changeLargeService = Benchmark(
        name: "change-large-service",
        summary: "one change in a service of 10,000 instances, CPU event to answer"
    ) {
        let service = Providers.service(0)
        let names = (0..<10_000).map { Providers.name(service, host: $0) }
        var pipeline = try ChangePipeline([
            "/dubbo": [service], Providers.directory(service): names,
        ])
        return changes(&pipeline) { _ in service }
    }

    /// A thousand providers on hosts that are not known yet come, and go again in another order.
    private static func changes(
        _ pipeline: inout ChangePipeline,
        service: (Int) -> String
    ) -> [Figure] {
        let before = (pipeline.instanceCount, pipeline.nameCount)
        let paths = (0..<1_000).map { number in
            let service = service(number)
            return Providers.directory(service) + "/"
                + Providers.name(service, host: 1 << 20 + number)
        }
        var (joins, leaves) = (Samples(), Samples())
        for path in paths { joins.add(pipeline.join(path)) }
        let joined = pipeline.instanceCount - before.0
        for path in paths.shuffled() { leaves.add(pipeline.leave(path)) }
        let sizes = [
            Figure("services", Double(pipeline.serviceCount), ""),
            Figure("instances", Double(pipeline.instanceCount), ""),
            Figure("DNS names", Double(before.1), ""),
            Figure("of 1,000 joins in the view", Double(joined), ""),
        ]
        return sizes + joins.microseconds("join", bar: 100)
            + leaves.microseconds("leave", bar: 100)
    }
}
