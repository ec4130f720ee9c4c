import Wire
import ZNodeTree
import ZooKeeperProtocol

extension ServerEngine {
    /// Answers a listing of children with the bytes that all its readers share.
    ///
    /// - Returns: False, with nothing done, where there is an error to tell.
    /// - Complexity: O(1) in the length of the list, but for the first reader after a change.
    mutating func list(
        _ request: GetChildrenRequest,
        _ header: RequestHeader,
        _ connection: Connection,
        _ caller: Caller
    ) -> Bool {
        guard let listing = tree.listing(request, by: caller) else { return false }
        let names = listing.names.bytes
        var tail = ByteWriter()
        if header.opCode == .getChildren2 { listing.stat.encode(into: &tail) }
        let isShared = names.count >= Limits.sharedNamesBytesMin
        let zxid = connection.told(max(gate.durable, listing.dependsOn))
        var head = ByteWriter(capacity: isShared ? 20 : 20 + names.count + tail.count)
        FrameWriter.appendHead(
            xid: header.xid,
            zxid: zxid,
            bodyBytes: names.count + tail.count,
            to: &head
        )
        var frame = Frame(head: [], names: isShared ? listing.names : nil)
        if isShared {
            frame.tail = tail.bytes
        } else {
            head.writeBytes(names)
            head.writeBytes(tail.bytes)
        }
        frame.head = head.bytes
        let needed = listing.dependsOn
        pass(frame, header, connection, zxid: zxid, needing: needed, isSuccess: true)
        return true
    }
}
