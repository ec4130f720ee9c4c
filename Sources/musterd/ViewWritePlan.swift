import ServiceModel

/// When the view is written to its file: soon after a change, seldom while nothing changes.
///
/// Pure: the view and the time come in, what to do goes out. Invariants: nothing is written before the view was
/// live in this run, so that nothing good is replaced by less; one write at a time; writes take at most
/// a twentieth of the time. A live view is written again though nothing changed, since its age counts
/// from the last moment at which it is known to have been live. Owner: `ViewKeeper`.
struct ViewWritePlan {
    /// What the shell has to do.
    enum Step: Equatable {
        /// Write the view that was given, then call `finished`.
        case write
        /// Ask again then, or after a change.
        case wait(until: Instant)
        /// Ask again after a change, or when the write is finished.
        case rest
    }

    private struct Mark: Equatable {
        let delta: UInt64
        let freshness: MembershipView.Freshness
    }

    private let pause: Duration
    private let refresh: Duration
    private var hasBeenLive = false
    private var written: Mark?
    private var underWay: (mark: Mark, since: Instant)?
    private var earliest = Instant(nanoseconds: .min)
    private var refreshAt = Instant(nanoseconds: .min)

    /// Creates a plan under which nothing is written yet.
    ///
    /// - Parameters:
    ///   - pause: Least time between two writes.
    ///   - refresh: Time after which a view is written that did not change.
    init(pause: Duration, refresh: Duration) {
        (self.pause, self.refresh) = (pause, max(refresh, pause))
    }

    /// True when the view is worth keeping.
    var isWorthKeeping: Bool { hasBeenLive }

    /// What to do about the view as it is now.
    mutating func step(_ view: MembershipView, now: Instant) -> Step {
        if view.freshness == .live { hasBeenLive = true }
        guard hasBeenLive, underWay == nil else { return .rest }
        let mark = Mark(delta: view.deltaNumber, freshness: view.freshness)
        let due: Instant
        if mark != written {
            due = earliest
        } else if view.freshness == .live {
            due = refreshAt
        } else {
            return .rest
        }
        guard due <= now else { return .wait(until: due) }
        underWay = (mark, now)
        return .write
    }

    /// The write that `step` asked for has ended.
    ///
    /// - Parameters:
    ///   - isWritten: False when the file is still the old one.
    ///   - now: The moment.
    mutating func finished(isWritten: Bool, now: Instant) {
        guard let (mark, since) = underWay else { return }
        underWay = nil
        if isWritten { written = mark }
        earliest = now + max(pause, (now - since) * Limits.viewWriteShare)
        refreshAt = max(now + refresh, earliest)
    }
}
