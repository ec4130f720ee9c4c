import ServiceModel
import YAML

/// One key of the configuration: its path, what it takes, and where its value goes.
struct ConfigurationKey: Sendable {
    /// Why a value was refused; the caller adds key and place.
    struct Refusal: Error {
        /// What would be right.
        let message: String
    }

    /// Path with dots: `dns.listen`.
    let path: String
    /// What it takes and means, one line for the help text.
    let help: String
    /// Puts a value into the configuration, or refuses it.
    let apply: @Sendable (inout Configuration, YAMLNode) throws(Refusal) -> Void
}

extension YAMLNode {
    /// The scalar's text.
    func requireText() throws(ConfigurationKey.Refusal) -> String {
        guard let text else { throw .init(message: "takes a text, not a \(kindName)") }
        return text
    }

    /// The scalar as a whole number in a range.
    func requireInteger(
        _ range: ClosedRange<Int>,
        _ unit: String
    ) throws(ConfigurationKey.Refusal) -> Int {
        guard let integer, range.contains(integer) else {
            throw .init(
                message: "takes a whole number of \(unit), "
                    + "\(range.lowerBound) to \(range.upperBound), not \(shown)"
            )
        }
        return integer
    }

    /// The scalar as a truth value.
    func requireBoolean() throws(ConfigurationKey.Refusal) -> Bool {
        guard let boolean else { throw .init(message: "takes true or false, not \(shown)") }
        return boolean
    }

    /// One text, or a list of texts.
    func requireTexts() throws(ConfigurationKey.Refusal) -> [String] {
        guard let elements else { return isNull ? [] : [try requireText()] }
        var texts: [String] = []
        for element in elements { texts.append(try element.requireText()) }
        return texts
    }

    /// An address with its port; 0 means any free port.
    func requireListenAddress() throws(ConfigurationKey.Refusal) -> Endpoint {
        let text = try requireText()
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]),
            let address = IPAddress(text[..<colon]),
            !text[..<colon].contains(":") || text.first == "["
        else {
            throw .init(
                message: "takes ADDRESS:PORT such as 127.0.0.1:2181 or [::1]:2181, not '\(text)'"
            )
        }
        return Endpoint(address: address, port: port)
    }

    private var shown: String { text.map { "'\($0)'" } ?? "a \(kindName)" }
}
