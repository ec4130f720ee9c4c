import CMicroHTTPD
import Synchronization

/// One client's event stream: parks its connection when nothing is new, and resumes it.
///
/// Step of the data flow: between the feed, which wakes it from any thread, and libmicrohttpd, which
/// asks it for bytes on its own thread. Invariant: the connection is parked exactly when the state says
/// so, since both change under one lock; libmicrohttpd keeps a parked connection until it is resumed.
final class EventStream: Sendable {
    // SAFETY: the pointer is only used under the lock that owns this value; libmicrohttpd allows suspending
    // on its own thread and resuming from any.
    @safe private struct Place: @unchecked Sendable {
        var state = StreamState()
        /// nil once libmicrohttpd is done with the connection.
        var connection: OpaquePointer?
        var subscription: EventFeed.Subscription?
    }

    private let place: Mutex<Place>

    init(connection: OpaquePointer) {
        unsafe place = Mutex(Place(connection: connection))
    }

    /// Tells the stream where its events come from; before the response is queued.
    func begin(_ subscription: EventFeed.Subscription) {
        place.withLock { $0.subscription = subscription }
    }

    /// There may be something new.
    func wake() { resume { $0.wake() } }

    /// Shows a silent client that the stream still stands.
    func beat() { resume { $0.beat() } }

    /// Lets the stream end.
    func close() { resume { $0.close() } }

    /// libmicrohttpd is done with the connection.
    func finish() {
        let subscription = place.withLock { place in
            unsafe place.connection = nil
            defer { place.subscription = nil }
            return place.subscription
        }
        subscription?.cancel()
    }

    /// Fills libmicrohttpd's block, on its thread.
    ///
    /// - Returns: What a content reader returns: bytes written, 0 when parked, or the end.
    func fill(_ block: UnsafeMutableRawBufferPointer) -> Int {
        place.withLock { place in
            let subscription = place.subscription
            let portion = place.state.take(bytesMax: block.count) {
                subscription?.next(Limits.eventsPerRead) ?? .closed(reason: "no events here")
            }
            switch portion {
            case .end: return muster_http_end
            case .bytes(let bytes):
                unsafe block.copyBytes(from: bytes)
                return bytes.count
            case .park:
                // SAFETY: this is the connection that libmicrohttpd asks for, so it lives.
                unsafe MHD_suspend_connection(place.connection)
                return 0
            }
        }
    }

    private func resume(_ change: (inout StreamState) -> Bool) {
        place.withLock { place in
            guard change(&place.state), let connection = unsafe place.connection else { return }
            // SAFETY: a parked connection is not freed, and `finish` forgets it before it is.
            unsafe MHD_resume_connection(connection)
        }
    }
}
