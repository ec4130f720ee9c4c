public import Wire

/// All that a server can answer to a request that succeeded, by shape.
///
/// Step of the data flow: on a server, from the tree to a frame; on a client, from a frame to the caller,
/// who knows what was asked. A request that failed has an `ErrorCode` and no response.
public enum Response: Equatable, Sendable {
    /// No body: delete, ping, check, checkWatches, removeWatches, auth, setWatches(2), closeSession.
    case empty
    /// A path: create, sync.
    case path(String)
    /// A path and a Stat: create2, createContainer, createTTL.
    case created(Create2Response)
    /// A Stat: exists, setData, setACL.
    case stat(Stat)
    /// Data and a Stat: getData, reconfig.
    case data(GetDataResponse)
    /// An access list and a Stat: getACL.
    case acl(GetACLResponse)
    /// Names of children (getChildren), or paths of ephemerals (getEphemerals).
    case names([String])
    /// Names of children and a Stat: getChildren2.
    case children(GetChildren2Response)
    /// A result for each part: multi, multiRead.
    case multi(MultiResponse)
    /// How many descendants: getAllChildrenNumber.
    case number(Int32)
    /// A code as a body, jute's ErrorResponse: addWatch.
    case error(ErrorCode)
    /// Who the connection is, jute's WhoAmIResponse: whoAmI.
    case identities([ClientIdentity])
}

extension Response {
    /// Reads the body behind a reply header whose error is `.ok`; bytes after it are left alone.
    ///
    /// - Parameters:
    ///   - opCode: What was asked.
    ///   - reader: Stands behind the header.
    /// - Returns: The case that belongs to the op code.
    /// - Throws: `WireError` with the offset of the first bad value.
    /// - Complexity: O(bytes read).
    public static func decode(
        _ opCode: OpCode,
        from reader: inout ByteReader
    ) throws(WireError) -> Response {
        switch opCode {
        case .delete, .ping, .check, .checkWatches, .removeWatches, .auth, .setWatches,
            .setWatches2, .closeSession:
            return .empty
        case .create, .sync: return .path(try reader.readString())
        case .create2, .createContainer, .createTTL:
            return .created(try Create2Response(from: &reader))
        case .exists, .setData, .setACL: return .stat(try Stat(from: &reader))
        case .getData, .reconfig: return .data(try GetDataResponse(from: &reader))
        case .getACL: return .acl(try GetACLResponse(from: &reader))
        case .getChildren, .getEphemerals: return .names(try reader.readStrings())
        case .getChildren2: return .children(try GetChildren2Response(from: &reader))
        case .multi, .multiRead: return .multi(try MultiResponse(from: &reader))
        case .getAllChildrenNumber: return .number(try reader.readInt32())
        case .addWatch: return .error(ErrorCode(rawValue: try reader.readInt32()))
        case .whoAmI:
            let bytesMin = Limits.clientIdentityBytesMin
            return .identities(try reader.readRecords(elementBytesMin: bytesMin) ?? [])
        case .notification, .deleteContainer, .sasl, .createSession, .error:
            throw WireError(.badValue(Int(opCode.rawValue)), at: reader.offset)
        }
    }

    /// Appends the body that follows a reply header whose error is `.ok`.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .empty: break
        case .path(let path): writer.writeString(path)
        case .created(let record): record.encode(into: &writer)
        case .stat(let record): record.encode(into: &writer)
        case .data(let record): record.encode(into: &writer)
        case .acl(let record): record.encode(into: &writer)
        case .names(let names): writer.writeStrings(names)
        case .children(let record): record.encode(into: &writer)
        case .multi(let record): record.encode(into: &writer)
        case .number(let number): writer.writeInt32(number)
        case .error(let code): writer.writeInt32(code.rawValue)
        case .identities(let identities): writer.writeRecords(identities)
        }
    }
}
