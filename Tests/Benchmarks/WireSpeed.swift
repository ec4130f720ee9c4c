import Wire

extension Benchmark {
    static let wire = Benchmark(
        name: "wire",
        summary: "texts, copies and integers through ByteReader and ByteWriter, CPU a call"
    ) {
        var figures: [Figure] = []
        for count in [8, 40, 300] {
            let bytes = [UInt8](repeating: UInt8(ascii: "k"), count: count)
            figures.append(
                nanoseconds("text of \(count) bytes read", times: 300_000) {
                    var reader = ByteReader(bytes.span)
                    return (try? reader.readUTF8(count))?.utf8.count ?? 0
                }
            )
            figures.append(
                nanoseconds("copy of \(count) bytes read", times: 300_000) {
                    var reader = ByteReader(bytes.span)
                    return (try? reader.readBytes(count))?.count ?? 0
                }
            )
        }
        var writer = ByteWriter(capacity: 1 << 16)
        figures.append(
            nanoseconds("eight-byte integer written", times: 1_000_000) {
                if writer.count > 1 << 15 { writer.removeAll() }
                writer.writeInt64(Int64(writer.count))
                return writer.count
            }
        )
        return figures
    }

    /// The least CPU time of one call over five rounds.
    private static func nanoseconds(
        _ what: String,
        times: Int,
        _ body: () -> Int
    ) -> Figure {
        var best = Int64.max
        var sum = 0
        for _ in 0..<5 {
            let start = threadCPUNanoseconds()
            for _ in 0..<times { sum &+= body() }
            best = min(best, threadCPUNanoseconds() - start)
        }
        precondition(sum != .min, "the sum keeps the calls alive")
        return Figure(what, Double(best) / Double(times), "ns")
    }
}
