import Runtime
import TestSupport
import Testing

@Suite struct DirectoryLockTests {
    @Test func `a directory is one holder's, who leaves the process id`() throws {
        let directory = try TemporaryDirectory()
        var lock: DirectoryLock?
        guard case .byUs(let first) = try DirectoryLock.take(directory.path, name: "x.lock") else {
            Issue.record("nobody else has it")
            return
        }
        lock = first
        guard case .byOther(let process) = try DirectoryLock.take(directory.path, name: "x.lock")
        else {
            Issue.record("it was given twice")
            return
        }
        #expect((process ?? 0) > 0)
        #expect(lock != nil)
    }

    @Test func `a released directory can be taken again`() throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<2 {
            let taken = try DirectoryLock.take(directory.path, name: "x.lock")
            guard case .byUs = taken else {
                Issue.record("it was not released")
                return
            }
        }
    }

    @Test func `a directory that is not there is made, or the obstacle named`() throws {
        let directory = try TemporaryDirectory()
        let below = directory.path + "/some/where"
        guard case .byUs = try DirectoryLock.take(below, name: "x.lock") else {
            Issue.record("somebody has it")
            return
        }
        #expect(throws: RuntimeError.self) {
            _ = try DirectoryLock.take(below + "/x.lock/below", name: "x.lock")
        }
        let error = #expect(throws: RuntimeError.self) {
            _ = try DirectoryLock.take("/proc/none", name: "x.lock")
        }
        #expect(error?.message.hasPrefix("make the directory /proc/none: ") == true)
    }

    @Test func `a process can tell of its machine and of its descriptors`() throws {
        let facts = ProcessFacts.current()
        #expect(facts.systemName == "Linux")
        for text in [facts.hostName, facts.release, facts.userName, facts.directory] {
            #expect(!text.isEmpty)
        }
        let before = try #require(DescriptorCount.current())
        let (first, second) = try socketPair()
        let after = try #require(DescriptorCount.current())
        #expect(after.open >= 5)
        #expect(after.max >= after.open)
        #expect(before.max == after.max)
        let limits = StreamLimits(inboundBytesMax: 1, outboundBytesMax: 1)
        for descriptor in [first, second] {
            var socket = try StreamSocket(descriptor: descriptor, limits: limits)
            socket.close()
        }
    }
}
