import TestSupport

/// The draws that worlds and clients make.
extension SeededGenerator {
    mutating func chance(_ permille: Int) -> Bool {
        Int.random(in: 0..<1_000, using: &self) < permille
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &self)]
    }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .microseconds(number(range.lowerBound * 1_000...range.upperBound * 1_000))
    }

    /// One of several, each with its weight.
    mutating func weighted<Value>(_ values: [(weight: Int, value: Value)]) -> Value {
        var left = Int.random(in: 0..<values.reduce(0) { $0 + $1.weight }, using: &self)
        for (weight, value) in values {
            if left < weight { return value }
            left -= weight
        }
        return values[values.count - 1].value
    }
}
