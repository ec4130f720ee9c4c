/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Largest weight that counts; 10,000 candidates of it stay below 2^44, far from overflow.
    static let weightMax = 1 << 30
}
