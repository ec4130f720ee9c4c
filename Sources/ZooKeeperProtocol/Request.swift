public import Wire

/// All that a client with a session can ask of a server.
///
/// Step of the data flow: on a server, from a frame to the tree; on a client, from the caller to a frame.
/// A value that decoded may still break rules that have codes of their own, such as those of paths,
/// flags and access lists: the tree answers those.
public enum Request: Equatable, Sendable {
    /// Makes a znode; answered with `Response.path`.
    case create(CreateRequest)
    /// Makes a znode; answered with `Response.created`.
    case create2(CreateRequest)
    /// Makes a container; answered with `Response.created`.
    case createContainer(CreateRequest)
    /// Makes a znode with a TTL; answered with `Response.created`.
    case createTTL(CreateTTLRequest)
    /// Removes a znode; answered with `Response.empty`.
    case delete(DeleteRequest)
    /// Reads a Stat; answered with `Response.stat`.
    case exists(ExistsRequest)
    /// Reads data; answered with `Response.data`.
    case getData(GetDataRequest)
    /// Replaces data; answered with `Response.stat`.
    case setData(SetDataRequest)
    /// Reads an access list; answered with `Response.acl`.
    case getACL(GetACLRequest)
    /// Replaces an access list; answered with `Response.stat`.
    case setACL(SetACLRequest)
    /// Lists children; answered with `Response.names`.
    case getChildren(GetChildrenRequest)
    /// Lists children; answered with `Response.children`.
    case getChildren2(GetChildrenRequest)
    /// Waits for all earlier writes; answered with `Response.path`.
    case sync(SyncRequest)
    /// Keeps the session alive; answered with `Response.empty`.
    case ping
    /// Compares a version; answered with `Response.empty`.
    case check(CheckVersionRequest)
    /// Writes together; answered with `Response.multi`, also when it fails.
    case multi(MultiRequest)
    /// Reads together; answered with `Response.multi`.
    case multiRead(MultiReadRequest)
    /// Changes an ensemble; answered with `Response.data`.
    case reconfig(ReconfigRequest)
    /// Asks for a watch; answered with `Response.empty` or NOWATCHER.
    case checkWatches(WatcherRequest)
    /// Takes watches back; answered with `Response.empty` or NOWATCHER.
    case removeWatches(WatcherRequest)
    /// Adds a credential; answered with `Response.empty`.
    case auth(AuthPacket)
    /// Sets watches again; answered with `Response.empty`.
    case setWatches(SetWatchesRequest)
    /// Sets watches again; answered with `Response.empty`.
    case setWatches2(SetWatches2Request)
    /// Lists the session's ephemerals; answered with `Response.names`.
    case getEphemerals(GetEphemeralsRequest)
    /// Counts descendants; answered with `Response.number`.
    case getAllChildrenNumber(GetAllChildrenNumberRequest)
    /// Sets a persistent watch; answered with `Response.error(.ok)`.
    case addWatch(AddWatchRequest)
    /// Lists the connection's identities; answered with `Response.identities`.
    case whoAmI
    /// Ends the session; answered with `Response.empty`, then the connection closes.
    case closeSession
}

extension Request {
    /// Reads the record behind a request header; bytes after it are left alone.
    ///
    /// - Parameters:
    ///   - opCode: The header's; one whose `isClientRequest` is false is refused.
    ///   - reader: Stands behind the header.
    /// - Returns: The case of the op code's name.
    /// - Throws: `WireError` with the offset of the first bad value; servers answer MARSHALLINGERROR.
    /// - Complexity: O(bytes read).
    public static func decode(
        _ opCode: OpCode,
        from reader: inout ByteReader
    ) throws(WireError) -> Request {
        switch opCode {
        case .create: .create(try CreateRequest(from: &reader))
        case .create2: .create2(try CreateRequest(from: &reader))
        case .createContainer: .createContainer(try CreateRequest(from: &reader))
        case .createTTL: .createTTL(try CreateTTLRequest(from: &reader))
        case .delete: .delete(try DeleteRequest(from: &reader))
        case .exists: .exists(try ExistsRequest(from: &reader))
        case .getData: .getData(try GetDataRequest(from: &reader))
        case .setData: .setData(try SetDataRequest(from: &reader))
        case .getACL: .getACL(try GetACLRequest(from: &reader))
        case .setACL: .setACL(try SetACLRequest(from: &reader))
        case .getChildren: .getChildren(try GetChildrenRequest(from: &reader))
        case .getChildren2: .getChildren2(try GetChildrenRequest(from: &reader))
        case .sync: .sync(try SyncRequest(from: &reader))
        case .ping: .ping
        case .check: .check(try CheckVersionRequest(from: &reader))
        case .multi: .multi(try MultiRequest(from: &reader))
        case .multiRead: .multiRead(try MultiReadRequest(from: &reader))
        case .reconfig: .reconfig(try ReconfigRequest(from: &reader))
        case .checkWatches: .checkWatches(try WatcherRequest(from: &reader))
        case .removeWatches: .removeWatches(try WatcherRequest(from: &reader))
        case .auth: .auth(try AuthPacket(from: &reader))
        case .setWatches: .setWatches(try SetWatchesRequest(from: &reader))
        case .setWatches2: .setWatches2(try SetWatches2Request(from: &reader))
        case .getEphemerals: .getEphemerals(try GetEphemeralsRequest(from: &reader))
        case .getAllChildrenNumber:
            .getAllChildrenNumber(try GetAllChildrenNumberRequest(from: &reader))
        case .addWatch: .addWatch(try AddWatchRequest(from: &reader))
        case .whoAmI: .whoAmI
        case .closeSession: .closeSession
        case .notification, .deleteContainer, .sasl, .createSession, .error:
            throw WireError(.badValue(Int(opCode.rawValue)), at: reader.offset)
        }
    }

    /// What is asked for.
    public var opCode: OpCode {
        switch self {
        case .create: .create
        case .create2: .create2
        case .createContainer: .createContainer
        case .createTTL: .createTTL
        case .delete: .delete
        case .exists: .exists
        case .getData: .getData
        case .setData: .setData
        case .getACL: .getACL
        case .setACL: .setACL
        case .getChildren: .getChildren
        case .getChildren2: .getChildren2
        case .sync: .sync
        case .ping: .ping
        case .check: .check
        case .multi: .multi
        case .multiRead: .multiRead
        case .reconfig: .reconfig
        case .checkWatches: .checkWatches
        case .removeWatches: .removeWatches
        case .auth: .auth
        case .setWatches: .setWatches
        case .setWatches2: .setWatches2
        case .getEphemerals: .getEphemerals
        case .getAllChildrenNumber: .getAllChildrenNumber
        case .addWatch: .addWatch
        case .whoAmI: .whoAmI
        case .closeSession: .closeSession
        }
    }

    /// The xid that our client gives this kind of request, or nil when it counts on.
    ///
    /// The Java client counts its setWatches like ordinary requests: servers echo what came.
    public var fixedXID: Int32? {
        switch self {
        case .ping: XID.ping
        case .auth: XID.auth
        case .setWatches, .setWatches2: XID.setWatches
        default: nil
        }
    }

    /// Appends the record that follows the request header.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .create(let record), .create2(let record), .createContainer(let record):
            record.encode(into: &writer)
        case .createTTL(let record): record.encode(into: &writer)
        case .delete(let record): record.encode(into: &writer)
        case .exists(let record): record.encode(into: &writer)
        case .getData(let record): record.encode(into: &writer)
        case .setData(let record): record.encode(into: &writer)
        case .getACL(let record): record.encode(into: &writer)
        case .setACL(let record): record.encode(into: &writer)
        case .getChildren(let record), .getChildren2(let record): record.encode(into: &writer)
        case .sync(let record): record.encode(into: &writer)
        case .check(let record): record.encode(into: &writer)
        case .multi(let record): record.encode(into: &writer)
        case .multiRead(let record): record.encode(into: &writer)
        case .reconfig(let record): record.encode(into: &writer)
        case .checkWatches(let record), .removeWatches(let record): record.encode(into: &writer)
        case .auth(let record): record.encode(into: &writer)
        case .setWatches(let record): record.encode(into: &writer)
        case .setWatches2(let record): record.encode(into: &writer)
        case .getEphemerals(let record): record.encode(into: &writer)
        case .getAllChildrenNumber(let record): record.encode(into: &writer)
        case .addWatch(let record): record.encode(into: &writer)
        case .ping, .whoAmI, .closeSession: break
        }
    }
}
