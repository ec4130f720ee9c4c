import Registrations

/// Names and paths of made-up providers, as long and with as many parameters as real ones.
enum Providers {
    /// The interface with a number.
    static func service(_ number: Int) -> String {
        "com.example.module\(number / 1_000).Service\(number)"
    }

    /// The directory of its providers.
    static func directory(_ service: String) -> String { "/dubbo/\(service)/providers" }

    /// The znode's name of a provider at `10.x.y.z:20880`.
    static func name(_ service: String, host: Int) -> String {
        let address = "10.\(host >> 16 & 255).\(host >> 8 & 255).\(host & 255)"
        let parameters = [
            "anyhost": "true", "application": "example-provider", "deprecated": "false",
            "dubbo": "2.0.2", "dynamic": "true", "generic": "false", "interface": service,
            "methods": "sayHello,sayGoodbye,findAll,findById", "pid": "4711",
            "release": "2.7.23", "side": "provider", "timestamp": "1750000000000",
        ]
        let url = DubboURL(
            scheme: "dubbo",
            host: address,
            port: 20_880,
            path: service,
            parameters: parameters
        )
        return url.childName
    }
}
