import Membership
import ServiceModel
import Testing
import ZooKeeperProtocol

/// DDNS domains in the aggregator's engine.
@Suite struct AggregatorDomainTests {
    private let domain = Paths.domain("server.app1.company1.com")

    private func live() -> Aggregation {
        var run = Aggregation(MembershipConfiguration(hearsSessionEnds: true))
        run.registry.make(domain, data: "10.0.0.1:80\n10.0.0.2:81")
        run.connect()
        run.settle()
        return run
    }

    @Test func `A5.1 a domain's list is its instances`() {
        var run = live()
        let name = "server.app1.company1.com"
        #expect(
            run.takeStory() == [
                "appeared \(name)", "joined \(name) 10.0.0.1:80", "joined \(name) 10.0.0.2:81",
            ]
        )
        let service = run.view.services[ServiceName(.domain, name)]
        #expect(service?.instances.values.map(\.application) == ["app1", "app1"])
    }

    @Test func `A5.3 a changed list is a difference, not a new set`() {
        var run = live()
        _ = run.takeDeltas()
        run.registry.change(.set(domain, data: "10.0.0.2:81 10.0.0.3"))
        run.settle()
        let name = "server.app1.company1.com"
        #expect(
            run.takeStory() == ["joined \(name) 10.0.0.3", "left \(name) 10.0.0.1:80 replaced"]
        )
        run.registry.change(.set(domain, data: "10.0.0.3,10.0.0.2:81"))
        run.settle()
        #expect(run.takeStory() == [])
    }

    @Test func `bad entries are a rejection and the rest stands`() {
        var run = live()
        _ = run.takeDeltas()
        run.registry.change(.set(domain, data: "10.0.0.1:80 nonsense 10.0.0.2:81 worse"))
        run.settle()
        #expect(run.takeStory() == ["rejected \(domain): not ip or ip:port"])
        run.registry.change(.set(domain, data: "10.0.0.1:80 10.0.0.2:81"))
        run.settle()
        #expect(run.takeStory() == ["accepted \(domain)"])
    }

    @Test func `ephemeral entries come and go with their sessions`() {
        var run = live()
        _ = run.takeDeltas()
        run.registry.make(domain + "/a", data: "10.0.0.5:80", owner: 5)
        run.registry.make(domain + "/10.0.0.6:80", owner: 6)
        run.registry.make(domain + "/b", data: "bad", owner: 6)
        run.settle()
        let name = "server.app1.company1.com"
        #expect(
            run.takeStory() == [
                "joined \(name) 10.0.0.5:80", "joined \(name) 10.0.0.6:80",
                "rejected \(domain)/b: not ip or ip:port",
            ]
        )
        run.registry.end(session: 5, .expired, tellsFacts: true)
        run.registry.end(session: 6, .closed, tellsFacts: true)
        run.settle()
        #expect(
            run.takeStory() == [
                "left \(name) 10.0.0.5:80 expired", "left \(name) 10.0.0.6:80 closed",
                "accepted \(domain)/b",
            ]
        )
    }

    @Test func `an address in the list and in an entry leaves with the last of them`() {
        var run = live()
        run.registry.make(domain + "/a", data: "10.0.0.1:80", owner: 5)
        run.settle()
        _ = run.takeDeltas()
        run.registry.end(session: 5, .expired, tellsFacts: true)
        run.settle()
        let name = "server.app1.company1.com"
        #expect(run.takeStory() == ["changed \(name) 10.0.0.1:80 to a newer znode"])
        run.registry.change(.set(domain, data: ""))
        run.settle()
        #expect(
            run.takeStory() == [
                "left \(name) 10.0.0.1:80 replaced", "left \(name) 10.0.0.2:81 replaced",
            ]
        )
        run.registry.change(.delete(domain))
        run.settle()
        #expect(run.takeStory() == ["vanished \(name)"])
    }

    @Test func `of two applications that claim a domain the older one counts`() {
        var run = live()
        _ = run.takeDeltas()
        let name = "server.app1.company1.com"
        let other = Paths.domain(name.uppercased(), app: "app2")
        run.registry.make(other, data: "10.0.0.2:81 10.0.0.9")
        run.registry.make(other + "/a", data: "10.0.0.8", owner: 5)
        run.settle()
        #expect(run.takeStory() == ["rejected \(other): \(domain) claimed the domain before"])
        run.registry.change(.delete(domain))
        run.settle()
        let story = run.takeStory()
        #expect(story.contains("left \(name) 10.0.0.1:80 deleted"))
        #expect(story.contains("accepted \(other)"))
        #expect(!story.contains { $0.hasPrefix("left \(name) 10.0.0.2") })
        #expect(run.view.instanceCount == 3)
        let endpoints = run.view.services[ServiceName(.domain, name)]?.instances.values
            .map(\.id.endpoint.description)
        #expect(Set(endpoints ?? []) == ["10.0.0.2:81", "10.0.0.9", "10.0.0.8"])
    }

    @Test func `a name that DNS cannot carry is a rejection`() {
        var run = live()
        _ = run.takeDeltas()
        let bad = Paths.domain("not a domain")
        run.registry.make(bad, data: "10.0.0.1")
        run.settle()
        #expect(
            run.takeStory() == [
                "appeared not a domain", "rejected \(bad): label is not letters, digits, - and _",
            ]
        )
    }
}
