import Storage
import Testing

@Suite struct LogBatchTests {
    @Test func `a record takes its header and its payload, rounded up to eight bytes`() {
        #expect(LogBatch.recordBytes(payload: 0) == 24)
        #expect(LogBatch.recordBytes(payload: 1) == 32)
        #expect(LogBatch.recordBytes(payload: 8) == 32)
        var batch = LogBatch()
        let (payload, nothing): ([UInt8], [UInt8]) = ([1, 2, 3], [])
        batch.append(payload.span, zxid: 7)
        batch.append(nothing.span, zxid: 7)
        #expect(batch.count == 2)
        #expect(batch.byteCount == 32 + 24)
        #expect(batch.lastZxid == 7)
    }

    @Test func `batches are joined in order, and forget all at once`() {
        var (first, second) = (LogBatch(), LogBatch())
        let payload: [UInt8] = [1]
        first.append(payload.span, zxid: 1)
        second.append(payload.span, zxid: 2)
        first.append(second)
        #expect(first.count == 2)
        #expect(first.lastZxid == 2)
        first.removeAll()
        #expect(first.isEmpty)
        #expect(first.byteCount == 0)
    }
}
