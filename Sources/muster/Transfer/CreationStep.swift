import ZooKeeperClient
import ZooKeeperProtocol

/// One request of an import, and what is known of it.
struct CreationStep: Sendable {
    /// What it does.
    enum Kind: Sendable {
        case creation
        case replacement
    }

    let line: LineFile.Line
    let kind: Kind
    let request: Request
    /// True when an answer was lost, so that it may have been carried out.
    var isDoubtful = false

    init(_ line: LineFile.Line, _ kind: Kind, _ request: Request) {
        (self.line, self.kind, self.request) = (line, kind, request)
    }

    /// What gives an existing znode the data of a line, and an access list.
    static func replacement(_ line: LineFile.Line, acl: [ACL]) -> [CreationStep] {
        let znode = line.znode
        let data = SetDataRequest(path: znode.path, data: znode.data, version: -1)
        let access = SetACLRequest(path: znode.path, acl: acl, version: -1)
        return [
            CreationStep(line, .replacement, .setData(data)),
            CreationStep(line, .replacement, .setACL(access)),
        ]
    }
}

extension RequestPipe.Outcome {
    /// True when the server has answered, with yes or no.
    var isAnswered: Bool {
        switch self {
        case .success: true
        case .failure(let error): error.code == .refused
        }
    }
}

extension Array {
    /// The elements in order, so many together at most.
    func chunks(of count: Int) -> [ArraySlice<Element>] {
        let end = self.count
        return stride(from: 0, to: end, by: count).map { self[$0..<Swift.min($0 + count, end)] }
    }
}
