import Foundation
import ZooKeeperProtocol

/// One thing that a session of the workload does to its own folder.
enum CrashOperation: CustomStringConvertible {
    case create(String, [UInt8], isEphemeral: Bool)
    case sequential(String, [UInt8], isEphemeral: Bool)
    case set(String, [UInt8], version: Int32)
    case delete(String, version: Int32)
    case read(String)
    case multi([CrashOperation])
    /// The session ends, and its ephemerals with it.
    case close

    var description: String {
        switch self {
        case .create(let name, let data, let isEphemeral):
            "create \(isEphemeral ? "-e " : "")\(name) (\(data.count) bytes)"
        case .sequential(let prefix, let data, let isEphemeral):
            "create -s \(isEphemeral ? "-e " : "")\(prefix) (\(data.count) bytes)"
        case .set(let name, let data, let version):
            "set \(name) v\(version) (\(data.count) bytes)"
        case .delete(let name, let version): "delete \(name) v\(version)"
        case .read(let name): "get \(name)"
        case .multi(let parts): "multi \(parts)"
        case .close: "close"
        }
    }
}

/// What a folder holds after some operations, and what each of them has to be answered.
///
/// A folder belongs to one session at a time, so everything about it is known in advance but the zxids.
struct CrashModel: Equatable {
    struct Node: Equatable, CustomStringConvertible {
        var data: [UInt8]
        var version: Int32 = 0
        var isEphemeral: Bool
        /// Nil where the answer was lost, or is not there yet.
        var czxid: Int64?
        var mzxid: Int64?

        var description: String {
            let zxids = [czxid, mzxid].map { $0.map { String($0, radix: 16) } ?? "?" }
            let kind = isEphemeral ? "ephemeral" : "persistent"
            let place = zxids.joined(separator: "/")
            return "\(kind) v\(version) (\(data.count) bytes), zxids \(place)"
        }
    }

    let folder: String
    private(set) var nodes: [String: Node] = [:]
    /// Children ever made: the next sequence number.
    private(set) var creations: Int32 = 0
    private(set) var deletions: Int32 = 0
    /// zxid of the last change of the list; nil as in `Node`.
    private(set) var pzxid: Int64?

    init(folder: String) { self.folder = folder }

    /// What the folder's Stat shows.
    var cversion: Int32 { creations + deletions }

    /// What an operation's answer has to be.
    enum Answer: Equatable {
        case path(String)
        case version(Int32)
        case data([UInt8], version: Int32)
        case done
        case multi([Answer])
        case refused(ErrorCode)
    }

    /// Carries out an operation.
    ///
    /// - Parameters:
    ///   - operation: Changes nothing where it is refused.
    ///   - zxid: Its own, where it is known.
    /// - Returns: What it has to be answered.
    mutating func apply(_ operation: CrashOperation, zxid: Int64?) -> Answer {
        switch operation {
        case .create(let name, let data, let isEphemeral):
            guard nodes[name] == nil else { return .refused(.nodeExists) }
            add(name, data, isEphemeral, zxid)
            return .path(folder + "/" + name)
        case .sequential(let prefix, let data, let isEphemeral):
            let name = prefix + ZNodePath.sequential("", number: creations)
            add(name, data, isEphemeral, zxid)
            return .path(folder + "/" + name)
        case .set(let name, let data, let version):
            guard var node = nodes[name] else { return .refused(.noNode) }
            guard version == -1 || version == node.version else { return .refused(.badVersion) }
            (node.data, node.version, node.mzxid) = (data, node.version + 1, zxid)
            nodes[name] = node
            return .version(node.version)
        case .delete(let name, let version):
            guard let node = nodes[name] else { return .refused(.noNode) }
            guard version == -1 || version == node.version else { return .refused(.badVersion) }
            nodes[name] = nil
            (deletions, pzxid) = (deletions + 1, zxid)
            return .done
        case .read(let name):
            guard let node = nodes[name] else { return .refused(.noNode) }
            return .data(node.data, version: node.version)
        case .multi(let parts): return applyAll(parts, zxid: zxid)
        case .close:
            let ephemerals = nodes.filter(\.value.isEphemeral).keys
            for name in ephemerals { nodes[name] = nil }
            deletions += Int32(ephemerals.count)
            if !ephemerals.isEmpty { pzxid = zxid }
            return .done
        }
    }

    private mutating func add(_ name: String, _ data: [UInt8], _ isEphemeral: Bool, _ zxid: Int64?)
    {
        nodes[name] = Node(data: data, isEphemeral: isEphemeral, czxid: zxid, mzxid: zxid)
        (creations, pzxid) = (creations + 1, zxid)
    }

    private mutating func applyAll(_ parts: [CrashOperation], zxid: Int64?) -> Answer {
        let before = self
        var answers: [Answer] = []
        for part in parts {
            let answer = apply(part, zxid: zxid)
            if case .refused(let code) = answer {
                self = before
                return .refused(code)
            }
            answers.append(answer)
        }
        return .multi(answers)
    }

    /// A folder as a server shows it.
    struct Seen {
        var nodes: [String: Node] = [:]
        /// Sessions of the ephemerals, by name.
        var owners: [String: Int64] = [:]
        var cversion: Int32 = 0
        var pzxid: Int64 = 0
    }

    /// Why a folder cannot be this one; nil when it is, with the zxids that were not known filled in.
    mutating func adopt(_ seen: Seen) -> String? {
        let missing = Set(nodes.keys).subtracting(seen.nodes.keys).sorted()
        guard missing.isEmpty else { return "\(missing) are missing" }
        let extra = Set(seen.nodes.keys).subtracting(nodes.keys).sorted()
        guard extra.isEmpty else { return "\(extra) were never made, or are deleted" }
        for (name, node) in nodes {
            guard let other = seen.nodes[name] else { continue }
            guard node.data == other.data, node.version == other.version,
                node.isEphemeral == other.isEphemeral, node.czxid ?? other.czxid == other.czxid,
                node.mzxid ?? other.mzxid == other.mzxid
            else { return "\(name) is \(other) and not \(node)" }
        }
        guard cversion == seen.cversion else { return "cversion \(seen.cversion), not \(cversion)" }
        guard pzxid ?? seen.pzxid == seen.pzxid else {
            return "pzxid \(seen.pzxid), not \(pzxid ?? 0)"
        }
        nodes = seen.nodes
        pzxid = seen.pzxid
        return nil
    }
}

extension CrashOperation {
    /// The request, for a session's own folder.
    func request(in folder: String) -> Request {
        switch self {
        case .create, .sequential: .create2(creation(in: folder))
        case .set(let name, let data, let version):
            .setData(SetDataRequest(path: folder + "/" + name, data: data, version: version))
        case .delete(let name, let version):
            .delete(DeleteRequest(path: folder + "/" + name, version: version))
        case .read(let name): .getData(GetDataRequest(path: folder + "/" + name, watch: false))
        case .multi(let parts): .multi(MultiRequest(parts.compactMap { $0.part(in: folder) }))
        case .close: .closeSession
        }
    }

    private func creation(in folder: String) -> CreateRequest {
        switch self {
        case .create(let name, let data, let isEphemeral):
            CreateRequest(
                path: folder + "/" + name,
                data: data,
                mode: isEphemeral ? .ephemeral : .persistent
            )
        case .sequential(let prefix, let data, let isEphemeral):
            CreateRequest(
                path: folder + "/" + prefix,
                data: data,
                mode: isEphemeral ? .ephemeralSequential : .persistentSequential
            )
        default: fatalError("\(self) is no create")
        }
    }

    private func part(in folder: String) -> MultiRequest.Operation? {
        switch self {
        case .create, .sequential: .create2(creation(in: folder))
        case .set(let name, let data, let version):
            .setData(SetDataRequest(path: folder + "/" + name, data: data, version: version))
        case .delete(let name, let version):
            .delete(DeleteRequest(path: folder + "/" + name, version: version))
        case .read, .multi, .close: nil
        }
    }
}

extension BlockingClient.Reply {
    /// The zxid of the change itself, where the reply has a Stat of what was changed.
    var changeZxid: Int64? {
        switch outcome {
        case .success(.created(let created)): created.stat.czxid
        case .success(.stat(let stat)): stat.mzxid
        case .success(.multi(let record)):
            record.results.lazy.compactMap { result in
                switch result {
                case .create2(let created): created.stat.czxid
                case .setData(let stat): stat.mzxid
                default: nil
                }
            }.first
        default: nil
        }
    }
}

extension CrashModel.Answer {
    /// What a reply says, in the words of the model.
    init(_ reply: BlockingClient.Reply) {
        switch reply.outcome {
        case .failure(let code): self = .refused(code)
        case .success(.created(let created)): self = .path(created.path)
        case .success(.stat(let stat)): self = .version(stat.version)
        case .success(.data(let record)):
            self = .data(record.data ?? [], version: record.stat.version)
        case .success(.multi(let record)):
            let culprit = record.results.lazy.compactMap { result -> ErrorCode? in
                guard case .error(let code) = result, code != .ok else { return nil }
                return code
            }.first
            self = culprit.map { .refused($0) } ?? .multi(record.results.map(Self.init))
        default: self = .done
        }
    }

    private init(_ result: MultiResponse.Result) {
        switch result {
        case .create(let path): self = .path(path)
        case .create2(let created): self = .path(created.path)
        case .setData(let stat): self = .version(stat.version)
        default: self = .done
        }
    }
}
