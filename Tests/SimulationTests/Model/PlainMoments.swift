import ServiceModel

/// What there was at each zxid, and how much of it someone has been shown: where a crash may lead back to.
struct PlainMoments {
    /// The tree and the timeouts of its sessions.
    struct Moment {
        let nodes: [PlainPath: PlainNode]
        let timeouts: [Int64: Duration]
    }
    private var moments: [Int64: Moment] = [:]
    /// zxids of nodes that went by themselves in one look: which of them was first is not known.
    private var vague: Set<Int64> = []
    /// The last change that a frame has shown, by its content or its header.
    private(set) var shown: Int64 = 0

    mutating func add(_ moment: Moment, at zxid: Int64) { moments[zxid] = moment }

    /// The last moment is another one than was thought, and those between are not known.
    mutating func replace(_ moment: Moment, at zxid: Int64, unknownFrom first: Int64) {
        moments[zxid] = moment
        for zxid in first..<max(first, zxid) { vague.insert(zxid) }
    }

    mutating func show(_ zxid: Int64) { shown = max(shown, zxid) }

    /// What there may have been; nil for a zxid that was never given.
    func at(_ zxid: Int64) -> Moment? { moments[zxid] }

    func isVague(_ zxid: Int64) -> Bool { vague.contains(zxid) }

    /// What came later has never been.
    mutating func goBack(to zxid: Int64, _ moment: Moment) {
        moments = moments.filter { $0.key < zxid }
        moments[zxid] = moment
        vague = vague.filter { $0 < zxid }
    }

    /// Nobody can be led back before what was shown.
    mutating func forgetOld() {
        moments = moments.filter { $0.key >= shown }
    }
}

extension ReferenceServer {
    var moment: PlainMoments.Moment {
        PlainMoments.Moment(nodes: tree.nodes, timeouts: sessions.mapValues(\.timeout))
    }

    /// A change was made, and is whole.
    mutating func remember() {
        guard moments != nil else { return }
        let (moment, zxid) = (moment, lastZxid)
        moments?.add(moment, at: zxid)
    }

    /// The process is gone, with all that it had not made durable; another one goes on from there.
    mutating func goBack(
        to zxid: Int64,
        _ moment: PlainMoments.Moment,
        timeouts: [Int64: Duration],
        nextSession: Int64,
        now: Instant
    ) {
        tree.goBack(to: moment.nodes, zxid: zxid)
        watches = PlainWatches()
        sessions = timeouts.mapValues { PlainSession(timeout: $0, heard: now) }
        endedAt = endedAt.filter { $0.value <= zxid }
        (connections, connectionOf, facts) = ([:], [:], [])
        (lastZxid, durable) = (zxid, zxid)
        self.nextSession = nextSession
        let here = self.moment
        moments?.goBack(to: zxid, here)
    }
}
