import DNSProtocol
import ServiceModel

/// What the labels in front of a service's name ask for.
struct Narrowing: Equatable {
    /// Of `_<protocol>._tcp`, in lower case.
    var scheme: String?
    /// Labels of `_version`, `_group` and `_tag`, in lower case.
    private(set) var values: [String: [UInt8]] = [:]

    /// Reads the labels between a name and its service's; nil when they have another form.
    init?(_ name: DNSName, below base: DNSName) {
        var labels = name.folded.labels.dropLast(base.labelCount)
        if labels.count >= 2, let first = labels.first, first.first == UInt8(ascii: "_"),
            labels[labels.startIndex + 1] == Array("_tcp".utf8)
        {
            scheme = String(decoding: first.dropFirst(), as: UTF8.self)
            labels = labels.dropFirst(2)
        }
        while let value = labels.first {
            guard labels.count >= 2 else { return nil }
            let kind = String(decoding: labels[labels.startIndex + 1], as: UTF8.self)
            guard ["_version", "_group", "_tag"].contains(kind), values[kind] == nil else {
                return nil
            }
            values[kind] = value
            labels = labels.dropFirst(2)
        }
    }

    /// The version asked for.
    var version: [UInt8]? { values["_version"] }

    /// True when the instance has the group and the tag asked for, or none where none is.
    func hasFamily(_ id: InstanceID) -> Bool {
        Self.fits(id.group, values["_group"]) && Self.fits(id.tag, values["_tag"])
    }

    /// What the name shows, a clause.
    func rule(_ service: String) -> String {
        let kinds = [("group", values["_group"]), ("tag", values["_tag"])]
        let family = kinds.map { kind, label in
            label.map { "\(kind) \(String(decoding: $0, as: UTF8.self))" } ?? "no \(kind)"
        }
        let versions =
            version.map { "version \(String(decoding: $0, as: UTF8.self))" }
            ?? "unversioned ones, or all versions if there are none"
        let with = scheme.map { ", protocol \($0)" } ?? ""
        return "instances of \(service): \(family.joined(separator: ", "))\(with); \(versions)"
    }

    /// Why the name does not show an instance; nil when it is not for its identity.
    func reason(_ instance: Instance, _ selection: Selection) -> String? {
        let id = instance.id
        guard Selection.isAnswered(instance) else { return nil }
        if let scheme, scheme != String(decoding: id.scheme.utf8.map(DNSName.fold), as: UTF8.self) {
            return "its protocol is \(id.scheme)"
        }
        guard Self.fits(id.group, values["_group"]) else {
            return id.group.isEmpty ? "it has no group" : "its group is \(id.group)"
        }
        guard Self.fits(id.tag, values["_tag"]) else {
            return id.tag.isEmpty ? "it has no tag" : "its tag is \(id.tag)"
        }
        if version != nil {
            guard !Self.fits(id.version, version) else { return nil }
            return id.version.isEmpty ? "it has no version" : "its version is \(id.version)"
        }
        guard !selection.showsWithoutVersion(id) else { return nil }
        return "it has version \(id.version), and there are unversioned ones"
    }

    private static func fits(_ value: String, _ label: [UInt8]?) -> Bool {
        LiveNames.label(value).map(DNSName.fold) == label ?? []
    }
}
