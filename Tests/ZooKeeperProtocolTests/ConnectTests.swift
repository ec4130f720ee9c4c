import Testing
import Wire
import ZooKeeperProtocol

@Suite struct ConnectTests {
    @Test(arguments: [nil, false, true] as [Bool?])
    func `the readOnly byte is there only for those who know it`(readOnly: Bool?) throws {
        let password = [UInt8](1...16)
        let request = ConnectRequest(
            lastZxidSeen: .max,
            timeoutMilliseconds: -1,
            sessionID: 5,
            password: password,
            readOnly: readOnly
        )
        #expect(encode(request).count == (readOnly == nil ? 44 : 45))
        #expect(try decode(encode(request)) == request)
        let response = ConnectResponse(
            timeoutMilliseconds: 4000,
            sessionID: 5,
            password: password,
            readOnly: readOnly
        )
        #expect(encode(response).count == (readOnly == nil ? 36 : 37))
        #expect(try decode(encode(response)) == response)
        #expect(!response.isRefusal)
        let refusal = ConnectResponse.refusal(readOnly: readOnly)
        #expect(try decode(encode(refusal)) == refusal)
        #expect(refusal.isRefusal)
        #expect(refusal.password == Array(repeating: 0, count: 16))
    }

    @Test func `a new session is asked for with zeros`() {
        let request = ConnectRequest(timeoutMilliseconds: 10_000)
        #expect((request.sessionID, request.lastZxidSeen) == (0, 0))
        #expect(request.password == Array(repeating: 0, count: 16))
        #expect(encode(request).count == 45)
    }

    @Test func `a null password reads as an empty one`() throws {
        let bytes = [UInt8](repeating: 0, count: 24) + [255, 255, 255, 255]
        let request: ConnectRequest = try decode(bytes)
        #expect(request.password.isEmpty)
        #expect(request.readOnly == nil)
    }

    private func encode(_ record: some Record) -> [UInt8] {
        var writer = ByteWriter()
        record.encode(into: &writer)
        return writer.bytes
    }

    private func decode<R: Record>(_ bytes: [UInt8]) throws(WireError) -> R {
        var reader = ByteReader(bytes.span)
        return try R(from: &reader)
    }
}
