import Flags
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster znode tree [PATH]`: everything below a znode, drawn as a tree.
    static let znodeTree = Subcommand(
        "znode tree",
        "Draws everything below a znode.",
        options: [
            .value("depth", "N", "levels to draw (all)"), .json, .server, .control,
        ],
        arguments: [.init("PATH", "absolute path (/)", isOptional: true)]
    ) { parsed, context throws(CommandFailure) in
        let root = parsed.arguments.first ?? "/"
        let depth = try parsed.number("depth", in: 1...1_000) ?? 1_000
        let lines = try await context.withSession(parsed) {
            session,
            server throws(CommandFailure) in
            try await onRegistry(root, server) { () throws(ZooKeeperError) in
                try await TreeDrawing(session: session, depth: depth).lines(below: root)
            }
        }
        if parsed.has("json") { return try Output.json(lines.map(\.path)) }
        Output.line(root)
        for line in lines { Output.line(line.text) }
    }
}

/// Reads a part of the tree and draws it with lines.
private struct TreeDrawing {
    /// One znode: its path, and how it is drawn.
    struct Line: Sendable {
        let path: String
        let text: String
    }

    let session: ZooKeeperSession
    let depth: Int

    /// Everything below a path, in the order in which it is drawn.
    func lines(below root: String) async throws(ZooKeeperError) -> [Line] {
        var lines: [Line] = []
        var pending = try await places(below: root, indent: "", level: 1)
        while let place = pending.popLast() {
            let mark = place.isLast ? "└── " : "├── "
            lines.append(Line(path: place.path, text: place.indent + mark + place.name))
            guard place.level < depth else { continue }
            let indent = place.indent + (place.isLast ? "    " : "│   ")
            pending += try await places(below: place.path, indent: indent, level: place.level + 1)
        }
        return lines
    }

    private struct Place {
        let path: String
        let name: String
        let indent: String
        let level: Int
        let isLast: Bool
    }

    /// The children of a path, last one first, so that a stack gives them in order.
    private func places(
        below path: String,
        indent: String,
        level: Int
    ) async throws(ZooKeeperError) -> [Place] {
        do throws(ZooKeeperError) {
            let names = try await session.getChildren(path).sorted()
            return names.enumerated().reversed().map { index, name in
                Place(
                    path: ZNodePath.join(path, name),
                    name: name,
                    indent: indent,
                    level: level,
                    isLast: index == names.count - 1
                )
            }
        } catch  where error.server == .noNode && level > 1 {
            return []
        }
    }
}
