import ServiceModel

/// Decides which events this daemon's webhooks get, where several daemons see the same changes.
///
/// Step of the data flow: between rendered events and `WebhookSender`. Each service's events are one
/// daemon's, by rendezvous hash over those that are registered; the others keep what they saw for a while.
/// When the daemon of a service is gone, whoever has the service next tells what was noticed within
/// `window`: it cannot know what the dead one told in its last moments, so an event may be told twice then,
/// and none is left out. Events that nobody was there for are told by the first who comes. Pure. Owner:
/// `AlertLog`'s task.
struct AlertShare {
    /// An event with what decides whose it is.
    struct Notice: Equatable {
        let event: RenderedEvent
        let service: ServiceName
        /// True for what happened before this run and came out when the registry was read.
        var isEarlier = false
    }

    private struct Kept {
        let notice: Notice
        /// Since when its teller has it.
        var since: Instant
        /// Who tells it; nil where nobody is there.
        var teller: String?
    }

    private let own: String
    private var window: Duration
    /// Nil until the first list.
    private var members: [String]?
    /// When this daemon asked to be a member.
    private var claimedAt: Instant?
    private var kept = BoundedDeque<Kept>(capacity: Limits.sharedEventsMax)
    private var isAlone = false

    /// Creates a share that keeps everything until it knows who is there.
    ///
    /// - Parameters:
    ///   - own: This daemon's id.
    ///   - window: How long a daemon may be dead before the others know.
    init(own: String, window: Duration) { (self.own, self.window) = (own, window) }

    /// Events that are kept for the case that their daemon is gone.
    var keptCount: Int { kept.count }

    /// Sorts new events.
    ///
    /// - Returns: Those that are this daemon's to tell.
    mutating func tell(_ notices: [Notice], now: Instant) -> [RenderedEvent] {
        forgetOld(now)
        return notices.compactMap { notice in
            let teller = Self.teller(of: notice.service, among: members ?? [])
            if isAlone || teller == own { return notice.event }
            if kept.isFull { _ = kept.remove(at: 0) }
            kept.append(Kept(notice: notice, since: now, teller: teller))
            return nil
        }
    }

    /// Takes in what became known of the daemons.
    ///
    /// - Returns: What is this daemon's to tell now, oldest first.
    mutating func learn(_ news: AlertCompany, now: Instant) -> [RenderedEvent] {
        switch news {
        case .window(let time):
            window = time
            return []
        case .claimed:
            claimedAt = now
            return []
        case .hidden:
            isAlone = true
            return takeKept { $0.teller == nil }
        case .shown:
            isAlone = false
            return []
        case .members(let ids): return change(to: ids, now: now)
        }
    }

    private mutating func change(to new: [String], now: Instant) -> [RenderedEvent] {
        forgetOld(now)
        let joins = new.contains(own) && members?.contains(own) != true
        members = new
        let (own, window, claimedAt) = (own, window, claimedAt)
        let events = takeKept { kept in
            guard Self.teller(of: kept.notice.service, among: new) == own else { return false }
            guard let teller = kept.teller else { return true }
            guard new.contains(teller) else { return now - kept.since <= window }
            // Whoever told it until now may have ceased to before this daemon knew that it was its turn.
            guard joins, !kept.notice.isEarlier, let claimedAt else { return false }
            return kept.since >= claimedAt - Limits.shareOverlap
        }
        handOver(to: new, now)
        return events
    }

    /// What others have to tell is theirs from now on, where it was one's who is gone, or nobody's.
    private mutating func handOver(to members: [String], _ now: Instant) {
        update { kept in
            if let teller = kept.teller, members.contains(teller) { return }
            guard let next = Self.teller(of: kept.notice.service, among: members) else { return }
            (kept.teller, kept.since) = (next, now)
        }
    }

    private static func teller(of service: ServiceName, among members: [String]) -> String? {
        Rendezvous.winner(of: "\(service.kind.rawValue)/\(service.name)", among: members)
    }

    /// What was told longer ago than the window was told for sure; what nobody told stays.
    private mutating func forgetOld(_ now: Instant) {
        while let oldest = kept.first, oldest.teller != nil, now - oldest.since > window {
            _ = kept.remove(at: 0)
        }
    }

    private mutating func takeKept(_ isDue: (Kept) -> Bool) -> [RenderedEvent] {
        var due: [RenderedEvent] = []
        for _ in 0..<kept.count {
            guard let entry = kept.remove(at: 0) else { break }
            if isDue(entry) { due.append(entry.notice.event) } else { kept.append(entry) }
        }
        return due
    }

    private mutating func update(_ change: (inout Kept) -> Void) {
        for _ in 0..<kept.count {
            guard var entry = kept.remove(at: 0) else { break }
            change(&entry)
            kept.append(entry)
        }
    }
}
