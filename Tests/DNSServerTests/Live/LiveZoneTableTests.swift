import DNSProtocol
import ServiceModel
import TestSupport
import Testing

@testable import DNSServer

/// The edits on the real answer table.
@Suite struct LiveZoneTableTests {
    @Test func `the table takes every edit and ends as it began`() throws {
        var random = Seed.generator(5)
        let file = try Sample.file("muster.internal", "web A 192.0.2.1\n")
        var follower = Follower(try Sample.configuration())
        var writer = AnswerTableWriter(AnswerTable())
        writer.apply(follower.edits)
        follower.apply([])
        writer.apply(follower.edits)
        let empty = writer.nameCount
        for step in 0..<200 {
            follower.apply(try RandomChanges.batch(follower.view, &random))
            writer.apply(follower.edits)
            if step % 50 == 0 {
                let files = step % 100 == 0 ? [file] : []
                follower.load(try Sample.configuration(), files: files)
                writer.apply(follower.edits)
            }
            #expect(follower.table.faults == [], "seed \(Seed.current)")
            #expect(writer.nameCount == existing(follower), "seed \(Seed.current), step \(step)")
        }
        for service in RandomChanges.services {
            follower.apply([(service, .serviceVanished)])
            writer.apply(follower.edits)
        }
        follower.wait(.seconds(5))
        writer.apply(follower.edits)
        #expect(writer.nameCount == empty)
    }

    @Test func `A5.6 the server answers what is explained, after each of many changes`() throws {
        var random = Seed.generator(6)
        let configuration = try Sample.configuration()
        let files = [try Sample.file("muster.internal", "web A 192.0.2.1\nx.y A 192.0.2.2\n")]
        let explainer = Explainer(configuration, files: files)
        var follower = Follower(configuration, files: files)
        let table = AnswerTable()
        var writer = AnswerTableWriter(table)
        guard var engine = QueryEngine(table) else {
            Issue.record("no engine for an empty table")
            return
        }
        writer.apply(follower.edits)
        for _ in 0..<5 {
            for _ in 0..<10 {
                follower.apply(try RandomChanges.batch(follower.view, &random))
                writer.apply(follower.edits)
            }
            follower.wait(.seconds(5))
            writer.apply(follower.edits)
            for name in try follower.someNames() {
                for type in [RRType.a, .aaaa, .srv, .txt] {
                    let explained = explainer.explain(
                        name,
                        type,
                        view: follower.view,
                        time: follower.time
                    )
                    let reply = try ask(&engine, name, type)
                    let seed = "\(name) \(type) seed \(Seed.current)"
                    #expect(reply.rcode == explained.rcode, "\(seed)")
                    let lines = reply.answers.map { RecordText.line($0).lowercased() }.sorted()
                    #expect(lines == explained.answer.map { $0.lowercased() }.sorted(), "\(seed)")
                    #expect(reply.isAuthoritative, "\(seed)")
                }
            }
        }
    }

    private func ask(
        _ engine: inout QueryEngine,
        _ name: DNSName,
        _ type: RRType
    ) throws -> Message {
        let question = try Message(id: 1, question: Question(name, type)).encoded()
        var buffer = question + Array(repeating: 0, count: 65_535 - question.count)
        let count = engine.answer(&buffer, count: question.count, transport: .stream)
        return try Message(Array(buffer.prefix(count)))
    }

    /// Names with records, declarations or a zone, and all above them.
    private func existing(_ follower: Follower) -> Int {
        var names: Set<DNSName> = []
        for start in follower.table.records.keys.map(\.record.name) + follower.table.names.keys
            + follower.table.zones.keys
        {
            var name: DNSName? = start
            while let next = name, names.insert(next).inserted { name = next.parent }
        }
        return names.count
    }
}
