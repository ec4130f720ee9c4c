/// The last steps of a run; kept only while a failing run is repeated.
struct Trace {
    let isOn: Bool
    private var lines: [String] = []
    private static let linesMax = 60

    init(isOn: Bool) { self.isOn = isOn }

    mutating func add(_ line: @autoclosure () -> String) {
        guard isOn else { return }
        lines.append(line())
        if lines.count > 4 * Self.linesMax { lines.removeFirst(3 * Self.linesMax) }
    }

    var last: [String] { lines.suffix(Self.linesMax) }
}
