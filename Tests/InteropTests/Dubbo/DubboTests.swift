import Foundation
import TestSupport
import Testing

/// Dubbo programs in Python, with the packages of others, find each other through `musterd`.
///
/// Covers A4.1, A4.2, A4.3, A4.4 and A1.4.
@Suite(.timeLimit(.minutes(5))) struct DubboTests {
    @Test(.needs(.apacheDubbo, .zooKeeperServer))
    func `A4.4 apache-dubbo's consumer follows its providers as on ZooKeeper 3.8`() async throws {
        let pair = try await SideBySide(tickMilliseconds: 100)
        let lines = try await pair.sameLines { address in
            [Peer.apacheDubboPython, "-B", Checkout.script("apache_dubbo.py"), address]
        }
        for line in [
            "  = tri://127.0.0.1:PORT-1?service=org.apache.dubbo.samples.HelloWorld",
            "called: hello from PORT-1, world", "calls reach both", "calls reach the second only",
        ] { #expect(lines.contains { $0.hasSuffix(line) }, "\(line)") }
        await pair.stop()
    }

    @Test(.needs(.dubboPython, .zooKeeperServer))
    func `A4.3 dubbo-python's consumer registers, and follows providers as on ZooKeeper 3.8`()
        async throws
    {
        let pair = try await SideBySide(tickMilliseconds: 100)
        let lines = try await pair.sameLines { address in
            [Peer.dubboPythonPython, "-B", Checkout.script("dubbo_python.py"), address]
        }
        for line in [
            "called: hello from PORT-1, world",
            "/dubbo/com.example.api.GreeterService/consumers has 1",
            "hosts ['127.0.0.1:PORT-2'] called: hello from PORT-2, again",
            "left [0, 0]",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }

    @Test(.needs(.apacheDubbo, .dubboPython, .dig))
    func `A4.2 what they register is in the service list and in dig, and what died is not`()
        async throws
    {
        let daemon = try await Daemon(settings: ["registry.tickTime=100"])
        let (one, two) = (try ZooKeeperServer.freePort(), try ZooKeeperServer.freePort())
        let apache = try Program([
            Peer.apacheDubboPython, "-B", Checkout.script("apache_dubbo.py"), daemon.registry,
            "provide", "\(one)",
        ])
        let python = try Program([
            Peer.dubboPythonPython, "-B", Checkout.script("dubbo_python.py"), daemon.registry,
            "provide", "\(two)",
        ])
        let ready = await eventually { apache.output + python.output == "ready\nready\n" }
        try #require(ready, "\(apache.errors) \(python.errors)")
        let world = "org.apache.dubbo.samples.HelloWorld"
        let greeter = "com.example.api.GreeterService"
        for (service, port) in [(world, one), (greeter, two)] {
            let name = "\(service).dubbo.muster.internal"
            let answered = try await eventually {
                try await Dig(daemon.dns, name, "SRV").answers.contains { $0.contains(" \(port) ") }
            }
            #expect(answered, "\(name)")
            let shown = try await daemon.muster("service", "show", service)
            #expect(shown.output.contains("127.0.0.1:\(port)"), "\(shown)")
        }
        apache.signal(SIGKILL)
        python.closeInput()
        for name in [world, greeter].map({ "\($0).dubbo.muster.internal" }) {
            let empty = try await eventually {
                try await Dig(daemon.dns, name, "SRV").answers.isEmpty
            }
            #expect(empty, "\(name)")
        }
        #expect(await daemon.stop().status == 0)
    }
}
