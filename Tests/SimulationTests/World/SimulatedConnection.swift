import ServiceModel
import ZNodeTree

/// A connection between a client and the server: two streams that know nothing of each other.
final class SimulatedConnection {
    let number: Int
    let client: Int
    /// Where the server sees it coming from; nil for one that was handed in.
    let port: UInt16?
    var toServer = ByteStream()
    var toClient = ByteStream()
    /// The client has not let go of it.
    var isClientHere = true
    /// Nothing is read until then.
    var deafUntil = Instant(nanoseconds: .min)
    let windowBytes: Int

    init(number: Int, client: Int, port: UInt16?, windowBytes: Int) {
        (self.number, self.client, self.port) = (number, client, port)
        self.windowBytes = windowBytes
    }
}

/// How an end lets go of its connection.
enum Farewell: CaseIterable {
    /// All that was sent arrives, then the other end is told.
    case orderly
    /// Some of what was sent is lost, then the other end is told.
    case abrupt
    /// Some of what was sent is lost, and the other end is never told.
    case silent
}
