import DNSProtocol

@testable import DNSServer

/// A table with one live zone, and an engine that is asked with messages.
final class EngineFixture {
    static let origin = name("muster.internal.")
    static let soa = SOA(
        primary: name("ns1.muster.internal."),
        contact: name("hostmaster.muster.internal."),
        serial: 2_026_112_101,
        refresh: 3_600,
        retry: 600,
        expire: 86_400,
        minimum: 1
    )

    let table: AnswerTable
    var writer: AnswerTableWriter
    var engine: QueryEngine

    init(mode: ZoneHead.Mode = .live) throws {
        table = AnswerTable()
        writer = AnswerTableWriter(table)
        guard let engine = QueryEngine(table) else { throw DNSError(.tooLong) }
        self.engine = engine
        writer.setZone(Self.head(mode: mode))
        writer.commit()
    }

    static func head(mode: ZoneHead.Mode, serial: UInt32 = 2_026_112_101) -> ZoneHead {
        var soa = soa
        soa.serial = serial
        return ZoneHead(
            origin: origin,
            soa: soa,
            soaTTL: 3_600,
            nameServers: [name("ns1.muster.internal.")],
            nameServerTTL: 3_600,
            mode: mode
        )
    }

    /// A name below the zone, or an absolute one when the text ends in a dot.
    static func name(_ text: String) -> DNSName {
        do {
            return text.hasSuffix(".")
                ? try DNSName(text) : try DNSName(text).appending(name("muster.internal."))
        } catch { fatalError("\(text): \(error)") }
    }

    /// Adds records of one type, one for each rdata.
    func add(_ text: String, _ type: RRType, ttl: UInt32 = 5, _ rdata: [[UInt8]]) {
        for rdata in rdata { writer.add(Self.name(text), type, ttl: ttl, rdata: rdata) }
        writer.commit()
    }

    func add(_ text: String, _ type: RRType, _ rdata: [UInt8]) { add(text, type, [rdata]) }

    /// Addresses 10.0.0.1, 10.0.0.2 and so on.
    static func addresses(_ count: Int) -> [[UInt8]] {
        (0..<count).map { Rdata.a(0x0a00_0001 + UInt32($0)) }
    }

    func remove(_ text: String, _ type: RRType, _ rdata: [UInt8]) -> Bool {
        writer.remove(Self.name(text), type, rdata: rdata)
    }

    func reply(
        to packet: [UInt8],
        _ transport: QueryEngine.Transport = .datagram
    ) -> [UInt8]? {
        var buffer = packet
        let room = transport == .datagram ? 1_232 : 65_535
        if buffer.count < room { buffer += Array(repeating: 0xaa, count: room - buffer.count) }
        let count = engine.answer(&buffer, count: packet.count, transport: transport)
        return count == 0 ? nil : Array(buffer.prefix(count))
    }

    /// Answers in a buffer of which only `capacity` bytes may be written.
    func answer(_ buffer: inout [UInt8], count: Int, capacity: Int) -> Int {
        precondition(count <= capacity && capacity <= buffer.count)
        engine.begin()
        defer { engine.end() }
        // SAFETY: the buffer has at least `capacity` bytes, as checked above.
        return unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            return unsafe engine.answer(
                start,
                count: count,
                capacity: capacity,
                transport: .datagram
            )
        }
    }

    func ask(
        _ text: String,
        _ type: RRType,
        edns: EDNS? = EDNS(),
        _ transport: QueryEngine.Transport = .datagram
    ) throws -> Message {
        let message = Message(id: 0x4242, question: Question(Self.name(text), type), edns: edns)
        guard let reply = reply(to: try message.encoded(), transport) else {
            throw DNSError(.truncated)
        }
        return try Message(reply)
    }
}
