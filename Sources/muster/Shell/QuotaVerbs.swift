// Commands about quotas.
extension ShellVerb {
    static let quotaVerbs: [ShellVerb] = [
        verb(
            "setquota",
            "-n|-b|-N|-B val path",
            quotaGrammar(takesValues: true, isRequired: true),
            least: 1
        ) { options throws(ShellFailure) in
            let path = options.arguments[1]
            guard !path.hasPrefix(QuotaText.root) else {
                throw ShellFailure(
                    "cannot set a quota under the path: \(QuotaText.root)",
                    status: 0
                )
            }
            return ParsedShellCommand(command: .setQuota(path: path, limits: try limits(options)))
        },
        verb("listquota", "path", least: 1) { options in
            ParsedShellCommand(command: .listQuota(path: options.arguments[1]))
        },
        verb(
            "delquota",
            "[-n|-b|-N|-B] path",
            quotaGrammar(takesValues: false, isRequired: false),
            least: 1
        ) { options in
            ParsedShellCommand(
                command: .deleteQuota(
                    path: options.arguments[1],
                    keys: options.given.compactMap { letter in
                        letters.first { $0.letter == letter }?.key
                    }
                )
            )
        },
    ]

    private static let letters: [(letter: String, key: String, meaning: String)] = [
        ("n", QuotaText.count, "num soft quota"),
        ("b", QuotaText.bytes, "bytes soft quota"),
        ("N", QuotaText.countHard, "num hard quota"),
        ("B", QuotaText.bytesHard, "bytes hard quota"),
    ]

    private static func quotaGrammar(takesValues: Bool, isRequired: Bool) -> ShellGrammar {
        ShellGrammar(
            group: letters.map {
                .init(name: $0.letter, takesValue: takesValues, meaning: $0.meaning)
            },
            isRequired: isRequired
        )
    }

    /// zkCli says what is wrong with a number and succeeds all the same: its status is 0.
    private static func limits(_ options: ShellOptions) throws(ShellFailure) -> QuotaText {
        var limits = QuotaText.unlimited
        for (letter, key, _) in letters {
            guard let text = options.value(letter) else { continue }
            let isCount = key == QuotaText.count || key == QuotaText.countHard
            guard let number = isCount ? Int32(text).map(Int64.init) : Int64(text) else {
                throw ShellFailure(
                    "NumberFormatException happens when parsing the option value",
                    status: 0
                )
            }
            guard number > (isCount ? 0 : -1) else {
                throw ShellFailure(
                    isCount
                        ? "the num quota must be greater than zero"
                        : "the bytes quota must be greater than or equal to zero",
                    status: 0
                )
            }
            limits[key] = number
        }
        return limits
    }
}
