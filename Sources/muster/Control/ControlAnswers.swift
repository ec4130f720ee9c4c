/// The parts of the daemon's answers that commands read; names are those of the API.
struct StatusAnswer: Decodable, Sendable {
    /// Where the tree lives.
    struct Registry: Decodable, Sendable {
        /// `embedded` or `ensemble`.
        let mode: String
        /// Connect string for clients.
        let connect: String
        /// State of the daemon's own session.
        let session: String
        /// Open connections, embedded only.
        let connections: Int?
        /// Live sessions, embedded only.
        let sessions: Int?
        /// Nodes in the tree, embedded only.
        let znodes: Int?
    }
    /// What is answered.
    struct DNS: Decodable, Sendable {
        /// Address of UDP and TCP.
        let listen: String
        /// Origins of the zones, with final dots.
        let zones: [String]
        /// Questions since the start.
        let queries: Int
    }
    /// How far the view may be trusted.
    struct View: Decodable, Sendable {
        /// `live`, `stale`, `expired` or `not ready`.
        let freshness: String
        /// Services known.
        let services: Int
        /// Instances known.
        let instances: Int
        /// zxid of the last change, hexadecimal.
        let zxid: String
        /// Since when it is stale.
        let staleSince: String?
        /// How old what is known is, in seconds; nil when it is live.
        let ageSeconds: Int?
        /// Why the registry's changes do not arrive.
        let staleReason: String?
    }
    /// The process.
    struct Daemon: Decodable, Sendable {
        /// Process id.
        let pid: Int
        /// Version of the program.
        let version: String
        /// When it started.
        let startedAt: String
    }

    /// One of the daemons on an ensemble.
    struct Member: Decodable, Sendable {
        /// Name of its znode.
        let id: String
        /// True for the one that answers.
        let own: Bool
        /// Its machine.
        let host: String?
        /// Its process id.
        let pid: Int?
        /// Address of its DNS.
        let dns: String?
        /// Its version.
        let version: String?
    }

    /// The process.
    let daemon: Daemon
    /// All daemons on the ensemble; nil where nothing is shared.
    let daemons: [Member]?
    /// Where the tree lives.
    let registry: Registry
    /// What is answered.
    let dns: DNS
    /// How far the view may be trusted.
    let view: View
    /// Address of the HTTP port.
    let console: String
    /// Sentences that want somebody's attention.
    let warnings: [String]
}

/// `/v1/services`.
struct ServicesAnswer: Decodable, Sendable {
    /// One service.
    struct Row: Decodable, Sendable {
        let name: String
        let kind: String
        let instances: Int
        let serving: Int
        let rejections: Int
        let since: String
    }
    let services: [Row]
}

/// One instance, wherever it stands.
struct InstanceAnswer: Decodable, Sendable {
    let service: String
    let address: String
    let port: UInt16
    let alternateAddress: String?
    let scheme: String
    let group: String
    let version: String
    let tag: String
    let application: String
    let weight: Int
    let state: String
    let since: String
    let why: String
    let path: String
    let session: String

    /// `10.0.0.1:20880`, with brackets for IPv6.
    var endpoint: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// A registration that is not understood.
struct RejectionAnswer: Decodable, Sendable {
    let service: String
    let path: String
    let offender: String
    let reason: String
    let since: String
}

/// `/v1/services/NAME`.
struct ServiceAnswer: Decodable, Sendable {
    /// One service with everything in it.
    struct Detail: Decodable, Sendable {
        let service: ServicesAnswer.Row
        let instances: [InstanceAnswer]
        let rejections: [RejectionAnswer]
    }
    let services: [Detail]
}

/// `/v1/instances`.
struct InstancesAnswer: Decodable, Sendable {
    let total: Int
    let instances: [InstanceAnswer]
    let rejections: [RejectionAnswer]?
}

/// `/v1/explain`.
struct ExplainAnswer: Decodable, Sendable {
    let lines: [String]
}

/// An event of `/v1/events`.
struct EventAnswer: Decodable, Sendable {
    /// The instance's part that is printed.
    struct Instance: Decodable, Sendable {
        let address: String
        let port: UInt16
        let scheme: String
    }
    /// The rejection's part that is printed.
    struct Rejection: Decodable, Sendable {
        let path: String
        let offender: String
        let reason: String
    }
    let number: UInt64
    let at: String
    let kind: String
    let service: String
    let instance: Instance?
    let rejection: Rejection?
    let departure: String?
    let why: String
}

/// `/v1/backup`.
struct BackupAnswer: Codable, Sendable {
    /// The number that the copy was given.
    let number: Int
    /// `none`, `running`, `done` or `failed`.
    let state: String
    let path: String
    let bytes: Int
    let problem: String
}

/// An error answer of the API.
struct ErrorAnswer: Decodable, Sendable {
    /// What happened and what to do.
    struct Detail: Decodable, Sendable {
        let message: String
        let `do`: String
    }
    let error: Detail
}
