import Glibc
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@testable import muster

@Suite struct ShellTextTests {
    @Test func `A12.9 a stat has eleven lines in zkCli's order`() {
        let stat = Stat(
            czxid: 10,
            mzxid: -1,
            ctime: 0,
            mtime: 1,
            version: 2,
            cversion: 3,
            aversion: 4,
            ephemeralOwner: 255,
            dataLength: 5,
            numChildren: 6,
            pzxid: 11
        )
        #expect(
            StatText.lines(stat) { "T\($0)" } == [
                "cZxid = 0xa", "ctime = T0", "mZxid = 0xffffffffffffffff", "mtime = T1",
                "pZxid = 0xb", "cversion = 3", "dataVersion = 2", "aclVersion = 4",
                "ephemeralOwner = 0xff", "dataLength = 5", "numChildren = 6",
            ]
        )
    }

    @Test func `times are Java's, and zones without letters are distances`() throws {
        let text = JavaDate.text(1_790_000_000_999)
        let pattern = /(Mon|Tue) Sep 2[12] [0-9]{2}:[0-9]{2}:20 [^ ]+ 2026/
        #expect(try pattern.wholeMatch(in: text) != nil, "\(text)")
        #expect(JavaDate.javaZone("+0330") == "GMT+03:30")
        #expect(JavaDate.javaZone("-03") == "GMT-03:00")
        #expect(JavaDate.javaZone("CET") == "CET")
    }

    @Test func `A12.13 access lists are read and printed with letters cdrwa`() {
        let parsed = ACLText.parse("world:anyone:cdrwa,foo,digest:a:b:rx,")
        #expect(
            parsed.acl == [
                ACL(.all, scheme: "world", id: "anyone"), ACL(.read, scheme: "digest", id: "a:b"),
            ]
        )
        #expect(
            parsed.notices == [
                "foo does not have the form scheme:id:perm", "Unknown perm type: x",
            ]
        )
        #expect(ACLText.parse("").notices == [" does not have the form scheme:id:perm"])
        #expect(
            ACLText.lines(ACL([.admin, .create, .read], scheme: "x", id: "a,b%}\n"))
                == ["'x,'a%2Cb%25%7D%0A", ": cra"]
        )
    }

    @Test func `A12.10 A12.11 a quota keeps the old keys first and others by name`() throws {
        let text = "count=5,bytes=-1=;byteHardLimit=7;countHardLimit=-1"
        let quota = try #require(QuotaText(text))
        #expect(quota.text == text)
        #expect(quota["count"] == 5)
        #expect(quota["byteHardLimit"] == 7)
        #expect(try #require(QuotaText("count=1,bytes=2")).text == "count=1,bytes=2")
        #expect(try #require(QuotaText("")).text == "count=-1,bytes=-1")
        #expect(QuotaText("count") == nil)
        #expect(QuotaText("count=x") == nil)
        var limits = QuotaText.unlimited
        limits["bytes"] = 9
        #expect(quota.changed(by: limits)["bytes"] == 9)
        #expect(quota.changed(by: limits)["count"] == 5)
        let stats = try #require(QuotaText("count=6,bytes=8"))
        #expect(
            quota.warnings(stats: stats) == [
                "[Warning]: the count quota you create is less than the existing count:6",
                "[Warning]: the bytes quota you create is less than the existing bytes:8",
            ]
        )
    }

    @Test(arguments: [
        ("", "Path length must be > 0"), ("a", "Path must start with / character"),
        ("/a/", "Path must not end with / character"), ("/", nil), ("/a.b/..c", nil),
        ("/a//b", "Invalid path string \"/a//b\" caused by empty node name specified @3"),
        ("/a/./b", "Invalid path string \"/a/./b\" caused by relative paths not allowed @3"),
        ("/a/..", "Invalid path string \"/a/..\" caused by relative paths not allowed @4"),
        ("/\u{1}", "Invalid path string \"/\u{1}\" caused by invalid character @1"),
        ("/\u{1f600}", "Invalid path string \"/\u{1f600}\" caused by invalid character @1"),
    ])
    func `bad paths are explained as the Java client does`(path: String, complaint: String?) {
        #expect(PathText.complaint(path) == complaint)
        #expect(ZNodePath.isValid(path) == (complaint == nil))
    }

    @Test func `a number behind it makes a path of one that ends in a slash`() {
        #expect(PathText.complaint("/q/", isSequential: true) == nil)
    }

    @Test func `A12.5 events are printed in zkCli's form`() {
        #expect(
            EventText.block(.watch(WatchEvent(.nodeDataChanged, path: "/a")))
                == "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:NodeDataChanged path:/a"
        )
        #expect(
            EventText.block(.state(.suspended))
                == "\nWATCHER::\n\nWatchedEvent state:Disconnected type:None path:null"
        )
        #expect(EventText.block(.state(.connecting)) == nil)
    }

    @Test func `refusals are zkCli's sentences`() {
        #expect(FailureText.sentence(.noNode, "/a") == "Node does not exist: /a")
        let code = "KeeperErrorCode = "
        #expect(FailureText.sentence(.noWatcher, "/a") == code + "No such watcher for /a")
        #expect(FailureText.sentence(.reconfigDisabled, nil) == code + "Reconfig is disabled")
        #expect(FailureText.sentence(.invalidACL, nil) == "Acl is not valid : null")
    }

    @Test func `deletes go in transactions by number and by bytes`() {
        func batches(_ count: Int, _ length: Int, of size: Int) -> [Int] {
            let path = "/" + String(repeating: "x", count: length)
            let deletes = Array(repeating: DeleteRequest(path: path, version: -1), count: count)
            return ShellText.batches(deletes, of: size).map(\.count)
        }
        #expect(batches(2_500, 5, of: 1_000) == [1_000, 1_000, 500])
        #expect(batches(3, 5, of: 0) == [3])
        #expect(batches(0, 5, of: 7) == [])
        #expect(batches(10, 200 << 10, of: 1_000).allSatisfy { $0 <= 2 })
    }

    @Test func `configurations name where clients connect`() {
        let text = "server.1=h1:2:3:participant;0.0.0.0:2181\nserver.2=h2:2:3;2182\nversion=ab"
        #expect(ClientConfiguration.text(text) == "ab 0.0.0.0:2181,0.0.0.0:2182")
        #expect(ClientConfiguration.text("") == " ")
    }
}
