internal import CLinux
internal import Glibc
internal import ServiceModel

/// Host names to addresses, on a blocking thread of its own.
public final class Resolver: Sendable {
    /// One for the whole process, which is never stopped.
    public static let shared = Resolver()

    private let thread: BlockingThread

    /// Starts the thread.
    public init() { thread = BlockingThread(name: "resolver") }

    /// Addresses of `localhost:2181`, `127.0.0.1:2181` or `[::1]:2181`.
    ///
    /// An address needs no look-up and does not wait for one.
    ///
    /// - Parameter text: A host and a port.
    /// - Returns: At least one address, at most 64, in the system's order of preference.
    /// - Throws: `RuntimeError` `.badArgument` for text of another form, `.unresolved` when the name has no
    ///   address, `.overloaded` when 256 look-ups wait, `.closed` after `stop`.
    public func resolve(_ text: String) async throws(RuntimeError) -> [SocketAddress] {
        guard let (host, port) = SocketAddress.split(text),
            host.utf8.count <= Limits.hostNameBytesMax, !host.utf8.contains(0)
        else { throw RuntimeError(.badArgument, "\"\(text)\" is not host:port") }
        if let ip = IPAddress(host) { return [SocketAddress(ip: ip, port: port)] }
        do {
            return try await thread.run { try Self.lookUp(host, port) }
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.unresolved, "\(host): \(error)")
        }
    }

    /// Ends the thread after the look-ups that wait.
    public func stop() { thread.stop() }

    private static func lookUp(
        _ host: String,
        _ port: UInt16
    ) throws(RuntimeError) -> [SocketAddress] {
        var found = [muster_address](
            repeating: muster_address(),
            count: Limits.addressesPerNameMax
        )
        // SAFETY: the shim writes at most as many addresses as it is told, the array's length.
        let count = unsafe muster_resolve(host, port, &found, Int32(Limits.addressesPerNameMax))
        guard count > 0 else {
            let reason = unsafe muster_resolve_message(count).map { unsafe String(cString: $0) }
            throw RuntimeError(.unresolved, "\(host): \(reason ?? "no address")")
        }
        return found.prefix(Int(count)).compactMap { SocketAddress($0) }
    }
}
