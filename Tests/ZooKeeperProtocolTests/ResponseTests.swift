import Testing
import Wire
import ZooKeeperProtocol

@Suite struct ResponseTests {
    private static let stat = Stat(
        czxid: 1,
        mzxid: 2,
        ctime: 3,
        mtime: 4,
        version: 5,
        cversion: 6,
        aversion: 7,
        ephemeralOwner: -8,
        dataLength: 9,
        numChildren: 10,
        pzxid: .max
    )
    private static let results: [MultiResponse.Result] = [
        .create(path: "/a"), .create2(Create2Response(path: "/a", stat: stat)), .delete,
        .setData(stat), .check, .getData(GetDataResponse(data: nil, stat: stat)),
        .getChildren(["a", "b"]), .error(.noNode), .error(.ok),
    ]

    /// One of each case, with the operations that it answers.
    static let all: [(response: Response, opCodes: [OpCode])] = [
        (
            .empty,
            [
                .delete, .ping, .check, .checkWatches, .removeWatches, .auth, .setWatches,
                .setWatches2, .closeSession,
            ]
        ),
        (.path("/a0000000001"), [.create, .sync]),
        (
            .created(Create2Response(path: "/a", stat: stat)),
            [.create2, .createContainer, .createTTL]
        ),
        (.stat(stat), [.exists, .setData, .setACL]),
        (.data(GetDataResponse(data: nil, stat: stat)), [.getData, .reconfig]),
        (.data(GetDataResponse(data: [], stat: stat)), [.getData]),
        (.acl(GetACLResponse(acl: ACL.openUnsafe, stat: stat)), [.getACL]),
        (.names(["a", "\u{4e2d}"]), [.getChildren, .getEphemerals]),
        (.children(GetChildren2Response(children: [], stat: stat)), [.getChildren2]),
        (.multi(MultiResponse(results)), [.multi, .multiRead]),
        (.number(7), [.getAllChildrenNumber]),
        (.error(.ok), [.addWatch]),
        (.identities([ClientIdentity(scheme: "ip", user: "127.0.0.1")]), [.whoAmI]),
    ]

    @Test(arguments: all.indices)
    func `each response comes back as it was`(index: Int) throws {
        let (response, opCodes) = Self.all[index]
        for opCode in opCodes { #expect(try decode(opCode, encode(response)) == response) }
    }

    @Test func `every operation of clients has an answer`() {
        let answered = Set(Self.all.flatMap(\.opCodes))
        #expect(answered == Set(OpCode.allCases.filter(\.isClientRequest)))
    }

    @Test(arguments: all.indices)
    func `every prefix of each response is refused`(index: Int) throws {
        let (response, opCodes) = Self.all[index]
        let bytes = encode(response)
        let opCode = try #require(opCodes.first)
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) { try decode(opCode, Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: OpCode.allCases.filter { !$0.isClientRequest })
    func `what no client may ask has no answer`(opCode: OpCode) {
        let error = #expect(throws: WireError.self) { try decode(opCode, []) }
        #expect(error == WireError(.badValue(Int(opCode.rawValue)), at: 0))
    }

    @Test func `a Stat has 68 bytes`() { #expect(encode(.stat(Self.stat)).count == 68) }

    @Test func `a failed multi tells ok, the code, and inconsistency behind it`() {
        let response = MultiResponse(failedAt: 1, .nodeExists, count: 4)
        #expect(
            response.results == [
                .error(.ok), .error(.nodeExists), .error(.runtimeInconsistency),
                .error(.runtimeInconsistency),
            ]
        )
        let code: [UInt8] = [0xff, 0xff, 0xff, 0x92]
        let type: [UInt8] = [0xff, 0xff, 0xff, 0xff]
        let bytes = encode(.multi(MultiResponse([.error(.nodeExists)])))
        #expect(bytes == type + [0] + code + code + type + [1] + type)
    }

    @Test func `an event of unknown type or state is refused at its offset`() {
        for (type, state, offset) in [(0, 3, 0), (5, 3, 0), (-1, 3, 0), (1, 0, 4), (1, 4, 4)] {
            var writer = ByteWriter()
            writer.writeInt32(Int32(type))
            writer.writeInt32(Int32(state))
            writer.writeString("/a")
            let bytes = writer.bytes
            let error = #expect(throws: WireError.self) {
                var reader = ByteReader(bytes.span)
                _ = try WatchEvent(from: &reader)
            }
            #expect(error?.offset == offset)
        }
    }

    private func encode(_ response: Response) -> [UInt8] {
        var writer = ByteWriter()
        response.encode(into: &writer)
        return writer.bytes
    }

    private func decode(_ opCode: OpCode, _ bytes: [UInt8]) throws(WireError) -> Response {
        var reader = ByteReader(bytes.span)
        return try Response.decode(opCode, from: &reader)
    }
}
