import DNSProtocol
import DNSServer
import Membership
import ServiceModel
import Wire
import ZooKeeperProtocol

/// The engines between a watch event and its published answer, on one thread and without sockets.
///
/// A change goes through exactly what the daemon's loop does with it: event and reply are decoded from
/// their wire bytes, the aggregator's engine asks and is answered, the live zone makes edits of the
/// deltas, and the table's writer publishes them.
struct ChangePipeline: ~Copyable {
    private var aggregator = AggregatorEngine(MembershipConfiguration())
    private var live = LiveZone()
    private let table: AnswerTable
    private var writer: AnswerTableWriter
    private var zxid: Int64 = 0
    private var clock: Int64 = 1

    /// Names of children by path, for the first reading only.
    typealias Tree = [String: [String]]

    /// Reads a whole tree, as a daemon does that has just started.
    init(_ tree: Tree) throws {
        table = AnswerTable()
        writer = AnswerTableWriter(table)
        let zone = ZoneConfiguration.Zone(try DNSName("muster.internal"))
        writer.apply(
            live.load(ZoneConfiguration(origins: [zone]), files: [], now: instant, time: time)
        )
        aggregator.connected(at: moment)
        var requests = aggregator.takeOutput().requests
        while !requests.isEmpty {
            for submission in requests {
                let reply = answer(submission.request, tree)
                aggregator.receive(reply, tag: submission.tag, zxid: zxid, at: moment)
            }
            let output = aggregator.takeOutput()
            follow(output)
            requests = output.requests
        }
    }

    /// Names that the table answers for.
    var nameCount: Int { writer.nameCount }
    /// Instances in the view.
    var instanceCount: Int { aggregator.view.instanceCount }
    /// Services in the view.
    var serviceCount: Int { aggregator.view.services.count }

    /// A provider registers.
    ///
    /// - Returns: CPU nanoseconds from the event's bytes to the published answer.
    mutating func join(_ path: String) -> Int64 { change(.nodeCreated, path) }

    /// A provider's znode goes.
    ///
    /// - Returns: CPU nanoseconds from the event's bytes to the published answer.
    mutating func leave(_ path: String) -> Int64 { change(.nodeDeleted, path) }

    private mutating func change(_ kind: WatchEvent.Kind, _ path: String) -> Int64 {
        clock += 1_000_000
        zxid += 1
        var event = ByteWriter()
        WatchEvent(kind, path: path).encode(into: &event)
        var reply = ByteWriter()
        Response.data(GetDataResponse(data: [], stat: stat)).encode(into: &reply)

        let start = threadCPUNanoseconds()
        var eventReader = ByteReader(event.bytes.span)
        if let decoded = try? WatchEvent(from: &eventReader) {
            aggregator.receive(decoded, at: moment)
        }
        let first = aggregator.takeOutput()
        follow(first)
        var frames = ByteWriter()
        for (index, submission) in first.requests.enumerated() {
            FrameWriter.append(submission.request, xid: Int32(index), to: &frames)
        }
        for submission in first.requests {
            var reader = ByteReader(reply.bytes.span)
            guard let response = try? Response.decode(.getData, from: &reader) else { continue }
            aggregator.receive(.success(response), tag: submission.tag, zxid: zxid, at: moment)
        }
        if !first.requests.isEmpty { follow(aggregator.takeOutput()) }
        return threadCPUNanoseconds() - start
    }

    private mutating func follow(_ output: AggregatorEngine.Output) {
        guard !output.deltas.isEmpty || output.isFreshnessChanged else { return }
        let view = aggregator.view
        writer.apply(live.apply(output.deltas, view, now: instant, time: time))
    }

    private func answer(_ request: Request, _ tree: Tree) -> Result<Response, ErrorCode> {
        switch request {
        case .addWatch: .success(.error(.ok))
        case .getChildren(let list):
            tree[list.path].map { .success(.names($0)) } ?? .failure(.noNode)
        case .getData: .success(.data(GetDataResponse(data: [], stat: stat)))
        default: .failure(.unimplemented)
        }
    }

    private var instant: Instant { Instant(nanoseconds: clock) }
    private var time: UnixTime { UnixTime(milliseconds: 1_750_000_000_000 + clock / 1_000_000) }
    private var moment: AggregatorEngine.Moment { .init(instant, time) }

    private var stat: Stat {
        Stat(
            czxid: zxid,
            mzxid: zxid,
            ctime: time.milliseconds,
            mtime: time.milliseconds,
            version: 0,
            cversion: 0,
            aversion: 0,
            ephemeralOwner: 0x1000,
            dataLength: 0,
            numChildren: 0,
            pzxid: zxid
        )
    }
}
