import ServiceModel
import TestSupport

/// What one run is like; all of it follows from the seed.
struct Conditions: CustomStringConvertible {
    var clients: Int
    /// Changes become durable some time after they were made.
    var isDurableLate: Bool
    var diskDelay: ClosedRange<Int>
    var tick: Duration
    /// Milliseconds from one end to the other.
    var latency: ClosedRange<Int>
    /// Milliseconds between two acts of a client.
    var pause: ClosedRange<Int>
    var pieceBytesMax: Int
    /// Bytes that the server can write before someone reads.
    var windowBytes: ClosedRange<Int>
    /// Of 1,000 acts so many are about connections.
    var trouble: Int
    /// Of 1,000 acts so many make the server stand still.
    var stalls: Int
    /// Paths of this many components at most.
    var depth: Int
    /// Of 1,000 acts so many kill the server or cut its power.
    var crashes = 0
    /// Requests and their data are so short that many fit into a segment of the simulated log.
    var isShort = false

    init(_ random: inout SeededGenerator) {
        clients = random.number(1...7)
        isDurableLate = random.chance(500)
        diskDelay = random.pick([0...5, 1...40, 10...400])
        tick = random.pick([.milliseconds(50), .milliseconds(200), .milliseconds(2_000)])
        latency = random.pick([0...0, 0...1, 1...10, 0...80])
        pause = random.pick([0...2, 1...20, 1...200])
        pieceBytesMax = random.pick([1, 7, 60, 1_500, 1_500])
        windowBytes = random.pick([200...4_000, 16_000...64_000, 1_000_000...2_000_000])
        trouble = random.pick([0, 20, 60, 150])
        stalls = random.pick([0, 0, 5, 20])
        depth = random.number(1...3)
    }

    /// Conditions of a server with a store, on a disk that fails: the network is kind to it.
    init(onDisk random: inout SeededGenerator) {
        self.init(&random)
        (isDurableLate, isShort, stalls) = (true, true, 0)
        clients = random.number(2...5)
        diskDelay = random.pick([0...1, 1...5, 2...12])
        latency = random.pick([0...0, 0...1])
        pause = random.pick([0...4, 1...20])
        pieceBytesMax = 1_500
        windowBytes = 1_000_000...1_000_000
        trouble = random.pick([10, 30])
        crashes = random.pick([0, 10, 30])
    }

    /// Nothing goes wrong any more.
    mutating func calm() {
        (trouble, stalls, latency, diskDelay, crashes) = (0, 0, 0...1, 0...1, 0)
        windowBytes = 1_000_000...1_000_000
    }

    var description: String {
        "\(clients) clients, durable \(isDurableLate ? "late \(diskDelay) ms" : "at once"), tick"
            + " \(tick), latency \(latency) ms, pause \(pause) ms, pieces of \(pieceBytesMax),"
            + " trouble \(trouble), stalls \(stalls), depth \(depth)"
    }
}
