import DNSProtocol
import DNSServer
import FoundationEssentials
import ServiceModel
import ZoneFiles

/// What the configuration says of zones, read and checked: values that the answer keeper takes.
struct ZoneSetup: Sendable {
    /// The live zones and their rules.
    let configuration: ZoneConfiguration
    /// Master files, in the order of their names.
    let files: [ZoneFile]

    /// Reads names and files.
    ///
    /// - Parameter configuration: A checked configuration.
    /// - Throws: `ConfigurationError` for a bad zone name, `ZoneFileError` with file and line.
    init(_ configuration: Configuration) throws {
        let dns = configuration.dns
        let ttl = UInt32(clamping: dns.ttl.components.seconds)
        let negativeTTL = UInt32(clamping: dns.negativeTTL.components.seconds)
        func zones(_ names: [String], _ key: String) throws -> [ZoneConfiguration.Zone] {
            try names.map { name in
                do throws(DNSError) {
                    let origin = try DNSName(name)
                    return ZoneConfiguration.Zone(origin, ttl: ttl, negativeTTL: negativeTTL)
                } catch {
                    throw ConfigurationError(
                        place: "configuration",
                        key: key,
                        message: "'\(name)' is no DNS name: \(error)"
                    )
                }
            }
        }
        self.configuration = ZoneConfiguration(
            origins: try zones(dns.origins, "dns.origins"),
            domainZones: try zones(dns.ddnsZones, "dns.ddnsZones"),
            allowsImplicitZones: dns.listen.address.isLoopback,
            staleTTL: UInt32(clamping: dns.staleTTL.components.seconds),
            maxStale: dns.maxStale
        )
        files = try dns.zones.flatMap(Self.load)
    }

    private static func load(_ path: String) throws -> [ZoneFile] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ConfigurationError(
                place: "configuration",
                key: "dns.zones",
                message: "'\(path)' does not exist; it takes a directory of <origin>.zone files"
            )
        }
        return isDirectory ? try ZoneFile.load(folder: path) : [try ZoneFile(path: path)]
    }
}
