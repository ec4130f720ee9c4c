import CMicroHTTPD
import Telemetry

/// What libmicrohttpd calls for one listener: takes requests apart, asks the router, sends its answer.
///
/// Runs on the library's one thread for the listener; everything it uses is immutable or has a lock.
/// The library's pointers stay inside the functions here.
final class HTTPHandler: Sendable {
    private let router: Router
    private let streams: EventStreams
    private let entrance: HTTPRequest.Entrance
    private let metrics: MetricsRegistry

    init(
        router: Router,
        streams: EventStreams,
        entrance: HTTPRequest.Entrance,
        metrics: MetricsRegistry
    ) {
        (self.router, self.streams) = (router, streams)
        (self.entrance, self.metrics) = (entrance, metrics)
    }

    /// One request under way; the library's thread owns it.
    private final class Exchange {
        var bodyBytes = 0
    }

    /// The library's access handler: once for the header fields, then for the body, then to answer.
    static let access: MHD_AccessHandlerCallback = {
        @Sendable owner, connection, path, method, _, _, bodyCount, memory in
        guard let owner = unsafe owner, let connection = unsafe connection,
            let path = unsafe path, let method = unsafe method,
            let bodyCount = unsafe bodyCount, let memory = unsafe memory
        else { return .NO }
        // SAFETY: the owner is the handler that `HTTPListener` holds until the library has stopped.
        let handler = unsafe Unmanaged<HTTPHandler>.fromOpaque(owner).takeUnretainedValue()
        guard let exchange = unsafe memory.pointee else {
            // SAFETY: `completed` releases it, once, whatever became of the request.
            unsafe memory.pointee = Unmanaged.passRetained(Exchange()).toOpaque()
            return unsafe handler.admit(connection)
        }
        if unsafe bodyCount.pointee > 0 {
            // SAFETY: retained above and not released before `completed`.
            let exchange = unsafe Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue()
            unsafe exchange.bodyBytes += bodyCount.pointee
            unsafe bodyCount.pointee = 0
            return exchange.bodyBytes > Limits.bodyBytesMax ? .NO : .YES
        }
        // SAFETY: both are texts of the library, valid during the call.
        let words = unsafe (String(cString: method), String(cString: path))
        return unsafe handler.answer(connection, method: words.0, path: words.1)
    }

    /// The library's note that it is done with a request.
    static let completed: MHD_RequestCompletedCallback = { @Sendable _, _, memory, _ in
        guard let memory = unsafe memory, let exchange = unsafe memory.pointee else { return }
        unsafe Unmanaged<Exchange>.fromOpaque(exchange).release()
        unsafe memory.pointee = nil
    }

    /// Refuses a body that is too large before it is sent.
    private func admit(_ connection: OpaquePointer) -> MHD_Result {
        let length = unsafe Self.field("Content-Length", connection).flatMap { Int($0) } ?? 0
        guard length > Limits.bodyBytesMax else { return .YES }
        return unsafe send(.bodyTooLarge, connection)
    }

    private func answer(_ connection: OpaquePointer, method: String, path: String) -> MHD_Result {
        let request = HTTPRequest(
            method: method,
            path: path,
            arguments: unsafe Self.arguments(connection),
            host: unsafe Self.field("Host", connection),
            lastEventID: unsafe Self.field("Last-Event-ID", connection),
            entrance: entrance
        )
        let response = router.respond(to: request)
        guard case .events(let position) = response.body, method == "GET" else {
            return unsafe send(response, connection)
        }
        let stream = unsafe EventStream(connection: connection)
        if let refusal = streams.admit(stream, from: position) {
            return unsafe send(refusal, connection)
        }
        return unsafe send(response, stream, connection)
    }

    private func send(_ response: HTTPResponse, _ connection: OpaquePointer) -> MHD_Result {
        var text = ""
        if case .text(let body) = response.body { text = body }
        var bytes = Array(text.utf8)
        // SAFETY: the library copies the bytes during the call.
        let made = unsafe bytes.withUnsafeMutableBytes {
            unsafe MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
        }
        return unsafe queue(made, response, connection)
    }

    private func send(
        _ response: HTTPResponse,
        _ stream: EventStream,
        _ connection: OpaquePointer
    ) -> MHD_Result {
        let owner = unsafe Unmanaged.passRetained(StreamOwner(stream: stream, streams: streams))
        // SAFETY: the library calls `release` exactly once, when it is done with the response.
        let made = unsafe muster_http_stream(
            Limits.streamBlockBytes,
            StreamOwner.read,
            owner.toOpaque(),
            StreamOwner.release
        )
        if unsafe made == nil { unsafe StreamOwner.release(owner.toOpaque()) }
        return unsafe queue(made, response, connection)
    }

    private func queue(
        _ made: OpaquePointer?,
        _ response: HTTPResponse,
        _ connection: OpaquePointer
    ) -> MHD_Result {
        guard let made = unsafe made else { return .NO }
        defer { unsafe MHD_destroy_response(made) }
        for field in response.fields {
            guard unsafe MHD_add_response_header(made, field.name, field.value) == .YES else {
                return .NO
            }
        }
        let labels = [("status", String(response.status))]
        metrics.counter("muster_console_requests_total", help: "Requests answered.", labels: labels)
            .add()
        return unsafe MHD_queue_response(connection, UInt32(response.status), made)
    }

    private static func field(_ name: String, _ connection: OpaquePointer) -> String? {
        // SAFETY: the text is the library's and valid as long as the request; it is copied here.
        guard
            let value = unsafe MHD_lookup_connection_value(connection, .HEADER_KIND, name)
        else { return nil }
        return unsafe String(cString: value)
    }

    private static func arguments(_ connection: OpaquePointer) -> [HTTPRequest.Argument] {
        var arguments: [HTTPRequest.Argument] = []
        // SAFETY: the library calls back only during the call, with the pointer given here.
        unsafe withUnsafeMutablePointer(to: &arguments) { list in
            _ = unsafe MHD_get_connection_values(
                connection,
                .GET_ARGUMENT_KIND,
                { @Sendable list, _, name, value in
                    guard let list = unsafe list, let name = unsafe name else { return .NO }
                    let typed = unsafe list.assumingMemoryBound(to: [HTTPRequest.Argument].self)
                    guard unsafe typed.pointee.count < Limits.argumentsMax else { return .NO }
                    let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
                    unsafe typed.pointee.append(.init(name: String(cString: name), value: text))
                    return .YES
                },
                list
            )
        }
        return arguments
    }
}

/// What the library holds of a stream: its bytes' reader, and its release.
private final class StreamOwner: Sendable {
    private let stream: EventStream
    private let streams: EventStreams

    init(stream: EventStream, streams: EventStreams) {
        (self.stream, self.streams) = (stream, streams)
    }

    static let read: MHD_ContentReaderCallback = { @Sendable owner, _, block, count in
        guard let owner = unsafe owner, let block = unsafe block else { return muster_http_end }
        // SAFETY: retained until `release`; the block is the library's and has that many bytes.
        let stream = unsafe Unmanaged<StreamOwner>.fromOpaque(owner).takeUnretainedValue().stream
        return unsafe stream.fill(UnsafeMutableRawBufferPointer(start: block, count: count))
    }

    static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { @Sendable owner in
        guard let owner = unsafe owner else { return }
        // SAFETY: the one release of what was retained for the library.
        let it = unsafe Unmanaged<StreamOwner>.fromOpaque(owner).takeRetainedValue()
        it.streams.remove(it.stream)
    }
}
