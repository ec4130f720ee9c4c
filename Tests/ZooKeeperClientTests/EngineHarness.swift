import ServiceModel
import Testing
import Wire
import ZooKeeperProtocol

@testable import ZooKeeperClient

/// An engine with a clock of its own and a server made of bytes.
struct EngineHarness {
    var engine: SessionEngine
    var now = Instant(nanoseconds: 1_000_000_000_000)
    /// Every command, event and frame since the last `take...` of its kind.
    private var commands: [SessionEngine.Command] = []
    private var events: [SessionEngine.Event] = []
    private var sent: [UInt8] = []
    private(set) var notes: [String] = []

    init(_ change: (inout SessionEngine.Setup) -> Void = { _ in }) {
        var setup = SessionEngine.Setup()
        setup.sessionTimeout = .seconds(9)
        change(&setup)
        engine = SessionEngine(setup, seed: 0)
    }

    mutating func collect() {
        let output = engine.takeOutput()
        commands += output.commands
        events += output.events
        sent += output.bytes
        notes += output.notes
    }

    // MARK: Inputs

    mutating func start() { engine.start(now: now) }
    mutating func open() { engine.connectionOpened(attempt: engine.attempt, now: now) }
    mutating func lose(_ reason: String = "gone") {
        engine.connectionLost(attempt: engine.attempt, reason: reason, now: now)
    }
    mutating func lookedUp(_ server: Int, failure: String? = nil) {
        engine.lookedUp(server: server, failure: failure, now: now)
    }
    mutating func probeEnded(_ probe: UInt64, isWritable: Bool) {
        engine.probeEnded(probe, isWritable: isWritable, now: now)
    }
    mutating func pass(_ duration: Duration) {
        now = now + duration
        engine.timerFired(now: now)
    }
    mutating func submit(_ request: Request, tag: UInt64 = 0) {
        engine.submit(request, .sink(tag: tag), now: now)
    }
    mutating func close() { engine.close(now: now) }
    mutating func receive(_ bytes: [UInt8]) {
        engine.received(bytes.span, attempt: engine.attempt, now: now)
    }
    mutating func accept(
        id: Int64 = 7,
        timeoutMilliseconds: Int32 = 9_000,
        readOnly: Bool = false
    ) {
        var writer = ByteWriter()
        FrameWriter.append(
            ConnectResponse(
                timeoutMilliseconds: timeoutMilliseconds,
                sessionID: id,
                password: Array(repeating: 2, count: 16),
                readOnly: readOnly
            ),
            to: &writer
        )
        receive(writer.bytes)
    }
    mutating func refuse() {
        var writer = ByteWriter()
        FrameWriter.append(ConnectResponse.refusal(readOnly: false), to: &writer)
        receive(writer.bytes)
    }
    mutating func reply(_ response: Response = .empty, xid: Int32, zxid: Int64 = 1) {
        var writer = ByteWriter()
        FrameWriter.append(response, xid: xid, zxid: zxid, to: &writer)
        receive(writer.bytes)
    }
    mutating func reply(_ error: ErrorCode, xid: Int32, zxid: Int64 = 1) {
        var writer = ByteWriter()
        FrameWriter.append(error, xid: xid, zxid: zxid, to: &writer)
        receive(writer.bytes)
    }
    mutating func fire(_ kind: WatchEvent.Kind, _ path: String) {
        var writer = ByteWriter()
        FrameWriter.append(WatchEvent(kind, path: path), to: &writer)
        receive(writer.bytes)
    }
    /// Brings a fresh engine to a connection that has held for a while and forgets how.
    mutating func connect() {
        start()
        open()
        accept()
        now = now + .seconds(1)
        receive([])
        engine.lastSent = now
        forget()
    }
    /// Drops all output so far.
    mutating func forget() {
        collect()
        (commands, events, sent) = ([], [], [])
    }

    // MARK: Outputs

    mutating func takeCommands() -> [SessionEngine.Command] {
        collect()
        defer { commands = [] }
        return commands
    }
    mutating func takeEvents() -> [SessionEngine.Event] {
        collect()
        defer { events = [] }
        return events
    }
    /// States in the order they were told.
    mutating func takeStates() -> [SessionState] {
        takeEvents().compactMap { if case .state(let state) = $0 { state } else { nil } }
    }
    /// Codes of failed replies with their tags.
    mutating func takeFailures() -> [UInt64: ZooKeeperError] {
        var failures: [UInt64: ZooKeeperError] = [:]
        for case .reply(.sink(let tag), .failure(let error), _) in takeEvents() {
            failures[tag] = error
        }
        return failures
    }
    /// Frames sent, without their lengths.
    mutating func takeFrames() -> [[UInt8]] {
        collect()
        var decoder = FrameDecoder(frameBytesMax: 64 << 20)
        decoder.append(sent.span)
        sent = []
        var frames: [[UInt8]] = []
        while (try? decoder.next()) == true {
            let frame = decoder.frame
            frames.append(frame.indices.map { frame[$0] })
        }
        return frames
    }
    mutating func takeConnectRequest() throws -> ConnectRequest {
        let frame = try #require(takeFrames().first)
        var reader = ByteReader(frame.span)
        return try ConnectRequest(from: &reader)
    }
    mutating func takeRequests() throws -> [(xid: Int32, request: Request)] {
        try takeFrames().map { frame in
            var reader = ByteReader(frame.span)
            let header = try RequestHeader(from: &reader)
            let opCode = try #require(header.opCode)
            return (header.xid, try Request.decode(opCode, from: &reader))
        }
    }
}

extension Request {
    static func get(_ path: String, watch: Bool = false) -> Request {
        .getData(GetDataRequest(path: path, watch: watch))
    }
}
