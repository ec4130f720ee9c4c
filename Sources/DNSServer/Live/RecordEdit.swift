public import DNSProtocol

/// One change to the answer table, as the live zone's engine asks for it.
public enum RecordEdit: Equatable, Sendable {
    /// A record is there once more.
    case add(ResourceRecord, RecordSource)
    /// A record is there once less.
    case remove(ResourceRecord, RecordSource)
    /// A name exists for one more reason, whatever its records.
    case declare(DNSName)
    /// A name exists for one reason less.
    case retract(DNSName)
    /// A zone is new, or its head changed.
    case setZone(ZoneHead)
    /// A zone is gone.
    case removeZone(DNSName)
}

extension AnswerTableWriter {
    /// Carries out edits in their order and shows them together.
    ///
    /// - Complexity: O(1) for each edit but those of zones.
    public mutating func apply(_ edits: [RecordEdit]) {
        guard !edits.isEmpty else { return }
        for edit in edits {
            switch edit {
            case .add(let record, let source):
                add(
                    record.name,
                    record.type,
                    ttl: record.ttl,
                    rdata: record.rdata,
                    source: source
                )
            case .remove(let record, let source):
                remove(record.name, record.type, rdata: record.rdata, source: source)
            case .declare(let name): declare(name)
            case .retract(let name): retract(name)
            case .setZone(let head): setZone(head)
            case .removeZone(let origin): removeZone(origin)
            }
        }
        commit()
    }
}
