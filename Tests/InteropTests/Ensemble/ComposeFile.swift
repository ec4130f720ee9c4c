import Foundation
import Testing
import YAML

/// `deploy/compose.yaml` as Compose reads it: merge keys carried out, extension fields left out.
struct ComposeFile {
    /// One service, as far as tests look at it.
    struct Service {
        let name: String
        let node: YAMLNode

        /// What its process is told.
        var environment: [String: String] { node["environment"]?.texts ?? [:] }
        /// Words behind the entry point.
        var command: [String] { node["command"]?.elements?.compactMap(\.text) ?? [] }
        /// The words of its health check, `CMD` left out.
        var check: [String] {
            Array((node["healthcheck"]?["test"]?.elements?.compactMap(\.text) ?? []).dropFirst())
        }
        /// `address:host:container[/protocol]`.
        var ports: [String] { node["ports"]?.elements?.compactMap(\.text) ?? [] }
        /// `name:path`.
        var volumes: [String] { node["volumes"]?.elements?.compactMap(\.text) ?? [] }
    }

    /// Every service by its name.
    let services: [String: Service]
    /// The volumes that are declared.
    let volumes: [String]

    /// Reads the file of this checkout.
    init() throws {
        let file = Checkout.root + "/deploy/compose.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let root = try #require(try YAMLDocument.parse(text)?.merged)
        let known = ["name", "services", "volumes"]
        for entry in root.entries ?? [] where !entry.key.hasPrefix("x-") {
            #expect(known.contains(entry.key), "\(entry.key)")
        }
        var services: [String: Service] = [:]
        for entry in try #require(root["services"]?.entries) {
            services[entry.key] = Service(name: entry.key, node: entry.value)
        }
        self.services = services
        volumes = try #require(root["volumes"]?.entries).map(\.key)
    }
}

extension YAMLNode {
    /// The node with every `<<` carried out: keys beside it win.
    fileprivate var merged: YAMLNode {
        let content: Content
        switch self.content {
        case .sequence(let elements): content = .sequence(elements.map(\.merged))
        case .mapping(let entries):
            var own = entries.filter { $0.key != "<<" }
            for merge in entries where merge.key == "<<" {
                let names = Set(own.map(\.key))
                own += (merge.value.entries ?? []).filter { !names.contains($0.key) }
            }
            content = .mapping(
                own.map { entry in
                    Entry(
                        key: entry.key,
                        line: entry.line,
                        column: entry.column,
                        value: entry.value.merged
                    )
                }
            )
        case .scalar: content = self.content
        }
        return YAMLNode(content, line: line, column: column)
    }

    /// A mapping of texts.
    fileprivate var texts: [String: String] {
        var texts: [String: String] = [:]
        for entry in entries ?? [] { texts[entry.key] = entry.value.text }
        return texts
    }
}
