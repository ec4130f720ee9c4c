internal import CLinux
internal import Glibc

/// A UDP socket for one plain thread that blocks in `receive`; several may share one address.
///
/// The kernel spreads clients over all sockets of a shared address (SO_REUSEPORT). Path MTU discovery
/// is off (IP_PMTUDISC_OMIT), so that forged ICMP cannot shrink answers. On an unspecified address the
/// reply leaves from the address that was asked. Sendable: the descriptor never changes before `deinit`.
public final class DatagramSocket: Sendable {
    /// Whether other sockets may have the same address.
    public enum PortUse: Sendable {
        /// None may.
        case alone
        /// All those of this user that say so too.
        ///
        /// The kernel then also gives the port to clients that ask for any free one and allow sharing, as
        /// dig does: 1 of 28,000 questions to a port of the ephemeral range ends at the asker itself.
        case shared
    }

    /// The descriptor.
    public let descriptor: Int32
    /// The address it is bound to, with the port that the kernel chose.
    public let localAddress: SocketAddress

    /// Binds to an address; port 0 takes any free one.
    ///
    /// - Parameters:
    ///   - address: Of this machine.
    ///   - use: `.shared` for each of several sockets on one address, the first included.
    /// - Throws: `RuntimeError` `.addressInUse`, `.exhausted` or `.system`.
    public init(on address: SocketAddress, _ use: PortUse = .alone) throws(RuntimeError) {
        var kernel = address.kernel
        let bytes = Int32(Limits.datagramBufferBytes)
        // SAFETY: the struct is read during the call only.
        descriptor = unsafe muster_udp_open(&kernel, use == .shared ? 1 : 0, bytes, bytes)
        guard descriptor >= 0 else { throw RuntimeError("bind \(address)", failure: descriptor) }
        // SAFETY: the kernel fills one address struct, which outlives the call.
        _ = unsafe muster_local_address(descriptor, &kernel)
        localAddress = SocketAddress(kernel) ?? address
    }

    deinit { _ = muster_close(descriptor) }

    /// Blocks until at least one datagram is there, then takes what else has arrived.
    ///
    /// After `wake` it returns at once, for ever, with empty messages: look at your own stop mark.
    ///
    /// - Returns: How many messages of the batch are filled; 0 after a signal or a passing error.
    /// - Throws: `RuntimeError` `.system` when the socket is of no more use.
    public func receive(into batch: inout DatagramBatch) throws(RuntimeError) -> Int {
        let count = batch.receive(from: descriptor)
        guard count < 0 else { return count }
        switch Int32(-count) {
        case EBADF, EFAULT, ENOTSOCK, EINVAL:
            throw RuntimeError("receive on \(localAddress)", failure: Int32(count))
        default: return 0
        }
    }

    /// Sends messages `0..<count` back to where they came from, except those of length 0.
    ///
    /// A message that the kernel refuses is stepped over.
    ///
    /// - Returns: How many left.
    public func send(_ batch: inout DatagramBatch, count: Int) -> Int {
        batch.send(to: descriptor, count: count)
    }

    /// Wakes the thread that is blocked in `receive`, and each later call.
    public func wake() { _ = muster_shutdown_read(descriptor) }
}
