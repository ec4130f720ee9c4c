/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Records in one chunk of a set; a change copies one chunk, 64 x 16 bytes of A records.
    static let chunkRecordsMax = 64
    /// Chunks of a set; with 64 records each a set has at most 4,194,304 records.
    static let chunksMax = 65_536
    /// Readers of one answer table: UDP workers, the TCP loop, tests.
    ///
    /// One bit each in a word.
    static let tableReadersMax = 64
    /// Slots of an empty table, a power of two.
    static let slotsMin = 1_024
    /// Slots moved to a new array by each new name.
    ///
    /// Growth starts at 3/8 and the array may fill to 1/2, so 1/8 of it are new names: 8 slots each
    /// would be enough.
    static let slotsMovedPerName = 16
}
