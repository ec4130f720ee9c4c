import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct WatchRouterTests {
    /// A router whose actions are read as words.
    private struct Rig {
        var router = WatchRouter()
        var asked: [WatchRouter.Actions.Asked] = []

        /// What subscribers were told since the last call: `1 established`, `2 nodeCreated /a`.
        mutating func told() -> [String] {
            let actions = router.takeActions()
            asked += actions.requests
            return actions.deliveries.map { delivery in
                switch delivery {
                case .established(let number): "\(number) established"
                case .element(let number, .event(let event)):
                    "\(number) \(event.type) \(event.path)"
                case .element(let number, .resync(let cause)): "\(number) resync \(cause)"
                case .ended(let number, let error): "\(number) ended \(error?.message ?? "well")"
                }
            }
        }

        /// The requests since the last call.
        mutating func takeRequests() -> [Request] {
            asked += router.takeActions().requests
            defer { asked = [] }
            return asked.map(\.request)
        }

        mutating func answer(_ result: Result<Response, ZooKeeperError> = .success(.error(.ok))) {
            asked += router.takeActions().requests
            let all = asked
            asked = []
            for one in all { router.take(result, tag: one.tag) }
        }

        /// Answers from a tree until nothing more is asked.
        mutating func serve(_ tree: inout ModelTree) -> [String] {
            var all = told()
            while !asked.isEmpty {
                let batch = asked
                asked = []
                for one in batch { router.take(tree.answer(one.request), tag: one.tag) }
                all += told()
            }
            return all
        }

        mutating func fire(_ type: WatchEvent.Kind, _ path: String) -> [String] {
            router.take(WatchEvent(type, path: path))
            return told()
        }

        mutating func oneShot(
            _ number: UInt64,
            _ path: String,
            _ kind: WatchRouter.OneShotKind,
            _ result: Result<Response, ZooKeeperError> = .success(.empty)
        ) {
            let covered = router.covers(path)
            router.expect(number, .init(path: path, kind: kind, isCovered: covered), call: number)
            router.answered(call: number, result)
        }
    }

    private func add(_ path: String, _ mode: AddWatchRequest.Mode) -> Request {
        .addWatch(AddWatchRequest(path: path, mode: mode))
    }

    @Test func `watches of one path share the widest at the server, and each sees its own`() {
        var rig = Rig()
        rig.router.subscribe(1, "/a", .persistent)
        #expect(rig.told() == [])
        #expect(rig.takeRequests() == [add("/a", .persistent)])
        rig.router.take(.success(.error(.ok)), tag: 1)
        #expect(rig.told() == ["1 established"])
        rig.router.subscribe(2, "/a", .persistentRecursive)
        #expect(rig.told() == [])
        #expect(rig.asked.map(\.request) == [add("/a", .persistentRecursive)])
        rig.answer()
        #expect(rig.told() == ["2 established"])
        rig.router.subscribe(3, "/a", .persistent)
        #expect(rig.told() == ["3 established"])
        #expect(
            rig.fire(.nodeCreated, "/a/b")
                == ["2 nodeCreated /a/b", "1 nodeChildrenChanged /a", "3 nodeChildrenChanged /a"]
        )
        // A server that keeps both watches says so too.
        #expect(rig.fire(.nodeChildrenChanged, "/a") == [])
        #expect(rig.fire(.nodeDataChanged, "/a/b") == ["2 nodeDataChanged /a/b"])
        #expect(
            rig.fire(.nodeDataChanged, "/a")
                == ["1 nodeDataChanged /a", "3 nodeDataChanged /a", "2 nodeDataChanged /a"]
        )
        #expect(rig.fire(.nodeCreated, "/ab") == [])
        rig.router.forget(1, "/a")
        rig.router.forget(2, "/a")
        #expect(rig.takeRequests() == [])
        rig.router.forget(3, "/a")
        #expect(
            rig.takeRequests() == [.removeWatches(WatcherRequest(path: "/a", type: .any))]
        )
    }

    @Test func `after a reconnect and after an expiry each is told why to read again`() {
        var rig = Rig()
        rig.router.subscribe(1, "/a", .persistentRecursive)
        rig.answer()
        #expect(rig.told() == ["1 established"])
        rig.router.connected()
        #expect(rig.told() == ["1 resync reconnected"])
        #expect(rig.takeRequests() == [])
        rig.router.expired()
        rig.router.connected()
        #expect(rig.told() == [])
        #expect(rig.asked.map(\.request) == [add("/a", .persistentRecursive)])
        rig.answer()
        #expect(rig.told() == ["1 resync expired"])
    }

    @Test func `a watch lost on its way is asked for again, one that cannot be sent fails`() {
        var rig = Rig()
        rig.router.subscribe(1, "/a", .persistent)
        rig.answer(.failure(ZooKeeperError(.outcomeUnknown, "gone")))
        #expect(rig.told() == [])
        rig.router.connected()
        rig.answer()
        #expect(rig.told() == ["1 established"])
        rig.router.subscribe(2, "/b", .persistent)
        rig.answer(.failure(ZooKeeperError(.notSent, "nobody")))
        #expect(rig.told() == ["2 ended nobody"])
        rig.router.connected()
        #expect(rig.told() == ["1 resync reconnected"])
        #expect(rig.takeRequests() == [])
    }

    @Test func `one-shot watches fire once, for what they are about`() {
        var rig = Rig()
        rig.oneShot(1, "/a", .data)
        rig.oneShot(2, "/a", .children)
        rig.oneShot(3, "/no", .existence, .failure(ZooKeeperError(refused: .noNode, "/no")))
        rig.oneShot(4, "/no", .data, .failure(ZooKeeperError(refused: .noNode, "/no")))
        #expect(
            rig.fire(.nodeChildrenChanged, "/a") == ["2 nodeChildrenChanged /a", "2 ended well"]
        )
        #expect(rig.fire(.nodeDeleted, "/a") == ["1 nodeDeleted /a", "1 ended well"])
        #expect(rig.fire(.nodeCreated, "/no") == ["3 nodeCreated /no", "3 ended well"])
        #expect(rig.fire(.nodeCreated, "/no") == [])
        rig.oneShot(5, "/a", .data)
        rig.router.expired()
        #expect(rig.told() == ["5 resync expired", "5 ended well"])
        #expect(rig.router.count == 0)
    }

    @Test func `a one-shot watch beside a persistent one lives on it`() {
        var rig = Rig()
        rig.router.subscribe(1, "/a", .persistentRecursive)
        rig.answer()
        _ = rig.told()
        rig.oneShot(2, "/a", .children)
        rig.router.forget(1, "/a")
        // The server's watch stays as long as the one-shot one needs it.
        #expect(rig.takeRequests() == [])
        #expect(
            rig.fire(.nodeCreated, "/a/b") == ["2 nodeChildrenChanged /a", "2 ended well"]
        )
        #expect(rig.asked.map(\.request) == [.removeWatches(.init(path: "/a", type: .any))])
        rig.router.subscribe(3, "/c", .persistent)
        rig.answer()
        rig.oneShot(4, "/c", .data)
        _ = rig.told()
        // Persistent watches tell nothing of what happened meanwhile, so this one has fired.
        rig.router.connected()
        #expect(
            rig.told() == ["3 resync reconnected", "4 resync reconnected", "4 ended well"]
        )
    }

    @Test func `a server without persistent watches is read instead, from then on`() {
        for isSilent in [false, true] {
            var rig = Rig()
            rig.router.subscribe(1, "/a", .persistent)
            if isSilent {
                for _ in 0..<Limits.addWatchLossesMax {
                    #expect(rig.told() == [])
                    rig.answer(.failure(ZooKeeperError(.outcomeUnknown, "closed")))
                    rig.router.connected()
                }
            } else {
                rig.answer(.failure(ZooKeeperError(refused: .unimplemented, "addWatch")))
            }
            var tree = ModelTree()
            _ = tree.create("/a")
            #expect(rig.serve(&tree) == ["1 established"])
            for event in tree.create("/a/b") { rig.router.take(event) }
            #expect(rig.serve(&tree) == ["1 nodeChildrenChanged /a"])
            rig.router.subscribe(2, "/b", .persistentRecursive)
            _ = rig.told()
            #expect(rig.asked.map(\.request.opCode) == [.exists])
        }
    }

    @Test func `a watch that a server refuses to set again says so, and the end is told to all`() {
        var rig = Rig()
        rig.router.subscribe(1, "/a", .persistent)
        rig.router.subscribe(2, "/b", .persistent)
        rig.answer()
        rig.oneShot(3, "/c", .data)
        _ = rig.told()
        rig.router.expired()
        _ = rig.told()
        rig.router.connected()
        rig.asked += rig.router.takeActions().requests
        rig.router.take(.failure(ZooKeeperError(refused: .noAuth, "/a")), tag: rig.asked[0].tag)
        #expect(rig.told() == ["1 ended /a: NOAUTH"])
        rig.router.closed(ZooKeeperError(.authFailed, "refused"))
        #expect(rig.told() == ["2 ended refused"])
        #expect(rig.router.count == 0)
    }
}
