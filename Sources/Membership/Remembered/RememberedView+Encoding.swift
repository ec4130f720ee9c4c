import ServiceModel
import Wire

extension RememberedView {
    /// The view's bytes, checksum included.
    ///
    /// - Complexity: O(instances); 100,000 make about 40 MB.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: RememberedFormat.headBytes + view.instanceCount * 512)
        writer.writeBytes(RememberedFormat.magic)
        writer.writeUInt32(RememberedFormat.version)
        writer.writeUInt32(0)
        writer.write(text: origin)
        writer.write(time: liveAt)
        writer.writeInt64(view.zxid)
        writer.write(count: view.services.count)
        for name in view.services.keys {
            if let service = view.services[name] { writer.write(name, service) }
        }
        let body = writer.bytes.span.extracting(RememberedFormat.headBytes...)
        let sum = CRC32C.of(body)
        writer.patchInt32(Int32(bitPattern: sum), at: RememberedFormat.headBytes - 4)
        return writer.bytes
    }
}

extension ByteWriter {
    fileprivate mutating func write(text: String) {
        writeUInt32(UInt32(text.utf8.count))
        writeBytes(text.utf8)
    }

    fileprivate mutating func write(count: Int) { writeUInt32(UInt32(count)) }

    fileprivate mutating func write(time: UnixTime) { writeInt64(time.milliseconds) }

    /// Its length, 0 for none, and its bytes.
    fileprivate mutating func write(address: IPAddress?) {
        let bytes = address?.bytes ?? []
        writeUInt8(UInt8(bytes.count))
        writeBytes(bytes)
    }

    fileprivate mutating func write(_ name: ServiceName, _ service: MembershipView.Service) {
        writeUInt8(UInt8(RememberedFormat.kinds.firstIndex(of: name.kind) ?? 0))
        write(text: name.name)
        write(time: service.since)
        write(count: service.instances.count)
        write(count: service.rejections.count)
        for instance in service.instances.values { write(instance) }
        for rejection in service.rejections.values {
            write(text: rejection.path)
            write(text: rejection.offender)
            write(text: rejection.reason)
            write(time: rejection.since)
        }
    }

    private mutating func write(_ instance: Instance) {
        let id = instance.id
        write(text: id.scheme)
        write(address: id.endpoint.address)
        writeUInt16(id.endpoint.port)
        for text in [id.group, id.version, id.tag, instance.application] { write(text: text) }
        write(address: instance.alternateAddress)
        writeInt64(Int64(instance.weight))
        writeBool(instance.startedAt != nil)
        if let startedAt = instance.startedAt { write(time: startedAt) }
        writeInt64(instance.warmup.nanosecondsClamped)
        let standing = RememberedFormat.standings.firstIndex(of: instance.state.standing)
        writeUInt8(UInt8(standing ?? 0))
        write(time: instance.state.since)
        write(text: instance.state.why)
        let parameters = instance.parameters.dictionary
        write(count: parameters.count)
        for (name, value) in parameters {
            write(text: name)
            write(text: value)
        }
        write(text: instance.origin.path)
        writeInt64(instance.origin.czxid)
        writeInt64(instance.origin.mzxid)
        writeInt64(instance.origin.session)
    }
}
