/// What went wrong, and where.
struct Fault: Error, CustomStringConvertible {
    var about: String
    var expected: String
    var came: String

    init(_ about: String, expected: String = "", came: String = "") {
        (self.about, self.expected, self.came) = (about, expected, came)
    }

    var description: String {
        var lines = [about]
        if !expected.isEmpty { lines.append("expected: \(expected)") }
        if !came.isEmpty { lines.append("came:     \(came)") }
        return lines.joined(separator: "\n")
    }
}
