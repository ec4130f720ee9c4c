public import Wire

extension ByteReader {
    /// A jute string that may not be null.
    ///
    /// - Throws: `WireError` for a null, and for a length past the end.
    public mutating func readString() throws(WireError) -> String {
        let start = offset
        guard let text = try readOptionalString() else { throw WireError(.missing, at: start) }
        return text
    }

    /// A jute string, or nil for jute's null.
    ///
    /// Bytes that are not UTF-8 are read as U+FFFD, as Java reads them: no valid path has that character, so
    /// a request with one gets the answer of a wrong path and not that of a broken message.
    ///
    /// - Throws: `WireError` for a length past the end.
    public mutating func readOptionalString() throws(WireError) -> String? {
        guard let length = try readLength(elementBytesMin: 1) else { return nil }
        do {
            return try readUTF8(length)
        } catch {
            return String(decoding: try readBytes(length), as: UTF8.self)
        }
    }

    /// A jute buffer, or nil for jute's null, which is not the empty buffer.
    ///
    /// - Throws: `WireError` for a length past the end.
    public mutating func readBuffer() throws(WireError) -> [UInt8]? {
        guard let length = try readLength(elementBytesMin: 1) else { return nil }
        return try readBytes(length)
    }

    /// A jute vector of strings that is not null.
    ///
    /// - Throws: `WireError` for a null vector or element, and for a count that the bytes cannot hold.
    /// - Complexity: O(bytes read); nothing is allocated for elements that are not there.
    public mutating func readStrings() throws(WireError) -> [String] {
        let start = offset
        guard let count = try readLength(elementBytesMin: Limits.stringBytesMin) else {
            throw WireError(.missing, at: start)
        }
        var strings: [String] = []
        strings.reserveCapacity(count)
        for _ in 0..<count { strings.append(try readString()) }
        return strings
    }

    /// A jute vector of records, or nil for jute's null.
    ///
    /// - Parameter elementBytesMin: Size of the smallest element, at least 1.
    /// - Returns: The elements, in order.
    /// - Throws: `WireError` for a bad element, and for a count that the bytes cannot hold.
    mutating func readRecords<Element: Record>(
        elementBytesMin: Int
    ) throws(WireError) -> [Element]? {
        guard let count = try readLength(elementBytesMin: elementBytesMin) else { return nil }
        var records: [Element] = []
        records.reserveCapacity(count)
        for _ in 0..<count { records.append(try Element(from: &self)) }
        return records
    }

    /// An int that stands for one of an enumeration's cases.
    ///
    /// - Throws: `WireError` when no case has the number.
    mutating func readEnum<Value: RawRepresentable<Int32>>() throws(WireError) -> Value {
        let start = offset
        let number = try readInt32()
        guard let value = Value(rawValue: number) else {
            throw WireError(.badValue(Int(number)), at: start)
        }
        return value
    }

    /// A length or count that the bytes left can hold, or nil for -1.
    private mutating func readLength(elementBytesMin: Int) throws(WireError) -> Int? {
        let start = offset
        let length = Int(try readInt32())
        guard length != -1 else { return nil }
        guard length >= 0 else { throw WireError(.badLength(length), at: start) }
        guard length <= remaining / elementBytesMin else { throw WireError(.truncated, at: start) }
        return length
    }
}
