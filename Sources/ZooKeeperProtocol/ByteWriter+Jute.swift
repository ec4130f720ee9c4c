public import Wire

extension ByteWriter {
    /// Appends a jute string.
    public mutating func writeString(_ text: String) {
        writeInt32(Int32(clamping: text.utf8.count))
        writeBytes(text.utf8)
    }

    /// Appends a jute string, nil as jute's null.
    public mutating func writeOptionalString(_ text: String?) {
        guard let text else { return writeInt32(-1) }
        writeString(text)
    }

    /// Appends a jute buffer, nil as jute's null.
    public mutating func writeBuffer(_ buffer: [UInt8]?) {
        guard let buffer else { return writeInt32(-1) }
        writeInt32(Int32(clamping: buffer.count))
        writeBytes(buffer)
    }

    /// Appends a jute vector of strings.
    public mutating func writeStrings(_ strings: [String]) {
        writeInt32(Int32(clamping: strings.count))
        for text in strings { writeString(text) }
    }

    /// Appends a jute vector of records.
    mutating func writeRecords(_ records: [some Record]) {
        writeInt32(Int32(clamping: records.count))
        for record in records { record.encode(into: &self) }
    }
}
