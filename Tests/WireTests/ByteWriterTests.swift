import Testing
import Wire

@Suite struct ByteWriterTests {
    @Test func `every width is written with its highest byte first`() {
        var writer = ByteWriter()
        writer.writeUInt8(0x01)
        writer.writeUInt16(0x0203)
        writer.writeUInt32(0x0405_0607)
        writer.writeInt32(-2)
        writer.writeInt64(0x0809_0a0b_0c0d_0e0f)
        writer.writeInt64(.min)
        writer.writeBool(false)
        writer.writeBool(true)
        let first: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 0xff, 0xff, 0xff, 0xfe]
        let second: [UInt8] = [8, 9, 10, 11, 12, 13, 14, 15, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(writer.bytes == first + second)
        #expect(writer.count == first.count + second.count)
    }

    @Test func `bytes come from arrays, slices, texts and lazy sequences`() {
        var writer = ByteWriter()
        writer.writeBytes([1, 2, 3])
        writer.writeBytes([4, 5, 6].prefix(2))
        writer.writeBytes("é".utf8)
        writer.writeBytes((6...7).lazy.map { UInt8($0) })
        writer.writeBytes([])
        #expect(writer.bytes == [1, 2, 3, 4, 5, 0xc3, 0xa9, 6, 7])
    }

    @Test func `nothing is lost while the memory grows`() {
        var writer = ByteWriter()
        for value in 0..<10_000 { writer.writeInt64(Int64(value)) }
        var reader = ByteReader(writer.bytes.span)
        var wrong = 0
        for value in 0..<10_000 where (try? reader.readInt64()) != Int64(value) { wrong += 1 }
        #expect(wrong == 0)
        #expect(reader.remaining == 0)
    }

    @Test func `bytes taken out stay as they were when the writer goes on`() {
        var writer = ByteWriter(capacity: 16)
        writer.writeUInt16(7)
        let taken = writer.bytes
        writer.patchUInt16(8, at: 0)
        writer.removeAll()
        writer.writeUInt32(9)
        #expect(taken == [0, 7])
        #expect(writer.bytes == [0, 0, 0, 9])
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
