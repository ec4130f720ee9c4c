import Testing
import Wire

@Suite struct ByteReaderTests {
    @Test func `values come back in the order they were written`() throws {
        var writer = ByteWriter()
        writer.writeUInt8(0xfe)
        writer.writeUInt16(0xfedc)
        writer.writeInt32(.min)
        writer.writeInt64(-2)
        writer.writeBool(true)
        writer.writeBytes(Array("é".utf8))
        var reader = ByteReader(writer.bytes.span)
        #expect(try reader.readUInt8() == 0xfe)
        #expect(try reader.readUInt16() == 0xfedc)
        #expect(try reader.readInt32() == .min)
        #expect(try reader.readInt64() == -2)
        #expect(try reader.readBool())
        #expect(try reader.readUTF8(2) == "é")
        #expect(reader.remaining == 0)
    }

    @Test(arguments: 0..<8)
    func `a value that does not fit is refused and nothing is read`(count: Int) throws {
        let bytes = [UInt8](repeating: 1, count: count)
        var reader = ByteReader(bytes.span)
        var reason: WireError?
        do throws(WireError) { _ = try reader.readInt64() } catch { reason = error }
        #expect(reason == WireError(.truncated, at: 0))
        #expect(reader.offset == 0)
    }

    @Test(arguments: [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x80, 0x80]] as [[UInt8]])
    func `bytes that are not UTF-8 are refused at their offset`(bytes: [UInt8]) {
        let all = [7] + bytes
        var reader = ByteReader(all.span)
        var reason: WireError?
        do throws(WireError) {
            try reader.skip(1)
            _ = try reader.readUTF8(bytes.count)
        } catch { reason = error }
        #expect(reason == WireError(.notUTF8, at: 1))
    }

    @Test(arguments: [-1, 3, Int.max])
    func `a count out of bounds never reads`(count: Int) {
        let bytes: [UInt8] = [1, 2]
        var reader = ByteReader(bytes.span)
        var failures = 0
        do throws(WireError) { try reader.skip(count) } catch { failures += 1 }
        do throws(WireError) { _ = try reader.readBytes(count) } catch { failures += 1 }
        #expect(failures == 2)
        #expect(reader.offset == 0)
    }

    @Test func `a length can be filled in afterwards`() {
        var writer = ByteWriter()
        writer.writeInt32(0)
        writer.writeUInt16(0)
        writer.patchInt32(0x0102_0304, at: 0)
        writer.patchUInt16(0x0506, at: 4)
        #expect(writer.bytes == [1, 2, 3, 4, 5, 6])
    }
}
