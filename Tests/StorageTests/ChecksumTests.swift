import TestSupport
import Testing

@testable import Storage

@Suite struct ChecksumTests {
    @Test func `the check value of CRC-32C comes out`() {
        let bytes = Array("123456789".utf8)
        var checksum = Checksum()
        checksum.add(bytes.span)
        #expect(checksum.value == 0xe306_9283)
        #expect(Checksum.plain(bytes.span) == 0xe306_9283)
    }

    @Test func `the processor and the table agree on bytes of any length`() {
        var random = Seed.generator()
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let seed = UInt32.random(in: .min ... .max, using: &random)
            var checksum = Checksum(seed: seed)
            checksum.add(bytes.span)
            #expect(checksum.value == Checksum.plain(bytes.span, seed: seed))
        }
    }
}
