import ServiceModel

/// A znode that announces instances, or fails to.
struct Leaf: Sendable {
    /// One endpoint of a DDNS list.
    struct Entry: Equatable, Sendable {
        let endpoint: Endpoint
        /// When it came into the list.
        let since: UnixTime
        /// zxid of the write that brought it.
        let mzxid: Int64
    }

    /// Why a znode, or a part of its data, is not understood.
    struct Fault: Equatable, Sendable {
        let offender: String
        let reason: String
    }

    /// What is known of it.
    enum Content: Sendable {
        /// Not looked at yet: a DDNS list, or one of a directory's providers when that was first listed.
        case unread
        /// A provider whose name is understood, its Stat not read yet.
        indirect case announced(Instance)
        /// A provider that claims its instance.
        indirect case provider(InstanceID)
        /// A DDNS list, with what is wrong with its first bad entry.
        case list([Entry], Fault?)
        /// Not understood, or not readable; stands among the rejections.
        case rejected
    }

    /// What its path means.
    let place: RegistryLayout.Place
    var content: Content
    /// Where it is; zxids and session are 0 until its Stat is read.
    var origin: Instance.Origin
    /// Number of the connection in which it was last seen.
    var connection: Int
    /// True when its Stat was read after all that was heard of it.
    var isCurrent = false
    /// When the event arrived after which it has to be read; nil in the first reading.
    var noticedAt: Instant?

    /// The service it is registered under; nil for places that are no leaf's.
    var service: ServiceName? {
        switch place {
        case .provider(let service, _), .domain(let service), .entry(let service, _),
            .unusable(let service, _):
            service
        case .root, .service, .providers, .application: nil
        }
    }

    /// True until something is known beyond its path.
    var isUnread: Bool { if case .unread = content { true } else { false } }

    /// The entries of a DDNS list that was read.
    var entries: [Entry] {
        if case .list(let entries, _) = content { entries } else { [] }
    }
}
