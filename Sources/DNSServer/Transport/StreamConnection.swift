import Runtime

/// One TCP connection: questions with their length in front come in, answers likewise go out.
///
/// Owner: the actor `StreamService`. Questions are answered in order, as long as the next answer is sure
/// to fit into the outbound buffer; after that nothing is read until the client takes what it asked for.
///
/// ```
/// length(2) | message      RFC 1035 section 4.2.2
/// ```
final class StreamConnection {
    /// How the connection goes on after it was served.
    enum Outcome: Equatable {
        /// Waits for what is in `interest`.
        case open(Interest)
        /// Is to be closed.
        case closed
    }

    private var socket: StreamSocket
    /// The client sends no more.
    private var hasEnded = false
    /// What the loop tells about it now.
    var interest: Interest = .read

    init(_ socket: consuming StreamSocket) { self.socket = socket }

    var descriptor: Int32 { socket.descriptor }

    /// Reads once from the kernel; false when the connection is lost.
    func fill() -> Bool {
        switch socket.fill() {
        case .received, .wouldBlock, .full: return true
        case .end:
            hasEnded = true
            return true
        case .failed: return false
        }
    }

    /// Answers what has arrived and writes what there is to write.
    ///
    /// - Parameters:
    ///   - engine: Between `begin` and `end`.
    ///   - scratch: Room for the length and the longest message.
    /// - Returns: How it goes on, and whether a question was answered or an answer left.
    func serve(
        _ engine: inout QueryEngine,
        scratch: inout [UInt8]
    ) -> (outcome: Outcome, hasProgress: Bool) {
        var hasProgress = false
        while true {
            let pending = socket.outboundCount
            var answered = 0
            while let length = frameLength(), socket.outboundRoom >= scratch.count {
                guard answer(length, &engine, &scratch) else { return (.closed, hasProgress) }
                answered += 1
            }
            if answered > 0 { hasProgress = true }
            let written = socket.flush()
            if case .failed = written { return (.closed, hasProgress) }
            if socket.outboundCount < pending { hasProgress = true }
            let isDone = socket.outboundCount == 0
            if isDone, frameLength() != nil { continue }
            if isDone, hasEnded { return (.closed, hasProgress) }
            var interest: Interest = isDone ? [] : .write
            if !hasEnded, frameLength() == nil { interest.insert(.read) }
            return (.open(interest), hasProgress)
        }
    }

    private func frameLength() -> Int? { Self.frameLength(socket) }

    /// Bytes of the first message, if it is whole.
    private static func frameLength(_ socket: borrowing StreamSocket) -> Int? {
        let inbound = socket.inbound
        guard inbound.count >= 2 else { return nil }
        let length = Int(inbound[0]) << 8 | Int(inbound[1])
        return inbound.count >= 2 + length ? length : nil
    }

    /// Answers the first message; false when its sender is no client.
    private func answer(
        _ length: Int,
        _ engine: inout QueryEngine,
        _ scratch: inout [UInt8]
    ) -> Bool {
        guard length >= Limits.headerBytes else { return false }
        Self.copyFrame(length, from: socket, into: &scratch)
        socket.consume(2 + length)
        let count = engine.answer(framed: &scratch, count: length)
        guard count > 0 else { return false }
        return socket.send(scratch.span.extracting(first: 2 + count))
    }

    private static func copyFrame(
        _ length: Int,
        from socket: borrowing StreamSocket,
        into scratch: inout [UInt8]
    ) {
        let inbound = socket.inbound
        for index in 0..<2 + length { scratch[index] = inbound[index] }
    }

    /// Closes the descriptor, which is not watched any more.
    func close() { socket.close() }
}
