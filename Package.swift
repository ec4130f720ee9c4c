// swift-tools-version: 6.2
import PackageDescription

// The house plan. Targets stand on floors, lowest first; an arrow may only point to a lower floor.
// Each Swift target has a test target of the same name plus `Tests`.

struct Room {
    let name: String
    let arrows: [String]
    /// What its tests use besides.
    let tests: [String]
    /// What stands in its tests' folder for them to read or run, and is no part of the build.
    let fixtures: [String]
    /// Set for a C target or the module map of one of Debian's libraries.
    let header: Header?

    enum Header {
        case source
        case library(pkgConfig: String, package: String)
    }

    init(
        _ name: String,
        _ arrows: [String] = [],
        tests: [String] = [],
        fixtures: [String] = [],
        header: Header? = nil
    ) {
        (self.name, self.arrows, self.tests) = (name, arrows, tests)
        (self.fixtures, self.header) = (fixtures, header)
    }
}

let floors: [[Room]] = [
    [
        Room("CLinux", header: .source),
        Room("CLDNS", header: .library(pkgConfig: "ldns", package: "libldns-dev")),
        Room(
            "CMicroHTTPD",
            header: .library(pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev")
        ),
        Room("CCurl", header: .library(pkgConfig: "libcurl", package: "libcurl4-openssl-dev")),
        Room("CYAML", header: .library(pkgConfig: "yaml-0.1", package: "libyaml-dev")),
        Room("CEdit", header: .library(pkgConfig: "libedit", package: "libedit-dev")),
        Room("COpenSSL", header: .library(pkgConfig: "libcrypto", package: "libssl-dev")),
        Room("CSQLite", header: .library(pkgConfig: "sqlite3", package: "libsqlite3-dev")),
    ],
    [
        Room("Wire"),
        Room("Telemetry"),
        Room("Flags"),
        Room("ServiceModel"),
        Room("ZooKeeperConfiguration"),
    ],
    [
        Room("ZooKeeperProtocol", ["Wire"], fixtures: ["capture-golden.py"]),
        Room("DNSProtocol", ["Wire"]),
        Room("YAML", ["CYAML"]),
        Room("Runtime", ["CLinux", "ServiceModel"]),
    ],
    [
        Room("Registrations", ["ServiceModel"]),
        Room("Storage", ["CLinux", "CSQLite", "Runtime", "ServiceModel", "Wire"]),
        Room("ZNodeTree", ["ServiceModel", "Wire", "ZooKeeperProtocol"]),
        Room(
            "ZooKeeperClient",
            [
                "Runtime", "ServiceModel", "Telemetry", "Wire", "ZooKeeperConfiguration",
                "ZooKeeperProtocol",
            ]
        ),
        Room("ZoneFiles", ["CLDNS", "DNSProtocol"]),
    ],
    [
        Room(
            "ZooKeeperServer",
            [
                "COpenSSL", "Runtime", "ServiceModel", "Storage", "Telemetry", "Wire", "ZNodeTree",
                "ZooKeeperProtocol",
            ]
        ),
        Room(
            "Membership",
            [
                "Registrations", "Runtime", "ServiceModel", "Telemetry", "Wire", "ZooKeeperClient",
                "ZooKeeperProtocol",
            ],
            tests: ["TestRegistry", "ZooKeeperServer"]
        ),
        Room(
            "DNSServer",
            ["DNSProtocol", "Runtime", "ServiceModel", "Telemetry", "ZoneFiles"]
        ),
        Room("Alerts", ["CCurl", "Runtime", "ServiceModel", "Telemetry"]),
        Room("Console", ["CMicroHTTPD", "Runtime", "ServiceModel", "Telemetry"]),
    ],
    [
        Room(
            "TestRegistry",
            ["Runtime", "ServiceModel", "Telemetry", "ZooKeeperServer"],
            tests: ["ZooKeeperClient", "ZooKeeperProtocol"]
        ),
        Room(
            "ServiceResolver",
            [
                "Membership", "Registrations", "Runtime", "ServiceModel", "Telemetry",
                "ZooKeeperClient",
            ],
            tests: ["TestRegistry"]
        ),
    ],
]

/// The programs, above all floors; they only wire.
let programs = [
    Room(
        "musterd",
        [
            "Alerts", "Console", "DNSProtocol", "DNSServer", "Flags", "Membership",
            "Runtime", "ServiceModel", "Storage", "Telemetry", "YAML", "ZoneFiles",
            "ZooKeeperClient", "ZooKeeperConfiguration", "ZooKeeperProtocol", "ZooKeeperServer",
        ]
    ),
    Room(
        "muster",
        [
            "CEdit", "Flags", "Membership", "Registrations", "Runtime", "ServiceModel",
            "ServiceResolver", "Telemetry", "ZooKeeperClient", "ZooKeeperConfiguration",
            "ZooKeeperProtocol",
        ]
    ),
]

/// Tests that look at more than one target; `TestSupport` is what they and the others share.
let crossTests: [Room] = [
    Room(
        "InteropTests",
        [
            "Membership", "Registrations", "Runtime", "ServiceModel", "Telemetry", "TestRegistry",
            "Wire", "YAML", "ZooKeeperClient", "ZooKeeperConfiguration", "ZooKeeperProtocol",
            "ZooKeeperServer",
        ],
        fixtures: ["Programs"]
    ),
    Room(
        "SimulationTests",
        [
            "CSQLite", "Runtime", "ServiceModel", "Storage", "Wire", "ZNodeTree",
            "ZooKeeperClient", "ZooKeeperProtocol", "ZooKeeperServer",
        ]
    ),
    Room("TidyTests", fixtures: ["scenarios.txt", "unsafe-files.txt"]),
]

let strict = Context.environment["MUSTER_STRICT"] != nil

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableExperimentalFeature("Lifetimes"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

func dependencies(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

var targets: [Target] = []
var floorOf: [String: Int] = [:]

for (floor, rooms) in (floors + [programs]).enumerated() {
    for room in rooms {
        precondition(floorOf[room.name] == nil, "\(room.name) stands twice in the plan")
        floorOf[room.name] = floor
    }
    for room in rooms {
        for arrow in room.arrows {
            guard let below = floorOf[arrow] else {
                preconditionFailure("\(room.name) points at \(arrow), which no lower floor has")
            }
            precondition(
                below < floor,
                "\(room.name) (floor \(floor)) may not import \(arrow) (floor \(below)): only down"
            )
        }
        switch room.header {
        case .source?:
            targets.append(.target(name: room.name))
        case .library(let pkgConfig, let package)?:
            targets.append(
                .systemLibrary(name: room.name, pkgConfig: pkgConfig, providers: [.apt([package])])
            )
        case nil where floor == floors.count:
            targets.append(
                .executableTarget(
                    name: room.name,
                    dependencies: dependencies(room.arrows),
                    swiftSettings: settings
                )
            )
        case nil:
            targets.append(
                .target(
                    name: room.name,
                    dependencies: dependencies(room.arrows),
                    swiftSettings: settings
                )
            )
        }
        guard room.header == nil else { continue }
        targets.append(
            .testTarget(
                name: room.name + "Tests",
                dependencies: dependencies([room.name, "TestSupport"] + room.arrows + room.tests),
                exclude: room.fixtures,
                swiftSettings: settings
            )
        )
    }
}

for room in crossTests {
    targets.append(
        .testTarget(
            name: room.name,
            dependencies: dependencies(room.arrows + ["TestSupport"]),
            exclude: room.fixtures,
            swiftSettings: settings
        )
    )
}
targets.append(
    .target(
        name: "TestSupport",
        dependencies: dependencies(["Storage"]),
        path: "Tests/TestSupport",
        swiftSettings: settings
    )
)
// Measures the daemon too, so it is built beside it.
targets.append(
    .executableTarget(
        name: "Benchmarks",
        dependencies: dependencies(
            floors.dropFirst().joined().map(\.name) + ["musterd", "TestSupport"]
        ),
        path: "Tests/Benchmarks",
        exclude: ["Fixtures"],
        swiftSettings: settings
    )
)

let package = Package(
    name: "muster",
    products: [
        .executable(name: "musterd", targets: ["musterd"]),
        .executable(name: "muster", targets: ["muster"]),
        .library(name: "ZooKeeperClient", targets: ["ZooKeeperClient"]),
        .library(name: "Membership", targets: ["Membership"]),
        .library(name: "ServiceResolver", targets: ["ServiceResolver"]),
        .library(name: "TestRegistry", targets: ["TestRegistry"]),
    ],
    targets: targets
)
