/// The administrative words that a connection may start with instead of a frame.
enum FourLetterWord: String, CaseIterable {
    case conf
    case cons
    case crst
    case dirs
    case dump
    case envi
    case gtmk
    case hash
    case isro
    case mntr
    case ruok
    case srst
    case srvr
    case stat
    case stmk
    case wchc
    case wchp
    case wchs

    /// What `gtmk` says of a server as it starts (ZooKeeper 3.8 ZooTrace).
    static let traceMask: Int64 = 306

    /// The word whose letters are the four bytes of a number, first letter on top.
    init?(number: UInt32) {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
        self.init(rawValue: String(decoding: bytes, as: UTF8.self))
    }
}
