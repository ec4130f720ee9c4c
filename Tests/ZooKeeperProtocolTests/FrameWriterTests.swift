import Testing
import Wire
import ZooKeeperProtocol

@Suite struct FrameWriterTests {
    /// All but the Java client's setWatches, which it counts like ordinary requests.
    private static let frames = GoldenFrame.all.filter {
        $0.kind != .request || ![.setWatches, .setWatches2].contains($0.opCode)
    }

    @Test(arguments: frames)
    func `a captured frame is written with its length`(frame: GoldenFrame) throws {
        var writer = ByteWriter()
        writer.writeUInt8(0x55)
        switch try Message(frame.bytes, as: frame.kind) {
        case .connectRequest(let record): FrameWriter.append(record, to: &writer)
        case .connectResponse(let record): FrameWriter.append(record, to: &writer)
        case .request(let header, let request):
            FrameWriter.append(request, xid: header.xid, to: &writer)
        case .unknown(let header): FrameWriter.append(header, to: &writer)
        case .reply(let header, let response):
            FrameWriter.append(response, xid: header.xid, zxid: header.zxid, to: &writer)
        case .failure(let header):
            FrameWriter.append(header.error, xid: header.xid, zxid: header.zxid, to: &writer)
        case .event(_, let event): FrameWriter.append(event, to: &writer)
        }
        let count = frame.bytes.count
        let length = [0, 0, UInt8(count >> 8), UInt8(count & 0xff)]
        #expect(writer.bytes == [0x55] + length + frame.bytes)
    }

    @Test func `requests with an xid of their own keep it`() {
        for request in RequestTests.all {
            var writer = ByteWriter()
            FrameWriter.append(request, xid: 77, to: &writer)
            var reader = ByteReader(writer.bytes.span)
            do throws(WireError) {
                try reader.skip(4)
                let header = try RequestHeader(from: &reader)
                #expect(header.xid == request.fixedXID ?? 77)
                #expect(header.opCode == request.opCode)
            } catch {
                Issue.record(error)
            }
        }
        #expect(Request.ping.fixedXID == -2)
        #expect(Request.closeSession.fixedXID == nil)
    }
}
