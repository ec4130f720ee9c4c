/// A session's password: SipHash-2-4 of its id, 128 bits, under a secret key of the server.
///
/// Nothing needs to be stored for a session, and whoever does not know the key cannot tell the password of
/// an id (J.-P. Aumasson, D. J. Bernstein: SipHash, 2012; the 128-bit output of the reference implementation).
struct SessionPasswords: Sendable {
    private let key: (UInt64, UInt64)

    /// - Parameter key: Drawn at random, and kept for as long as sessions live.
    init(key: (UInt64, UInt64)) { self.key = key }

    /// 16 bytes.
    func password(of session: Int64) -> [UInt8] {
        var state = SipState(key: key)
        state.absorb(UInt64(bitPattern: session))
        // The message ends: its length, 8 bytes, in the top byte of the last word.
        state.absorb(8 << 56)
        let (low, high) = state.finish()
        return [low, high].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(8 * $0)) }
        }
    }

    /// Compares in the same time wherever the difference is.
    func isPassword(_ candidate: [UInt8], of session: Int64) -> Bool {
        let right = password(of: session)
        guard candidate.count == right.count else { return false }
        return zip(candidate, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(key: (UInt64, UInt64)) {
        v0 = key.0 ^ 0x736f_6d65_7073_6575
        v1 = key.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = key.0 ^ 0x6c79_6765_6e65_7261
        v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        rounds(2)
        v0 ^= word
    }

    mutating func finish() -> (UInt64, UInt64) {
        v2 ^= 0xee
        rounds(4)
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        rounds(4)
        return (low, v0 ^ v1 ^ v2 ^ v3)
    }

    private mutating func rounds(_ count: Int) {
        for _ in 0..<count {
            v0 &+= v1
            v1 = rotate(v1, 13) ^ v0
            v0 = rotate(v0, 32)
            v2 &+= v3
            v3 = rotate(v3, 16) ^ v2
            v0 &+= v3
            v3 = rotate(v3, 21) ^ v0
            v2 &+= v1
            v1 = rotate(v1, 17) ^ v2
            v2 = rotate(v2, 32)
        }
    }

    private func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }
}
