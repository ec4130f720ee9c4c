import DNSProtocol
import Foundation
import TestSupport
import Testing

@testable import DNSServer

@Suite struct FuzzTests {
    /// Packets of one run; `MUSTER_FUZZ` asks for more.
    private static let packets =
        ProcessInfo.processInfo.environment["MUSTER_FUZZ"].flatMap(Int.init) ?? 1_000_000
    /// Bytes behind the room for the answer that nobody may touch.
    private static let guardBytes = 64

    private func corpus() throws -> [[UInt8]] {
        var packets = (MessageTableTests.malformed + MessageTableTests.unusual).map(\.packet)
        for (name, type) in [
            ("five.dubbo", RRType.srv), ("many", .a), ("alias", .a), ("x.y", .txt),
        ] {
            packets.append(
                try Message(id: 1, question: Question(EngineFixture.name(name), type)).encoded()
            )
        }
        return packets.filter { $0.count >= 12 }
    }

    private func fixture() throws -> EngineFixture {
        let fixture = try EngineFixture(mode: .stale)
        fixture.add("five.dubbo", .a, EngineFixture.addresses(5))
        fixture.add(
            "five.dubbo",
            .srv,
            [
                Rdata.srv(priority: 0, weight: 1, port: 2, target: EngineFixture.name("many"))
            ]
        )
        fixture.add("many", .a, EngineFixture.addresses(300))
        fixture.add("alias", .cname, EngineFixture.name("alias2").wire)
        fixture.add("alias2", .cname, EngineFixture.name("five.dubbo").wire)
        return fixture
    }

    /// A packet of the corpus with a few changes, or nothing but noise.
    private func packet(
        from corpus: [[UInt8]],
        _ random: inout SeededGenerator
    ) -> [UInt8] {
        var word = random.next()
        if word & 15 == 0 {
            return (0..<Int(word >> 4 & 63)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        var packet = corpus[Int(word >> 8 & 0xffff) % corpus.count]
        for _ in 0..<(word >> 4 & 3) {
            word = random.next()
            let position = Int(word & 0xffff) % packet.count
            switch word >> 16 & 7 {
            case 0: packet.removeSubrange(position...)
            case 1: packet.insert(UInt8(truncatingIfNeeded: word >> 24), at: position)
            case 2: packet[position] = 0xc0
            case 3: packet += packet[position...]
            default: packet[position] = UInt8(truncatingIfNeeded: word >> 24)
            }
            if packet.isEmpty { break }
        }
        return Array(packet.prefix(1_232))
    }

    /// What every answer keeps to, whatever was asked.
    private func fault(_ reply: ArraySlice<UInt8>, to packet: [UInt8], limit: Int) -> String? {
        guard reply.count >= 12, reply.count <= limit else { return "\(reply.count) bytes" }
        let start = reply.startIndex
        guard reply[start] == packet[0], reply[start + 1] == packet[1] else { return "another id" }
        guard reply[start + 2] & 0x80 != 0, packet[2] & 0x80 == 0 else { return "no answer" }
        guard reply[start + 3] & 0xf0 == 0 else { return "flags \(reply[start + 3])" }
        return nil
    }

    @Test(.timeLimit(.minutes(5)))
    func `random and mutated packets get well-formed answers and nothing is written beyond`() throws
    {
        var random = Seed.generator(1)
        let (fixture, corpus) = (try fixture(), try corpus())
        let room = 1_232
        var buffer = [UInt8](repeating: 0, count: room + Self.guardBytes)
        var (answered, decoded) = (0, 0)
        for round in 0..<Self.packets {
            let packet = packet(from: corpus, &random)
            for index in packet.indices { buffer[index] = packet[index] }
            for index in room..<buffer.count { buffer[index] = 0x5a }
            let count = fixture.answer(&buffer, count: packet.count, capacity: room)
            guard buffer[room...].allSatisfy({ $0 == 0x5a }) else {
                Issue.record("round \(round): written beyond the room for \(packet)")
                return
            }
            guard count > 0 else { continue }
            answered += 1
            if let fault = fault(buffer[..<count], to: packet, limit: room) {
                Issue.record("round \(round): \(fault) for \(packet)")
                return
            }
            guard round % 16 == 0 else { continue }
            do { _ = try Message(Array(buffer[..<count])) } catch {
                Issue.record("round \(round): \(error) in the answer to \(packet)")
                return
            }
            decoded += 1
        }
        #expect(answered > Self.packets / 2 && decoded > Self.packets / 64)
    }

    @Test func `every prefix and every single-byte change of real queries is survived`() throws {
        let (fixture, corpus) = (try fixture(), try corpus())
        for packet in corpus {
            for count in 0..<packet.count {
                guard let reply = fixture.reply(to: Array(packet.prefix(count))) else { continue }
                #expect(throws: Never.self) { try Message(reply) }
            }
            for position in packet.indices {
                for value in [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff] as [UInt8] {
                    var changed = packet
                    changed[position] = value
                    guard let reply = fixture.reply(to: changed) else { continue }
                    #expect(throws: Never.self) { try Message(reply) }
                }
            }
        }
    }
}
