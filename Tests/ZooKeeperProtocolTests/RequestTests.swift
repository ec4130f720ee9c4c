import Testing
import Wire
import ZooKeeperProtocol

@Suite struct RequestTests {
    private static let create = CreateRequest(path: "/a", data: [1, 2], mode: .ephemeral)
    private static let ttl = CreateTTLRequest(
        create: CreateRequest(path: "/t", data: nil, mode: .persistentTTL),
        ttlMilliseconds: 1 << 40 - 1
    )
    private static let watches = SetWatchesRequest(
        relativeZxid: 9,
        dataWatches: ["/a", "/b"],
        existWatches: [],
        childWatches: ["/\u{e9}"]
    )

    /// One of each case.
    static let all: [Request] = [
        .create(create),
        .create2(CreateRequest(path: "/", data: [], acl: [], flags: 77)),
        .createContainer(CreateRequest(path: "/c", data: nil, mode: .container)),
        .createTTL(ttl),
        .delete(DeleteRequest(path: "/a", version: -1)),
        .exists(ExistsRequest(path: "", watch: true)),
        .getData(GetDataRequest(path: "/a", watch: false)),
        .setData(SetDataRequest(path: "/a", data: nil, version: .max)),
        .getACL(GetACLRequest(path: "/a")),
        .setACL(SetACLRequest(path: "/a", acl: ACL.readUnsafe, version: 3)),
        .getChildren(GetChildrenRequest(path: "/a", watch: true)),
        .getChildren2(GetChildrenRequest(path: "/a", watch: false)),
        .sync(SyncRequest(path: "/a")),
        .ping,
        .check(CheckVersionRequest(path: "/a", version: 1)),
        .multi(
            MultiRequest([
                .create(create), .create2(create), .createContainer(create), .createTTL(ttl),
                .delete(DeleteRequest(path: "/d", version: 0)),
                .setData(SetDataRequest(path: "/s", data: [], version: 0)),
                .check(CheckVersionRequest(path: "/c", version: 0)),
            ])
        ),
        .multiRead(
            MultiReadRequest([
                .getData(GetDataRequest(path: "/a", watch: false)),
                .getChildren(GetChildrenRequest(path: "/a", watch: true)),
            ])
        ),
        .reconfig(
            ReconfigRequest(
                joiningServers: nil,
                leavingServers: "",
                newMembers: "server.1=h:1:2",
                currentConfigID: -1
            )
        ),
        .checkWatches(WatcherRequest(path: "/a", type: .children)),
        .removeWatches(WatcherRequest(path: "/a", type: .any)),
        .auth(AuthPacket(type: 0, scheme: "digest", credential: Array("u:p".utf8))),
        .setWatches(watches),
        .setWatches2(
            SetWatches2Request(
                oneShot: watches,
                persistentWatches: ["/p"],
                persistentRecursiveWatches: ["/", "/r"]
            )
        ),
        .getEphemerals(GetEphemeralsRequest(prefix: "/a")),
        .getAllChildrenNumber(GetAllChildrenNumberRequest(path: "/")),
        .addWatch(AddWatchRequest(path: "/a", mode: .persistentRecursive)),
        .whoAmI,
        .closeSession,
    ]

    @Test(arguments: all)
    func `each request comes back as it was`(request: Request) throws {
        let bytes = encode(request)
        #expect(try decode(request.opCode, bytes) == request)
        #expect(try decode(request.opCode, bytes + [1, 2, 3]) == request)
    }

    @Test func `there is one case for each operation of clients`() {
        let operations = Self.all.map(\.opCode)
        #expect(Set(operations) == Set(OpCode.allCases.filter(\.isClientRequest)))
        #expect(operations.count == Set(operations).count)
    }

    @Test(arguments: all)
    func `every prefix of each request is refused`(request: Request) {
        let bytes = encode(request)
        for count in 0..<bytes.count {
            let error = #expect(throws: WireError.self) {
                try decode(request.opCode, Array(bytes.prefix(count)))
            }
            #expect((error?.offset ?? -1) <= count)
        }
    }

    @Test(arguments: OpCode.allCases.filter { !$0.isClientRequest })
    func `what no client may send is refused`(opCode: OpCode) {
        let error = #expect(throws: WireError.self) { try decode(opCode, []) }
        #expect(error == WireError(.badValue(Int(opCode.rawValue)), at: 0))
    }

    @Test func `null and empty data are two things, on the wire too`() throws {
        let null = encode(.setData(SetDataRequest(path: "/a", data: nil, version: 0)))
        let empty = encode(.setData(SetDataRequest(path: "/a", data: [], version: 0)))
        #expect(null == [0, 0, 0, 2, 0x2f, 0x61, 255, 255, 255, 255, 0, 0, 0, 0])
        #expect(empty == [0, 0, 0, 2, 0x2f, 0x61, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `flags keep any number, and only known ones are a mode`() {
        for mode in CreateMode.allCases {
            #expect(CreateRequest(path: "/a", data: nil, mode: mode).flags == mode.rawValue)
        }
        #expect(CreateRequest(path: "/a", data: nil, acl: [], flags: 7).mode == nil)
        #expect(CreateRequest(path: "/a", data: nil, acl: [], flags: -1).mode == nil)
        #expect(CreateMode.allCases.filter(\.isSequential).map(\.rawValue) == [2, 3, 6])
        #expect(CreateMode.allCases.filter(\.isEphemeral).map(\.rawValue) == [1, 3])
        #expect(CreateMode.allCases.filter(\.hasTTL).map(\.rawValue) == [5, 6])
    }

    @Test(arguments: [.max, 2_000_000_000, 3, -2, .min] as [Int32])
    func `a count that the bytes cannot hold is refused at its own offset`(count: Int32) {
        var writer = ByteWriter()
        writer.writeInt64(0)
        writer.writeInt32(count)
        writer.writeBytes([0, 0, 0, 0, 0, 0, 0, 0])
        let error = #expect(throws: WireError.self) { try decode(.setWatches, writer.bytes) }
        #expect(error == WireError(count < 0 ? .badLength(Int(count)) : .truncated, at: 8))
    }

    @Test func `a null list of paths and a null path are refused`() {
        let list = #expect(throws: WireError.self) {
            try decode(.setWatches, [0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255])
        }
        #expect(list == WireError(.missing, at: 8))
        let path = #expect(throws: WireError.self) { try decode(.sync, [255, 255, 255, 255]) }
        #expect(path == WireError(.missing, at: 0))
    }

    @Test func `a null prefix of ephemerals reads as an empty one`() throws {
        let all = GetEphemeralsRequest(prefix: "")
        #expect(try decode(.getEphemerals, [255, 255, 255, 255]) == .getEphemerals(all))
    }

    @Test(arguments: [[0x2f, 0xff], [0x2f, 0xc3], [0x2f, 0xe2, 0x82], [0x2f, 0xed, 0xa0, 0x80]])
    func `bytes that are no text become a path that cannot be`(bytes: [UInt8]) throws {
        var writer = ByteWriter()
        writer.writeBuffer(bytes)
        guard case .sync(let request) = try decode(.sync, writer.bytes) else { return }
        #expect(request.path.hasPrefix("/\u{fffd}"))
        #expect(!ZNodePath.isValid(request.path))
    }

    @Test func `a null access list, scheme or id reads as an empty one`() throws {
        var writer = ByteWriter()
        writer.writeString("/a")
        writer.writeInt32(-1)
        writer.writeInt32(5)
        let null = SetACLRequest(path: "/a", acl: [], version: 5)
        #expect(try decode(.setACL, writer.bytes) == .setACL(null))

        writer = ByteWriter()
        writer.writeString("/a")
        for number: Int32 in [1, 31, -1, -1, 5] { writer.writeInt32(number) }
        let entry = SetACLRequest(path: "/a", acl: [ACL(.all, scheme: "", id: "")], version: 5)
        #expect(try decode(.setACL, writer.bytes) == .setACL(entry))
    }

    @Test(
        arguments: [(.removeWatches, 0), (.checkWatches, 4), (.addWatch, 2)] as [(OpCode, Int32)]
    )
    func `an unknown watcher type or watch mode is refused`(opCode: OpCode, number: Int32) {
        var writer = ByteWriter()
        writer.writeString("/a")
        writer.writeInt32(number)
        let error = #expect(throws: WireError.self) { try decode(opCode, writer.bytes) }
        #expect(error == WireError(.badValue(Int(number)), at: 6))
    }

    @Test(arguments: [(OpCode.multi, OpCode.getData), (.multi, .ping), (.multiRead, .setData)])
    func `reads and writes do not mix in one multi`(whole: OpCode, part: OpCode) {
        var writer = ByteWriter()
        writer.writeInt32(part.rawValue)
        writer.writeBool(false)
        writer.writeInt32(-1)
        writer.writeString("/a")
        let error = #expect(throws: WireError.self) { try decode(whole, writer.bytes) }
        #expect(error == WireError(.badValue(Int(part.rawValue)), at: 0))
    }

    private func encode(_ request: Request) -> [UInt8] {
        var writer = ByteWriter()
        request.encode(into: &writer)
        return writer.bytes
    }

    private func decode(_ opCode: OpCode, _ bytes: [UInt8]) throws(WireError) -> Request {
        var reader = ByteReader(bytes.span)
        return try Request.decode(opCode, from: &reader)
    }
}
