import Wire
import ZNodeTree
import ZooKeeperProtocol

/// Who a connection is: its address, and what it shows itself to be in auth packets.
///
/// An auth packet is answered in order with the other replies: a client may take its oldest open request to
/// be this one. As in ZooKeeper 3.8 its replies carry the zxid 0, and a packet that proves nothing ends the
/// connection. The schemes sasl and x509 and the operation sasl are answered as by a server without a
/// provider for them.
extension ServerEngine {
    mutating func authenticate(
        _ packet: AuthPacket,
        _ header: RequestHeader,
        _ connection: Connection
    ) {
        let shown: [Identity]
        do throws(AuthFailure) {
            shown = try identities(packet, connection)
            try connection.add(shown)
        } catch {
            reply(.failure(.authFailed), header, connection, zxid: 0)
            finish(connection, because: ClosingReason(.request, error.text))
            return
        }
        reply(.success(.empty), header, connection, zxid: 0)
    }

    /// Who the packet shows the connection to be.
    private func identities(
        _ packet: AuthPacket,
        _ connection: Connection
    ) throws(AuthFailure) -> [Identity] {
        switch packet.scheme {
        case "ip": return connection.addressIdentity.map { [$0] } ?? []
        case "digest":
            guard let credential = packet.credential else {
                throw AuthFailure(text: "auth of the scheme digest without a credential")
            }
            guard let identity = DigestCredential(credential).identity else {
                throw AuthFailure(text: "SHA-1 is not to be had, so nobody can show a digest")
            }
            let isSuper = settings.superDigest.map { DigestCredential.isEqual($0, identity) }
            return (isSuper == true ? [.superUser] : []) + [
                Identity(scheme: "digest", id: identity)
            ]
        default:
            throw AuthFailure(text: "no auth of the scheme \(LogText.quoted(packet.scheme))")
        }
    }

    /// A token of SASL: without a provider ZooKeeper 3.8 answers with none, and the connection stays.
    ///
    /// Wire format (ZooKeeper 3.8 zookeeper.jute, GetSASLRequest and SetSASLResponse):
    /// ```
    /// buffer token
    /// ```
    mutating func answerToken(
        _ reader: inout ByteReader,
        _ header: RequestHeader,
        _ connection: Connection
    ) {
        do throws(WireError) {
            guard try reader.readBuffer() != nil else {
                breakOff(connection, because: ClosingReason(.request, "a SASL token that is null"))
                return
            }
        } catch {
            breakOff(connection, because: ClosingReason(.request, "SASL token: \(error)"))
            return
        }
        var body = ByteWriter(capacity: 24)
        ReplyHeader(xid: header.xid, zxid: 0).encode(into: &body)
        body.writeBuffer(nil)
        var frame = ByteWriter(capacity: 24)
        frame.writeBuffer(body.bytes)
        pass(frame.bytes, to: connection, needing: .min)
    }
}

/// Why a connection is not whom it says it is.
private struct AuthFailure: Error {
    var text: String
}

extension Connection {
    /// The identity that comes with the address; nil for a connection that was handed in.
    fileprivate var addressIdentity: Identity? { identities.first { $0.scheme == "ip" } }

    /// - Throws: `AuthFailure` for more than the bounds allow.
    fileprivate func add(_ shown: [Identity]) throws(AuthFailure) {
        let all = identities + shown.filter { !identities.contains($0) }
        guard all.count <= Limits.identitiesMax else {
            throw AuthFailure(text: "more than \(Limits.identitiesMax) identities")
        }
        guard all.reduce(0, { $0 + $1.id.utf8.count }) <= Limits.identityBytesMax else {
            throw AuthFailure(text: "identities of more than \(Limits.identityBytesMax) bytes")
        }
        identities = all
    }
}
