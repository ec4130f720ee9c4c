/// Which four-letter words are answered, and to whom.
public enum WordPolicy: Equatable, Sendable {
    /// All of them to this machine, only `srvr` to others.
    case allOnLoopback
    /// All of them to everybody, as ZooKeeper's `4lw.commands.whitelist=*`.
    case all
    /// Those named to everybody, as ZooKeeper's list; `srvr` always.
    case only(Set<String>)

    /// Every word that can be answered, in order of the alphabet.
    public static var known: [String] { FourLetterWord.allCases.map(\.rawValue) }

    /// Whether a connection that comes from this machine, or from elsewhere, gets an answer.
    func allows(_ word: FourLetterWord, isLocal: Bool) -> Bool {
        switch self {
        case .allOnLoopback: isLocal || word == .srvr
        case .all: true
        case .only(let words): word == .srvr || words.contains(word.rawValue)
        }
    }
}
