public import Wire

extension DNSName {
    /// Reads a name that may end in compression pointers (RFC 1035 section 4.1.4).
    ///
    /// Each pointer must go further back than everything read of this name before, so that reading
    /// ends.
    ///
    /// - Parameters:
    ///   - reader: Stands at the name; afterwards behind it, or behind its first pointer.
    ///   - message: The whole message, from which pointers count.
    /// - Throws: `DNSError` with the offset in the message.
    public init(
        from reader: inout ByteReader,
        in message: Span<UInt8>
    ) throws(DNSError) {
        var bytes: [UInt8] = []
        var position = reader.offset
        var floor = position
        var end: Int?
        while true {
            guard position < message.count else { throw DNSError(.truncated, at: position) }
            let length = Int(message[position])
            if length >= 0xc0 {
                guard position + 1 < message.count else { throw DNSError(.truncated, at: position) }
                let target = (length & 0x3f) << 8 | Int(message[position + 1])
                guard target < floor else { throw DNSError(.badPointer, at: position) }
                if end == nil { end = position + 2 }
                (position, floor) = (target, target)
                continue
            }
            guard length <= Limits.labelBytesMax else {
                throw DNSError(.badLabelType, at: position)
            }
            guard position + 1 + length <= message.count else {
                throw DNSError(.truncated, at: position)
            }
            guard bytes.count + 1 + length <= Limits.nameBytesMax else {
                throw DNSError(.nameTooLong, at: position)
            }
            for index in position...position + length { bytes.append(message[index]) }
            position += 1 + length
            if length == 0 { break }
        }
        do { try reader.skip((end ?? position) - reader.offset) } catch { throw DNSError(error) }
        self.init(checked: bytes)
    }
}
