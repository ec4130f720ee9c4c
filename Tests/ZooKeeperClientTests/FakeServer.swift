import Runtime
import ServiceModel
import Wire
import ZooKeeperProtocol

/// A server that follows a script: it hands out descriptors and answers what a closure says.
///
/// It lives on the loop of the session that it serves; the script runs there too.
actor FakeServer: LoopHandler {
    /// What the script wants done about one frame of the client.
    enum Answer {
        case connect(ConnectResponse)
        case reply(Response, zxid: Int64)
        case refuse(ErrorCode, zxid: Int64)
        case event(WatchEvent)
        case bytes([UInt8])
        case hangUp
    }
    enum Input: Equatable {
        case connect(ConnectRequest)
        case request(Request, xid: Int32)
    }
    typealias Script = @Sendable (Input) -> [Answer]

    private final class Client {
        var socket: StreamSocket
        var decoder = FrameDecoder()
        var isFresh = true
        init(_ socket: consuming StreamSocket) { self.socket = socket }
    }

    private let loop: EventLoop
    private var script: Script
    private var clients: [UInt64: Client] = [:]
    private(set) var connectionsMade: UInt64 = 0
    private(set) var inputs: [Input] = []
    private var isAccepting = true
    /// What `isro` is answered; nil for nothing at all.
    private var isro: String?
    private var pings = 0
    private var pingsWanted = 0
    private var pingWaiter: CheckedContinuation<Void, Never>?
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop, script: @escaping Script) { (self.loop, self.script) = (loop, script) }

    /// One end of a new connection.
    func connect() throws -> Int32 {
        guard isAccepting else { throw CancellationError() }
        let (near, far) = try socketPair()
        serve(near)
        return far
    }

    static let limits = StreamLimits(inboundBytesMax: 4 << 20, outboundBytesMax: 80 << 20)

    func serve(_ descriptor: Int32) {
        guard let socket = try? StreamSocket(descriptor: descriptor, limits: Self.limits) else {
            return
        }
        connectionsMade += 1
        clients[connectionsMade] = Client(socket)
        try? loop.register(descriptor, interest: .read, handler: self, token: connectionsMade)
    }

    /// Returns when so many pings have come.
    func waitForPings(_ count: Int) async {
        pingsWanted = count
        if pings >= count { return }
        await withCheckedContinuation { pingWaiter = $0 }
    }

    func follow(_ script: @escaping Script) { self.script = script }
    func answer(isro: String) { self.isro = isro }
    func accept(_ isAccepting: Bool) { self.isAccepting = isAccepting }

    func hangUpAll() { for token in clients.keys { hangUp(token) } }

    func send(_ answers: [Answer]) {
        for token in clients.keys { answer(answers, to: nil, token) }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in for event in events { me.take(event.token) } }
    }

    private func take(_ token: UInt64) {
        guard let client = clients[token] else { return }
        while case .received(let count) = client.socket.fill() {
            let isWord = client.isFresh && client.socket.withInbound { $0.starts("isro") }
            client.socket.withInbound { client.decoder.append($0) }
            client.socket.consume(count)
            guard !isWord else {
                if let isro { answer([.bytes(Array(isro.utf8)), .hangUp], to: nil, token) }
                return
            }
            while clients[token] != nil, (try? client.decoder.next()) == true {
                takeFrame(client, token)
            }
        }
        guard clients[token] != nil else { return }
        if client.socket.fill() == .end {
            hangUp(token)
            return
        }
        flush(client)
    }

    private func takeFrame(_ client: Client, _ token: UInt64) {
        let decoder = client.decoder
        var reader = ByteReader(decoder.frame)
        if client.isFresh {
            client.isFresh = false
            guard let request = try? ConnectRequest(from: &reader) else { return }
            inputs.append(.connect(request))
            answer(script(.connect(request)), to: nil, token)
            return
        }
        guard let header = try? RequestHeader(from: &reader), let opCode = header.opCode,
            let request = try? Request.decode(opCode, from: &reader)
        else { return }
        inputs.append(.request(request, xid: header.xid))
        if request == .ping { countPing() }
        answer(script(.request(request, xid: header.xid)), to: header.xid, token)
    }

    private func answer(_ answers: [Answer], to xid: Int32?, _ token: UInt64) {
        guard let client = clients[token] else { return }
        var writer = ByteWriter()
        var hangsUp = false
        for answer in answers {
            switch answer {
            case .connect(let response): FrameWriter.append(response, to: &writer)
            case .reply(let response, let zxid):
                FrameWriter.append(response, xid: xid ?? 0, zxid: zxid, to: &writer)
            case .refuse(let code, let zxid):
                FrameWriter.append(code, xid: xid ?? 0, zxid: zxid, to: &writer)
            case .event(let event): FrameWriter.append(event, to: &writer)
            case .bytes(let bytes): writer.writeBytes(bytes)
            case .hangUp: hangsUp = true
            }
        }
        _ = client.socket.send(writer.bytes)
        flush(client)
        if hangsUp { hangUp(token) }
    }

    private func countPing() {
        pings += 1
        guard pings >= pingsWanted, let waiter = pingWaiter else { return }
        pingWaiter = nil
        waiter.resume()
    }

    private func flush(_ client: Client) {
        let isPending = client.socket.flush() == .pending
        guard client.socket.descriptor >= 0 else { return }
        loop.modify(client.socket.descriptor, interest: isPending ? [.read, .write] : .read)
    }

    private func hangUp(_ token: UInt64) {
        guard let client = clients.removeValue(forKey: token) else { return }
        loop.deregister(client.socket.descriptor)
        client.socket.close()
    }
}

extension FakeServer {
    /// Accepts every session as number 7, keeps it when it is resumed, and says yes to everything.
    static let agreeable: Script = { input in
        switch input {
        case .connect(let request): return [.connect(accepted(request))]
        case .request(let request, _): return [.reply(plain(request), zxid: 1)]
        }
    }

    static func accepted(_ request: ConnectRequest, fresh: Int64 = 7) -> ConnectResponse {
        ConnectResponse(
            timeoutMilliseconds: request.timeoutMilliseconds,
            sessionID: request.sessionID == 0 ? fresh : request.sessionID,
            password: Array(repeating: 1, count: 16),
            readOnly: false
        )
    }

    /// A response of the right shape.
    static func plain(_ request: Request) -> Response {
        switch request {
        case .create(let record): .path(record.path)
        case .createContainer(let record), .create2(let record):
            .created(Create2Response(path: record.path, stat: .sample))
        case .exists, .setData: .stat(.sample)
        case .getData(let record):
            .data(GetDataResponse(data: Array(record.path.utf8), stat: .sample))
        case .getChildren: .names(["a", "b"])
        case .getChildren2: .children(GetChildren2Response(children: ["a"], stat: .sample))
        case .sync(let record): .path(record.path)
        case .multi(let record): .multi(MultiResponse(record.operations.map { _ in .delete }))
        case .addWatch: .error(.ok)
        default: .empty
        }
    }
}

extension Span<UInt8> {
    fileprivate func starts(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return count >= bytes.count && bytes.indices.allSatisfy { self[$0] == bytes[$0] }
    }
}

extension Stat {
    static let sample = Stat(
        czxid: 1,
        mzxid: 2,
        ctime: 3,
        mtime: 4,
        version: 5,
        cversion: 6,
        aversion: 7,
        ephemeralOwner: 8,
        dataLength: 9,
        numChildren: 10,
        pzxid: 11
    )
}
