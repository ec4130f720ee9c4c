import TestSupport
import Testing
import Wire
import ZooKeeperProtocol

@Suite struct FrameDecoderTests {
    private static let bodies: [[UInt8]] = [[1], [2, 3], Array(repeating: 4, count: 300), [5]]
    private static let stream = bodies.flatMap { length(Int32($0.count)) + $0 }

    @Test(arguments: 1...(stream.count))
    func `frames come out whole whatever the pieces`(size: Int) throws {
        var decoder = FrameDecoder()
        var frames: [[UInt8]] = []
        for start in stride(from: 0, to: Self.stream.count, by: size) {
            append(Array(Self.stream[start..<min(start + size, Self.stream.count)]), to: &decoder)
            while try decoder.next() { frames.append(copy(decoder.frame)) }
        }
        #expect(frames == Self.bodies)
        #expect(decoder.pendingBytes == 0)
    }

    @Test func `frames come out whole from random pieces`() throws {
        var random = Seed.generator()
        var decoder = FrameDecoder()
        for _ in 0..<200 {
            var frames: [[UInt8]] = []
            var rest = Self.stream[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...400, using: &random))
                rest = rest.dropFirst(piece.count)
                append(Array(piece), to: &decoder)
                while try decoder.next() { frames.append(copy(decoder.frame)) }
            }
            #expect(frames == Self.bodies)
        }
    }

    @Test(arguments: [0, -1, .min, 0x100000, .max] as [Int32])
    func `a length out of bounds is refused as soon as it is there`(length: Int32) throws {
        var decoder = FrameDecoder()
        append(Array(Self.length(length).prefix(3)), to: &decoder)
        #expect(try !decoder.next())
        append(Array(Self.length(length).suffix(1)), to: &decoder)
        let error = #expect(throws: WireError.self) { _ = try decoder.next() }
        #expect(error == WireError(.badLength(Int(length)), at: 0))
    }

    @Test func `the longest frame goes through`() throws {
        var decoder = FrameDecoder()
        append(Self.length(0xfffff), to: &decoder)
        #expect(try !decoder.next())
        append(Array(repeating: 7, count: 0xfffff), to: &decoder)
        #expect(try decoder.next())
        #expect(decoder.frame.count == 0xfffff)
        #expect(try !decoder.next())
        #expect(decoder.pendingBytes == 0)
    }

    @Test func `the first four bytes can be looked at before they are taken for a length`() throws {
        var decoder = FrameDecoder()
        append(Array("ruo".utf8), to: &decoder)
        #expect(decoder.nextFourBytes == nil)
        append(Array("k\n".utf8), to: &decoder)
        #expect(decoder.nextFourBytes == 0x7275_6f6b)
        #expect(throws: WireError.self) { _ = try decoder.next() }
    }

    @Test func `the next four bytes are those behind the current frame`() throws {
        var decoder = FrameDecoder()
        append([0, 0, 0, 1, 9, 0, 0, 0, 2, 8, 8], to: &decoder)
        #expect(decoder.nextFourBytes == 1)
        #expect(try decoder.next())
        #expect(decoder.nextFourBytes == 2)
        #expect(try decoder.next())
        #expect(copy(decoder.frame) == [8, 8])
        #expect(decoder.nextFourBytes == nil)
    }

    @Test func `a caller with its own buffer learns the length of a whole frame`() throws {
        let bytes = Self.length(2) + [1, 2, 3]
        for count in 0..<6 {
            let part = Array(bytes.prefix(count))
            #expect(try FrameDecoder.frameLength(in: part.span) == nil)
        }
        #expect(try FrameDecoder.frameLength(in: bytes.span) == 2)
        let error = #expect(throws: WireError.self) {
            try FrameDecoder.frameLength(in: bytes.span, 1)
        }
        #expect(error == WireError(.badLength(2), at: 0))
    }

    private static func length(_ value: Int32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private func append(_ bytes: [UInt8], to decoder: inout FrameDecoder) {
        decoder.append(bytes.span)
    }

    private func copy(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }
}
