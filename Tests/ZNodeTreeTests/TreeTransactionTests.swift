import Testing
import Wire
import ZooKeeperProtocol

@testable import ZNodeTree

/// The form of records: there and back, and what is made of bytes that are none.
@Suite struct TreeTransactionTests {
    private static let lists = [
        ACL.openUnsafe, ACL.readUnsafe,
        [
            ACL(.all, scheme: "digest", id: "joe:x"), ACL(.read, scheme: "ip", id: "10.0.0.1"),
            ACL(.write, scheme: "digest", id: "joe:x"),
        ],
    ]
    private static let all = TreeTransaction(
        zxid: 9,
        milliseconds: 1_700_000_000_123,
        changes: [
            .sessionOpened(id: -1, timeoutMilliseconds: 30_000),
            .sessionResumed(id: .max, timeoutMilliseconds: .max),
            .created(
                path: "/ü",
                kind: .ephemeral(session: -1),
                data: nil,
                acl: lists[0],
                parentCreations: -2
            ),
            .created(
                path: "/b",
                kind: .ttl(milliseconds: 77),
                data: [],
                acl: lists[1],
                parentCreations: 4
            ),
            .created(
                path: "/c",
                kind: .container,
                data: [1],
                acl: lists[2],
                parentCreations: .max
            ),
            .created(
                path: "/d",
                kind: .persistent,
                data: [1, 2],
                acl: lists[2],
                parentCreations: .min
            ),
            .deleted(path: "/d", owner: .min),
            .dataSet(path: "/c", owner: .max, data: [3], version: 5),
            .dataSet(path: "/c", owner: 0, data: nil, version: -1),
            .aclSet(path: "/b", owner: 1, acl: lists[2], version: 6),
            .counted(path: "/zookeeper/quota/c/zookeeper_stats", owner: 0, data: [4]),
            .sessionEnded(id: 5),
        ]
    )

    private func bytes(_ transaction: TreeTransaction) -> [UInt8] {
        var writer = ByteWriter()
        transaction.encode(into: &writer)
        return writer.bytes
    }

    @Test func `every change is read as it was written`() throws {
        let bytes = bytes(Self.all)
        #expect(try TreeTransaction(zxid: 9, decoding: bytes.span) == Self.all)
        for change in Self.all.changes {
            let one = TreeTransaction(zxid: 1, milliseconds: .min, changes: [change])
            #expect(try TreeTransaction(zxid: 1, decoding: self.bytes(one).span) == one)
        }
        let none = TreeTransaction(zxid: 1, milliseconds: 0, changes: [])
        #expect(try TreeTransaction(zxid: 1, decoding: self.bytes(none).span) == none)
    }

    @Test func `a record stands behind what was written before`() throws {
        var writer = ByteWriter()
        writer.writeInt64(1)
        Self.all.encode(into: &writer)
        let behind = writer.bytes.span.extracting(8..<writer.count)
        #expect(try TreeTransaction(zxid: 9, decoding: behind) == Self.all)
    }

    @Test func `the form does not change`() {
        let record = TreeTransaction(
            zxid: 1,
            milliseconds: 2,
            changes: [
                .created(
                    path: "/a",
                    kind: .persistent,
                    data: [9],
                    acl: Self.lists[0],
                    parentCreations: 3
                ),
                .aclSet(
                    path: "/a",
                    owner: 7,
                    acl: [ACL(.read, scheme: "ip", id: "::")],
                    version: 1
                ),
            ]
        )
        let expected: [UInt8] = [
            1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2,  // form, time, count
            1, 0, 0, 0, 2, 0x2f, 0x61, 0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 3,  // created
            4, 0, 0, 0, 2, 0x2f, 0x61, 0, 0, 0, 0, 0, 0, 0, 7, 2, 0, 0, 0, 1,  // aclSet
            1, 0, 0, 0, 1, 0, 0, 0, 2, 0x69, 0x70, 0, 0, 0, 2, 0x3a, 0x3a,
            0, 0, 0, 1,
        ]
        #expect(bytes(record) == expected)
    }

    @Test func `every prefix of a record is refused`() {
        let bytes = bytes(Self.all)
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try TreeTransaction(zxid: 9, decoding: bytes.span.extracting(0..<length))
            }
        }
        #expect(throws: WireError(.badLength(1), at: bytes.count)) {
            try TreeTransaction(zxid: 9, decoding: (bytes + [0]).span)
        }
    }

    @Test func `a record with any one byte changed is another record or none`() {
        let original = bytes(Self.all)
        var changed = original
        var refused = 0
        for index in original.indices {
            for value in UInt8.min...UInt8.max where value != original[index] {
                changed[index] = value
                do throws(WireError) {
                    let other = try TreeTransaction(zxid: 9, decoding: changed.span)
                    if other == Self.all { Issue.record("byte \(index) does not matter") }
                } catch {
                    refused += 1
                }
            }
            changed[index] = original[index]
        }
        #expect(refused > 10_000)
    }

    @Test(arguments: [
        ([UInt8](), 0), ([2], 0), ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], 9),
        ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff], 9),
        ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0], 13),
        ([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0xff, 0, 0, 0], 18),
    ])
    func `what is wrong is named by its place`(bytes: [UInt8], offset: Int) {
        do throws(WireError) {
            _ = try TreeTransaction(zxid: 1, decoding: bytes.span)
            Issue.record("\(bytes) was read")
        } catch {
            #expect(error.offset == offset)
        }
    }
}
