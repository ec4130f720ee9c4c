/// The administrative words that a connection may start with instead of a frame.
enum FourLetterWord: String, CaseIterable {
    case conf
    case cons
    case crst
    case dump
    case envi
    case isro
    case mntr
    case ruok
    case srst
    case srvr
    case stat
    case wchs

    /// The word whose letters are the four bytes of a number, first letter on top.
    init?(number: UInt32) {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
        self.init(rawValue: String(decoding: bytes, as: UTF8.self))
    }
}
