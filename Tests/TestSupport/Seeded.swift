import Foundation

/// A small random generator whose whole sequence follows from one seed (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence that belongs to the seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// The seed of random tests: `MUSTER_SEED` when it is set, else a new one.
public enum Seed {
    /// The seed of this run; print it with each random test, so that a failure can be repeated.
    public static let current: UInt64 = {
        let given = ProcessInfo.processInfo.environment["MUSTER_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64.random(in: 1...UInt64(UInt32.max))
        print("random tests: MUSTER_SEED=\(seed)")
        return seed
    }()

    /// A generator for one test, independent of the order in which tests run.
    public static func generator(_ salt: UInt64 = 0) -> SeededGenerator {
        SeededGenerator(seed: current &+ salt &* 0x1234_5678_9abc_def1)
    }
}
