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
        var reason = reason
        for (index, address) in addresses.enumerated() {
            do throws(RuntimeError) {
                let socket = try StreamSocket.connect(to: address, limits: SessionConnection.limits)
                let new = SessionConnection(socket, attempt: number)
                new.addressesLeft = Array(addresses[(index + 1)...])
                try loop.register(
                    new.socket.descriptor,
                    interest: .write,
                    handler: self,
                    token: number
                )
                connection = new
                return
            } catch {
                reason = error.message
            }
        }
        engine.connectionLost(attempt: number, reason: reason, now: loop.now)
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
}
