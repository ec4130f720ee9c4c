/// Bounds of the live zone.
extension Limits {
    /// Host names that go on for a TTL after their instance left, about 100 bytes each.
    ///
    /// 100,000 instances of a lost switch, with one record for each of two zones, and some more. At the
    /// bound the oldest go early.
    static let lingeringRecordsMax = 262_144
    /// Faults of names that are remembered for `status`; later ones only count.
    static let nameFaultsMax = 10_000
    /// Largest SRV weight (RFC 2782): 16 bits.
    static let weightMax = 65_535
    /// SRV priority of an instance that is there.
    static let upPriority: UInt16 = 0
    /// SRV priority of an instance that may be gone: asked when no other answers.
    static let suspectPriority: UInt16 = 10
    /// SOA refresh, retry and expire in seconds of a zone without a file, as RIPE-203 advises for
    /// zones that change; we transfer none.
    static let soaTimes: (refresh: UInt32, retry: UInt32, expire: UInt32) = (3_600, 600, 86_400)
    /// Instances that an explanation lists: more than a person reads, and 100 KB of JSON.
    static let verdictsMax = 1_000
}
