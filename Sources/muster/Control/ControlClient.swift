import Glibc
import Runtime

/// One request to the daemon over its control socket, the answer whole or as it arrives.
///
/// Step of the data flow: between a command and the daemon's console. Owner: the command that made it;
/// it lives on a loop of the program's own.
actor ControlClient: LoopHandler {
    private let loop: EventLoop
    private let socketPath: String
    private var stream: StreamSocket?
    private var parser = HTTPResponseParser()
    /// HTTP status of the answer, 0 before its head arrived.
    private(set) var status = 0
    private var output: AsyncThrowingStream<[UInt8], any Error>.Continuation?
    private var started: CheckedContinuation<Void, any Error>?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is kept alive by the stored reference.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop, socketPath: String) {
        (self.loop, self.socketPath) = (loop, socketPath)
    }

    /// Asks for a path and waits for the whole answer.
    ///
    /// - Parameter path: Path and query, percent-encoded.
    /// - Returns: HTTP status and body.
    /// - Throws: `CommandFailure` when there is no daemon or it hangs up.
    func get(_ path: String) async throws(CommandFailure) -> (status: Int, body: [UInt8]) {
        try await ask("GET", path)
    }

    /// Orders something and waits for the whole answer.
    ///
    /// - Parameter path: Path and query, percent-encoded.
    /// - Returns: HTTP status and body.
    /// - Throws: `CommandFailure` when there is no daemon or it hangs up.
    func post(_ path: String) async throws(CommandFailure) -> (status: Int, body: [UInt8]) {
        try await ask("POST", path)
    }

    private func ask(
        _ method: String,
        _ path: String
    ) async throws(CommandFailure) -> (status: Int, body: [UInt8]) {
        var body: [UInt8] = []
        do {
            for try await piece in try await open(path, method: method) {
                body += piece
                guard body.count <= Limits.controlAnswerBytesMax else {
                    throw failure("the daemon's answer is larger than this tool takes")
                }
            }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw failure("\(error)")
        }
        return (status, body)
    }

    /// Asks for a path whose answer does not end, and returns its pieces as they arrive.
    ///
    /// - Parameters:
    ///   - path: Path and query, percent-encoded.
    ///   - method: `GET`, or what else the path wants.
    /// - Returns: Pieces of the body, bounded; when the command is too slow the stream ends with an error.
    /// - Throws: `CommandFailure` when there is no daemon, or it answers with an error.
    func open(
        _ path: String,
        method: String = "GET"
    ) async throws(CommandFailure) -> AsyncThrowingStream<[UInt8], any Error> {
        let (pieces, output) = AsyncThrowingStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingOldest(Limits.streamPiecesMax)
        )
        self.output = output
        do {
            let limits = StreamLimits(
                inboundBytesMax: Limits.controlInboundBytesMax,
                outboundBytesMax: Limits.controlOutboundBytesMax
            )
            var stream = try StreamSocket.connect(toUnixPath: socketPath, limits: limits)
            let request =
                "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n"
            guard stream.send(Array(request.utf8)) else { throw failure("the request is too long") }
            try loop.register(
                stream.descriptor,
                interest: [.read, .write],
                handler: self,
                token: 0
            )
            self.stream = consume stream
            try await withCheckedThrowingContinuation { started = $0 }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw unreachable(error)
        }
        return pieces
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in for event in events { me.handle(event) } }
    }

    private func handle(_ event: LoopEvent) {
        switch event {
        case .writable: flush()
        case .readable, .hangup: read()
        case .timer: break
        }
    }

    private func flush() {
        if let error = stream?.connectionError() { return close(unreachable(error)) }
        switch stream?.flush() {
        case .done:
            guard let descriptor = stream?.descriptor else { return }
            loop.modify(descriptor, interest: .read)
        case .failed(let error): close(unreachable(error))
        case .pending, nil: break
        }
    }

    private func read() {
        guard let outcome = stream?.fill() else { return }
        switch outcome {
        case .received: deliver()
        case .end:
            close(parser.end() ? nil : failure("the daemon hung up in the middle of its answer"))
        case .failed(let error): close(failure("\(error)"))
        case .wouldBlock, .full: break
        }
    }

    private func deliver() {
        let received = stream?.withInbound { span in span.indices.map { span[$0] } }
        guard let bytes = received, !bytes.isEmpty else { return }
        stream?.consume(bytes.count)
        do throws(HTTPResponseParser.Malformed) {
            for event in try parser.feed(bytes) {
                switch event {
                case .head(let code):
                    status = code
                    started?.resume()
                    started = nil
                case .body(let piece):
                    if case .dropped? = output?.yield(piece) {
                        return close(failure("events arrive faster than they are printed"))
                    }
                case .end: return close(nil)
                }
            }
        } catch {
            close(failure("the control socket does not speak HTTP: \(error.reason)"))
        }
    }

    private func close(_ error: CommandFailure?) {
        guard let descriptor = stream?.descriptor else { return }
        loop.deregister(descriptor)
        stream = nil
        if let error { started?.resume(throwing: error) } else { started?.resume() }
        started = nil
        output?.finish(throwing: error)
    }

    private func failure(_ what: String) -> CommandFailure {
        CommandFailure(.failure, "\(socketPath): \(what)")
    }

    private func unreachable(_ error: any Error) -> CommandFailure {
        let why =
            switch (error as? RuntimeError)?.cause {
            case ENOENT: "there is no such socket"
            case ECONNREFUSED: "nobody listens there any more"
            case EACCES: "it belongs to another user"
            default: "\(error)"
            }
        return CommandFailure(
            .unreachable,
            "no daemon answers on \(socketPath): \(why)",
            advice: "start musterd, or name its socket with --control or MUSTER_CONTROL"
        )
    }
}
