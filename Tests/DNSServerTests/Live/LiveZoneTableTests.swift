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
