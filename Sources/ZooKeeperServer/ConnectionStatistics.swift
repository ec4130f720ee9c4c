import ServiceModel
import ZooKeeperProtocol

/// What the word `cons` shows of one connection.
///
/// Noted with a few stores a request; latencies follow once a turn, from `Statistics`' reading of the clock.
struct ConnectionStatistics {
    /// Frames from the client.
    var received = 0
    /// Replies, events and texts to it.
    var sent = 0
    private(set) var lastOperation = OperationName.none
    /// Of the last request with an xid of its own; -1 before the first.
    private(set) var lastXID: Int32 = -1
    /// As of the last answer; -1 before the first.
    private(set) var lastZxid: Int64 = -1
    private(set) var lastAnswerAt = Instant(nanoseconds: 0)
    private(set) var lastLatency = 0
    private(set) var latency = Summary()
    private var unsettled = 0

    /// A request was answered.
    mutating func note(_ operation: OperationName, xid: Int32, zxid: Int64) {
        lastOperation = operation
        // Those of pings, auth packets and watches say nothing about what the client does.
        if xid >= 0 { lastXID = xid }
        lastZxid = zxid
    }

    /// A reply leaves in this turn.
    mutating func answered(count: Int = 1) { unsettled += count }

    /// The answers of this turn leave so long after their requests were read.
    mutating func settle(milliseconds: Int, now: Instant) {
        guard unsettled > 0 else { return }
        waited(milliseconds: milliseconds, count: unsettled, now: now)
        unsettled = 0
    }

    /// Answers left after they had waited for durability.
    mutating func waited(milliseconds: Int, count: Int = 1, now: Instant) {
        latency.add(milliseconds, times: count)
        (lastLatency, lastAnswerAt) = (milliseconds, now)
    }
}

/// Four letters for what a client did last (ZooKeeper 3.8 FinalRequestProcessor).
enum OperationName: String {
    case none = "NA"
    case ping = "PING"
    case session = "SESS"
    case multi = "MULT"
    case multiRead = "MLTR"
    case create = "CREA"
    case delete = "DELE"
    case setData = "SETD"
    case reconfig = "RECO"
    case setACL = "SETA"
    case close = "CLOS"
    case sync = "SYNC"
    case check = "CHEC"
    case exists = "EXIS"
    case getData = "GETD"
    case setWatches = "SETW"
    case setWatches2 = "STW2"
    case addWatch = "ADDW"
    case getACL = "GETA"
    case getChildren = "GETC"
    case getAllChildrenNumber = "GETACN"
    case checkWatches = "CHKW"
    case removeWatches = "REMW"
    case whoAmI = "HOMI"
    case getEphemerals = "GETE"

    /// What an answered operation is called; writes that were refused have no name.
    init(_ opCode: OpCode, isSuccess: Bool) {
        self =
            switch opCode {
            case .ping: .ping
            case .createSession: .session
            case .multi: .multi
            case .multiRead: .multiRead
            case .create, .create2, .createContainer, .createTTL: isSuccess ? .create : .none
            case .delete, .deleteContainer: isSuccess ? .delete : .none
            case .setData: isSuccess ? .setData : .none
            case .setACL: isSuccess ? .setACL : .none
            case .reconfig: isSuccess ? .reconfig : .none
            case .check: isSuccess ? .check : .none
            case .closeSession: .close
            case .sync: .sync
            case .exists: .exists
            case .getData: .getData
            case .setWatches: .setWatches
            case .setWatches2: .setWatches2
            case .addWatch: .addWatch
            case .getACL: .getACL
            case .getChildren, .getChildren2: .getChildren
            case .getAllChildrenNumber: .getAllChildrenNumber
            case .checkWatches: .checkWatches
            case .removeWatches: .removeWatches
            case .whoAmI: .whoAmI
            case .getEphemerals: .getEphemerals
            case .notification, .auth, .sasl, .error: .none
            }
    }
}

extension OpCode {
    /// True for what is counted as a change of the tree, whether it succeeds or not.
    var isUpdate: Bool {
        switch self {
        case .create, .create2, .createContainer, .createTTL, .delete, .deleteContainer, .setData,
            .setACL, .multi, .reconfig, .check, .createSession, .closeSession:
            true
        default: false
        }
    }
}
