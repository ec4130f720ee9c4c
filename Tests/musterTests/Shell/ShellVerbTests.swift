import Testing
import ZooKeeperProtocol

@testable import muster

@Suite struct ShellVerbTests {
    private func parsed(_ line: String) throws -> ParsedShellCommand {
        try ShellVerb.command(ShellWords.split(line))
    }

    private func failure(_ line: String) -> ShellFailure? {
        do throws(ShellFailure) {
            _ = try ShellVerb.command(ShellWords.split(line))
            return nil
        } catch {
            return error
        }
    }

    @Test func `A12.2 create has all modes, in either order of its options`() throws {
        for (line, mode) in [
            ("create /a", CreateMode.persistent), ("create -e /a", .ephemeral),
            ("create -s /a", .persistentSequential), ("create -s -e /a", .ephemeralSequential),
            ("create -es /a", .ephemeralSequential), ("create /a -c", .container),
        ] {
            let wanted = ShellCommand.create(path: "/a", data: nil, acl: nil, mode: mode, ttl: nil)
            #expect(try parsed(line).command == wanted, "\(line)")
        }
        let wanted = ShellCommand.create(
            path: "/a",
            data: Array("x".utf8),
            acl: [ACL([.read, .admin], scheme: "digest", id: "u:h")],
            mode: .persistentSequentialTTL,
            ttl: 5
        )
        #expect(try parsed("create -s -t 5 /a x digest:u:h:ra").command == wanted)
        #expect(failure("create")?.message == "create [-s] [-e] [-c] [-t ttl] path [data] [acl]")
        #expect(failure("create -t 0 /a")?.message.hasSuffix("larger than: 1099511627775") == true)
        #expect(failure("create -t x /a")?.message == "-t argument must be a long value")
    }

    @Test func `A12.6 A12.7 the version stands behind an option, or where it did of old`()
        throws
    {
        let set = ShellCommand.set(path: "/a", data: [120], version: 7, hasStat: false)
        #expect(try parsed("set /a x 7").command == set)
        #expect(try parsed("set -v 7 /a x").command == set)
        let delete = try parsed("delete /a 7")
        #expect(delete.command == .delete(path: "/a", version: 7))
        #expect(delete.notices.count == 1)
        #expect(try parsed("delete -v 7 /a") == ParsedShellCommand(command: delete.command))
        #expect(failure("set -v x /a x")?.message == "version must be a number: x")
        #expect(failure("delete /a x")?.status == 1)
    }

    @Test(arguments: ["get", "ls", "stat", "ls2"])
    func `A12.3 A12.4 A12.5 A12.9 any word behind the path sets a watch`(name: String) throws {
        let old = try parsed("\(name) /a 1")
        let new = try parsed("\(name) -w /a")
        #expect(old.command == new.command)
        #expect(old.notices.first?.contains("has been deprecated") == true)
    }

    @Test func `A12.10 quotas check their numbers as zkCli does`() throws {
        var limits = QuotaText.unlimited
        limits[QuotaText.bytesHard] = 0
        #expect(try parsed("setquota -B 0 /a").command == .setQuota(path: "/a", limits: limits))
        #expect(
            failure("setquota -n 0 /a")
                == ShellFailure("the num quota must be greater than zero", status: 0)
        )
        #expect(failure("setquota -b -1 /a")?.message.contains("or equal to zero") == true)
        #expect(failure("setquota -n 4294967296 /a")?.message.contains("NumberFormat") == true)
        #expect(failure("setquota -n 1 /zookeeper/quota/a")?.message.contains("cannot set") == true)
        #expect(
            try parsed("delquota -N /a").command
                == .deleteQuota(path: "/a", keys: [QuotaText.countHard])
        )
    }

    @Test func `A12.19 every command of both versions is known, and the list is 3.8's`() {
        let old = [
            "connect", "get", "ls", "set", "rmr", "delquota", "quit", "printwatches", "create",
            "stat", "close", "ls2", "history", "listquota", "setAcl", "getAcl", "sync", "redo",
            "addauth", "delete", "setquota",
        ]
        let names = ShellVerb.all.map(\.name)
        #expect(old.filter { !names.contains($0) } == [])
        let listed = ShellVerb.usageText.split(separator: "\n").dropFirst()
        #expect(listed.count == 28)
        #expect(listed.first?.hasPrefix("\taddWatch ") == true)
        #expect(listed.last == "\twhoami ")
        #expect(failure("foo")?.status == 127)
        let sentence = "Command not found: Command not found foo"
        #expect(failure("foo")?.message.hasSuffix(sentence) == true)
    }

    @Test func `reconfig takes one way of change`() throws {
        #expect(failure("reconfig")?.message.hasPrefix("reconfig [-s]") == true)
        #expect(failure("reconfig -add x -members y")?.message.contains("not allowed") == true)
        #expect(failure("reconfig -remove 1 -v z")?.message.hasPrefix("-v must") == true)
        guard case .reconfigure(let request, _) = try parsed("reconfig -remove A -v 1f").command
        else {
            Issue.record("no reconfig")
            return
        }
        #expect(request.leavingServers == "a")
        #expect(request.currentConfigID == 31)
    }
}
