import TestSupport
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

    @Test(arguments: [-1, 3, Int.max, Int.min])
    func `a text with a count out of bounds is never read`(count: Int) {
        let bytes: [UInt8] = [0x61, 0x62]
        var reader = ByteReader(bytes.span)
        var reason: WireError?
        do throws(WireError) { _ = try reader.readUTF8(count) } catch { reason = error }
        #expect(reason == WireError(count < 0 ? .badLength(count) : .truncated, at: 0))
        #expect(reader.offset == 0)
    }

    @Test(arguments: [0, 1, 14, 15, 16, 255, 256, 70_000])
    func `texts and copies of any length come back whole`(count: Int) throws {
        let text = String(repeating: "k", count: count)
        let bytes = [1] + Array(text.utf8) + [2]
        var reader = ByteReader(bytes.span)
        try reader.skip(1)
        #expect(try reader.readUTF8(count) == text)
        #expect(reader.offset == count + 1)
        reader = ByteReader(bytes.span)
        try reader.skip(1)
        #expect(try reader.readBytes(count) == Array(text.utf8))
        #expect(try reader.readUInt8() == 2)
    }

    @Test func `an empty value can be read where nothing is left`() throws {
        var reader = ByteReader([UInt8]().span)
        #expect(try reader.readUTF8(0) == "")
        #expect(try reader.readBytes(0) == [])
    }

    @Test func `text is refused exactly when the standard library refuses it`() {
        var generator = Seed.generator()
        let leads: [UInt8] = [
            0x00, 0x61, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4,
        ]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...24, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? leads.randomElement(using: &generator) ?? 0
                    : UInt8.random(in: 0x80...0xbf, using: &generator)
            }
            let expected = String(validating: bytes, as: UTF8.self)
            var reader = ByteReader(bytes.span)
            let text = try? reader.readUTF8(bytes.count)
            #expect(text.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(bytes)")
            #expect(reader.offset == (expected == nil ? 0 : bytes.count))
        }
    }

    @Test(arguments: ["e\u{301}", "日本語の文字列", "a\0b", "\u{10ffff}", "\u{feff}x"])
    func `text keeps every scalar as it was sent`(text: String) throws {
        let bytes = Array(text.utf8)
        var reader = ByteReader(bytes.span)
        let read = try reader.readUTF8(bytes.count)
        #expect(Array(read.unicodeScalars) == Array(text.unicodeScalars))
    }
}
