import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@Suite struct ZNodePathMakingTests {
    @Test func `A14.5 paths are made of parts with or without slashes`() {
        #expect(ZNodePath.make() == "/")
        #expect(ZNodePath.make("/", "/") == "/")
        #expect(ZNodePath.make("", "") == "/")
        #expect(ZNodePath.make("", "a") == "/a")
        #expect(ZNodePath.make("/a", "b") == "/a/b")
        #expect(ZNodePath.make("a/", "/b/", "c//d/") == "/a/b/c/d")
        #expect(ZNodePath.make("//") == "/")
    }

    @Test func `A14.5 paths are taken apart`() {
        #expect(ZNodePath.components(of: "/") == [])
        #expect(ZNodePath.components(of: "/a/b") == ["a", "b"])
        #expect(ZNodePath.components(of: "//a///b/") == ["a", "b"])
        for (path, parent, name) in [("/a/b", "/a", "b"), ("/a", "/", "a"), ("/", "/", "")] {
            let parts = ZNodePath.split(path)
            #expect(parts.parent == parent)
            #expect(parts.name == name)
        }
        #expect(ZNodePath.levels(of: "/a/b/c") == ["/a", "/a/b", "/a/b/c"])
        #expect(ZNodePath.levels(of: "/") == [])
    }

    @Test func `A14.5 sequential children are sorted by their numbers`() {
        let names = ["w-0000000010", "r-0000000002", "x", "lock-0000000009", "a"]
        #expect(
            ZNodePath.sortedBySequence(names)
                == ["r-0000000002", "lock-0000000009", "w-0000000010", "a", "x"]
        )
        #expect(ZNodePath.sequenceNumber(of: "/q/0000000007") == 7)
        #expect(ZNodePath.sequenceNumber(of: "x-2147483647") == .max)
        #expect(ZNodePath.sequenceNumber(of: "x-2147483648") == .min)
        #expect(ZNodePath.sequenceNumber(of: "x2147483648") == nil)
        #expect(ZNodePath.sequenceNumber(of: "x-000000001") == -1)
        #expect(ZNodePath.sequenceNumber(of: "x+000000001") == nil)
        #expect(ZNodePath.sequenceNumber(of: "000000001") == nil)
        #expect(ZNodePath.sequenceNumber(of: "") == nil)
        for number in [Int32.min, -7, 0, 3, .max] {
            let path = ZNodePath.sequential("/q/", number: number)
            #expect(ZNodePath.sequenceNumber(of: path) == number, "\(path)")
        }
    }
}
