import Console
import Membership
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import ZooKeeperServer

// MARK: Start

extension Daemon {
    /// The view that the last run left behind; what cannot be used is told of, and changes nothing.
    func readView() async -> MembershipView? {
        do {
            return try await keeper.read()
        } catch {
            log.warning(
                "\(options.directory)/\(ViewFile.name): \(error); it is not used, and stays until "
                    + "the registry was read"
            )
            return nil
        }
    }

    /// Starts what is embedded; shows what was known before where the registry is not at hand.
    ///
    /// - Parameter remembered: The view of an earlier run.
    /// - Returns: The embedded registry's address; nil where there is none.
    /// - Throws: Whatever keeps it from being started.
    func startRegistry(_ remembered: MembershipView?) async throws -> SocketAddress? {
        guard let registry else {
            if let remembered { await aggregator.remember(remembered) }
            return nil
        }
        return try await listening("registry.listen") {
            do throws(RegistryError) {
                return try await registry.start()
            } catch {
                guard error.code == .storage, let remembered, !remembered.services.isEmpty
                else { throw error }
                await serveAlone(without: error, remembered)
                return nil
            }
        }
    }

    /// The store cannot be read: names are still answered, as in any outage of the registry.
    func serveAlone(without cause: RegistryError, _ remembered: MembershipView) async {
        outage.withLock { $0 = cause.message }
        log.error("\(cause)")
        log.error("the registry is not served; DNS goes on with what was last known")
        await aggregator.remember(remembered)
    }
}

extension Daemon {
    /// Starts a part that listens; where it cannot, the error names the key and the way out.
    func listening<Address>(
        _ key: String,
        _ start: () async throws -> Address
    ) async throws -> Address {
        do {
            return try await start()
        } catch {
            if let error = error as? RegistryError, error.code == .storage {
                throw StartError(message: "\(error)")
            }
            let cause = (error as? ConsoleError)?.cause ?? (error as? RegistryError)?.cause
            let system = (error as? RuntimeError) ?? cause as? RuntimeError
            let what = error is ConsoleError ? "\(error): " : ""
            log.error("\(key): \(system.map { what + "\($0)" } ?? "\(error)")")
            throw StartError(message: "\(key): \(advice(system?.code, key))")
        }
    }

    /// What to do about an address that cannot be had.
    func advice(_ code: RuntimeError.Code?, _ key: String) -> String {
        switch code {
        case .notPermitted?:
            "ports below 1024 need a right to them: AmbientCapabilities=CAP_NET_BIND_SERVICE in its "
                + "systemd unit, or choose another: --set \(key)=127.0.0.1:1053"
        case .addressNotHere?:
            "the machine has no such address; `ip address` lists those it has, and "
                + "--set \(key)=ADDRESS:PORT takes one of them"
        case .nameTooLong?:
            "the control socket stands in the data directory, and its path may have 107 bytes: "
                + "name a shorter one with --data DIR"
        default:
            "end what has it (another musterd? a ZooKeeper: systemctl stop zookeeper), or choose "
                + "another: --set \(key)=127.0.0.1:0 takes any free port, --data DIR has its own socket"
        }
    }
}

extension Daemon {
    /// A connection needs a descriptor, and the usual limit of 1,024 is far below what the registry takes.
    func raiseDescriptorLimit() {
        guard registry != nil else { return }
        let wanted = Limits.descriptorsWanted
        let limit = DescriptorLimit.raise(to: wanted)
        guard limit < wanted else { return }
        log.warning(
            "only \(limit) descriptors may be open, so the registry takes fewer than 10,000 connections; "
                + "raise the hard limit to \(wanted): LimitNOFILE=\(wanted), or ulimit -Hn \(wanted)"
        )
    }
}
