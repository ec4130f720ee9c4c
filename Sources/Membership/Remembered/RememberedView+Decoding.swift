import ServiceModel
import Wire

extension RememberedView {
    /// Reads a view's bytes, strictly: nothing is guessed, and nothing may be left over.
    ///
    /// - Parameters:
    ///   - bytes: All of the file.
    ///   - origin: What the view has to be of.
    /// - Throws: `MembershipError` `.damagedView` with the place in bytes, `.newerView`, `.foreignView`.
    public init(_ bytes: [UInt8], of origin: String) throws(MembershipError) {
        do throws(RememberedFault) {
            self = try Self.read(bytes)
        } catch {
            throw error.error
        }
        guard self.origin == origin else {
            throw MembershipError(
                .foreignView,
                "is a view of another registry: of \(self.origin), not of \(origin)"
            )
        }
    }

    private static func read(_ bytes: [UInt8]) throws(RememberedFault) -> RememberedView {
        var source = RememberedSource(bytes.span)
        let magic = try source.take { (reader) throws(WireError) in try reader.readBytes(8) }
        guard magic == RememberedFormat.magic else {
            throw .damaged("is no view of musterd's", at: 0)
        }
        let version = try source.take { (reader) throws(WireError) in try reader.readUInt32() }
        guard version == RememberedFormat.version else {
            throw version > RememberedFormat.version
                ? .newer(version) : .damaged("has format \(version)", at: 8)
        }
        let sum = try source.take { (reader) throws(WireError) in try reader.readUInt32() }
        let body = bytes.span.extracting(RememberedFormat.headBytes...)
        guard CRC32C.of(body) == sum else {
            throw .damaged("its checksum does not match its \(bytes.count) bytes", at: 12)
        }
        let origin = try source.text()
        let liveAt = try source.time()
        var view = MembershipView()
        view.zxid = try source.integer()
        for _ in 0..<(try source.count(elementBytesMin: 21)) {
            let place = source.offset
            let name = try source.serviceName()
            guard view.services[name] == nil else {
                throw .damaged("has \(name) twice", at: place)
            }
            let service = try source.service(name)
            view.services[name] = service
            view.instanceCount += service.instances.count
        }
        guard source.remaining == 0 else {
            throw .damaged("goes on behind its end", at: source.offset)
        }
        return RememberedView(of: origin, liveAt: liveAt, view)
    }
}

/// Why bytes are no view.
private enum RememberedFault: Error {
    case damaged(String, at: Int)
    case newer(UInt32)

    var error: MembershipError {
        switch self {
        case .damaged(let what, let place):
            MembershipError(.damagedView, "\(what) (at byte \(place))")
        case .newer(let version):
            MembershipError(
                .newerView,
                "has format \(version), of a later musterd; this one reads "
                    + "\(RememberedFormat.version)"
            )
        }
    }
}

/// Values of the format, one after the other.
private struct RememberedSource: ~Escapable {
    private var reader: ByteReader

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { reader = ByteReader(bytes) }

    var offset: Int { reader.offset }
    var remaining: Int { reader.remaining }

    mutating func take<Value>(
        _ read: (inout ByteReader) throws(WireError) -> Value
    ) throws(RememberedFault) -> Value {
        do throws(WireError) {
            return try read(&reader)
        } catch {
            throw .damaged("\(error)", at: offset)
        }
    }

    mutating func text() throws(RememberedFault) -> String {
        let count = try count(elementBytesMin: 1)
        return try take { (reader) throws(WireError) in try reader.readUTF8(count) }
    }

    mutating func integer() throws(RememberedFault) -> Int64 {
        try take { (reader) throws(WireError) in try reader.readInt64() }
    }

    mutating func byte() throws(RememberedFault) -> Int {
        Int(try take { (reader) throws(WireError) in try reader.readUInt8() })
    }

    mutating func time() throws(RememberedFault) -> UnixTime {
        UnixTime(milliseconds: try integer())
    }

    /// A count that the bytes that are left can hold.
    mutating func count(elementBytesMin: Int) throws(RememberedFault) -> Int {
        let place = offset
        let count = Int(try take { (reader) throws(WireError) in try reader.readUInt32() })
        guard count <= remaining / elementBytesMin else {
            throw .damaged("\(count) things do not fit into \(remaining) bytes", at: place)
        }
        return count
    }

    mutating func choice<Value>(_ values: [Value]) throws(RememberedFault) -> Value {
        let place = offset
        let index = try byte()
        guard values.indices.contains(index) else {
            throw .damaged("\(index) stands for nothing", at: place)
        }
        return values[index]
    }

    mutating func address() throws(RememberedFault) -> IPAddress? {
        let place = offset
        let count = try byte()
        guard count > 0 else { return nil }
        guard [4, 16].contains(count) else {
            throw .damaged("an address of \(count) bytes", at: place)
        }
        return IPAddress(
            bytes: try take { (reader) throws(WireError) in try reader.readBytes(count) }
        )
    }

    mutating func serviceName() throws(RememberedFault) -> ServiceName {
        ServiceName(try choice(RememberedFormat.kinds), try text())
    }

    mutating func service(
        _ name: ServiceName
    ) throws(RememberedFault) -> MembershipView.Service {
        var service = MembershipView.Service(since: try time())
        let instances = try count(elementBytesMin: 80)
        let rejections = try count(elementBytesMin: 20)
        for _ in 0..<instances {
            let place = offset
            let instance = try instance(of: name)
            guard service.instances[instance.id] == nil else {
                throw .damaged("has \(instance.id.endpoint) of \(name) twice", at: place)
            }
            service.instances[instance.id] = instance
        }
        for _ in 0..<rejections {
            let rejection = Rejection(
                path: try text(),
                offender: try text(),
                reason: try text(),
                since: try time()
            )
            service.rejections[rejection.path] = rejection
        }
        return service
    }

    private mutating func instance(of service: ServiceName) throws(RememberedFault) -> Instance {
        let scheme = try text()
        let place = offset
        guard let address = try address() else { throw .damaged("no address", at: place) }
        let port = try take { (reader) throws(WireError) in try reader.readUInt16() }
        let id = InstanceID(
            service: service,
            scheme: scheme,
            endpoint: Endpoint(address: address, port: port),
            group: try text(),
            version: try text(),
            tag: try text()
        )
        let application = try text()
        let alternateAddress = try self.address()
        let weight = try natural()
        let hasStart = try choice([false, true])
        var startedAt: UnixTime?
        if hasStart { startedAt = try time() }
        let warmup = Duration.nanoseconds(Int64(try natural()))
        let state = State(
            try choice(RememberedFormat.standings),
            since: try time(),
            why: try text()
        )
        return Instance(
            id: id,
            alternateAddress: alternateAddress,
            weight: weight,
            application: application,
            startedAt: startedAt,
            warmup: warmup,
            state: state,
            parameters: Parameters(try parameters()),
            origin: Instance.Origin(
                path: try text(),
                czxid: try integer(),
                mzxid: try integer(),
                session: try integer()
            )
        )
    }

    private mutating func natural() throws(RememberedFault) -> Int {
        let place = offset
        let value = try integer()
        guard value >= 0 else { throw .damaged("\(value) is negative", at: place) }
        return Int(value)
    }

    private mutating func parameters() throws(RememberedFault) -> [String: String] {
        var parameters: [String: String] = [:]
        for _ in 0..<(try count(elementBytesMin: 8)) {
            let place = offset
            let name = try text()
            guard parameters.updateValue(try text(), forKey: name) == nil else {
                throw .damaged("has the parameter \(name) twice", at: place)
            }
        }
        return parameters
    }
}
