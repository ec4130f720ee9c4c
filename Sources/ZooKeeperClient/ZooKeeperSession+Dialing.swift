internal import Runtime

// From a server of the configuration to a connection.
extension ZooKeeperSession {
    // MARK: Names

    /// Looks up a server's addresses; the engine is told, however long that takes.
    func lookUp(_ server: Int) {
        guard case .hosts(let hosts) = configuration.servers else {
            fatalError("a look-up of server \(server), and servers have no names")
        }
        resolve(hosts[server]) { [self] outcome in
            // A loop that has stopped has no use for it.
            loop.post { self.assumeIsolated { $0.lookedUp(server, outcome) } }
        }
    }

    private func lookedUp(_ server: Int, _ outcome: Resolver.Outcome) {
        switch outcome {
        case .success(let addresses):
            found[server] = Array(addresses.prefix(Limits.addressesPerHostMax))
            engine.lookedUp(server: server, failure: nil, now: loop.now)
        case .failure(let error):
            engine.lookedUp(server: server, failure: error.message, now: loop.now)
        }
        drain()
    }

    // MARK: Connections

    /// Begins an attempt.
    func connect(_ attempt: UInt64, _ server: Int) {
        switch configuration.servers {
        case .hosts: tryNext(found.removeValue(forKey: server) ?? [], attempt, reason: "no address")
        case .descriptor: attemptsInput.yield(attempt)
        }
    }

    /// Starts to connect to the first address that does not fail at once.
    func tryNext(_ addresses: [SocketAddress], _ number: UInt64, reason: String) {
        switch start(addresses, reason, { SessionConnection($0, attempt: number) }) {
        case .dialing(let started): connection = started
        case .failed(let reason):
            engine.connectionLost(attempt: number, reason: reason, now: loop.now)
        }
    }

    /// A dialled connection is there, or its attempt has failed.
    func dialed(_ connection: SessionConnection) {
        if let failure = connection.dialFailure {
            drop()
            tryNext(connection.addressesLeft, connection.attempt, reason: failure)
            return
        }
        connection.isDialing = false
        loop.modify(connection.socket.descriptor, interest: .read)
        engine.connectionOpened(attempt: connection.attempt, now: loop.now)
    }

    // MARK: Descriptors

    /// Has a descriptor made, and takes it over.
    func obtain(_ attempt: UInt64) async {
        guard case .descriptor(let make) = configuration.servers else { return }
        do {
            let descriptor = try await make()
            adopt(descriptor, attempt)
        } catch {
            engine.connectionLost(attempt: attempt, reason: "\(error)", now: loop.now)
        }
        drain()
    }

    private func adopt(_ descriptor: Int32, _ number: UInt64) {
        do throws(RuntimeError) {
            let socket = try StreamSocket(descriptor: descriptor, limits: SessionConnection.limits)
            // The engine may have given the attempt up while the descriptor was made.
            guard number == engine.attempt, case .dialing = engine.phase else { return }
            let new = SessionConnection(socket, attempt: number)
            new.isDialing = false
            try loop.register(new.socket.descriptor, interest: .read, handler: self, token: number)
            connection = new
            engine.connectionOpened(attempt: number, now: loop.now)
        } catch {
            engine.connectionLost(attempt: number, reason: error.message, now: loop.now)
        }
    }

    // MARK: Probes

    /// Asks a server, on a connection beside the session's, whether it takes writes.
    func ask(_ server: Int, _ number: UInt64) {
        dropProbe()
        ask(found.removeValue(forKey: server) ?? [], number)
    }

    private func ask(_ addresses: [SocketAddress], _ number: UInt64) {
        switch start(addresses, "no address", { SessionConnection($0, probe: number) }) {
        case .dialing(let started): probe = started
        case .failed: engine.probeEnded(number, isWritable: false, now: loop.now)
        }
    }

    /// Something came of a probe: `rw` is what it is after (ZooKeeper 3.8 IsroCommand).
    func takeEvent(of probe: SessionConnection) {
        guard !probe.isDialing else {
            probeDialed(probe)
            return
        }
        switch probe.socket.fill() {
        case .received where probe.socket.inboundCount < 2, .wouldBlock: return
        case .received, .full:
            endProbe(
                isWritable: probe.socket.withInbound {
                    $0[0] == UInt8(ascii: "r") && $0[1] == UInt8(ascii: "w")
                }
            )
        case .end, .failed: endProbe(isWritable: false)
        }
    }

    private func probeDialed(_ probe: SessionConnection) {
        guard probe.dialFailure == nil else {
            dropProbe()
            ask(probe.addressesLeft, probe.attempt)
            return
        }
        probe.isDialing = false
        loop.modify(probe.socket.descriptor, interest: .read)
        guard probe.socket.send(Array("isro".utf8)), probe.socket.flush() == .done else {
            endProbe(isWritable: false)
            return
        }
    }

    private func endProbe(isWritable: Bool) {
        guard let number = probe?.attempt else { return }
        dropProbe()
        engine.probeEnded(number, isWritable: isWritable, now: loop.now)
    }

    /// Lets go of the probe, if there is one.
    func dropProbe() {
        guard let last = probe else { return }
        probe = nil
        loop.deregister(last.socket.descriptor)
        last.socket.close()
    }

    // MARK: Both

    private enum Start {
        case dialing(SessionConnection)
        case failed(String)
    }

    private func start(
        _ addresses: [SocketAddress],
        _ reason: String,
        _ make: (consuming StreamSocket) -> SessionConnection
    ) -> Start {
        var reason = reason
        for (index, address) in addresses.enumerated() {
            do throws(RuntimeError) {
                let new = make(
                    try StreamSocket.connect(to: address, limits: SessionConnection.limits)
                )
                new.addressesLeft = Array(addresses[(index + 1)...])
                try loop.register(
                    new.socket.descriptor,
                    interest: .write,
                    handler: self,
                    token: new.token
                )
                return .dialing(new)
            } catch {
                reason = error.message
            }
        }
        return .failed(reason)
    }
}
