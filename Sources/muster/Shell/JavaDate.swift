import Glibc

/// Times as Java's `Date.toString` prints them: `Sat Nov 21 16:18:39 UTC 2026`, in the local time zone.
///
/// Deviation: some zones have other letters in Java's own tables than in the system's.
enum JavaDate {
    /// The text of a time.
    ///
    /// - Parameter unixMilliseconds: Since 1970; fractions of a second are not shown.
    /// - Returns: Six words.
    static func text(_ unixMilliseconds: Int64) -> String {
        var seconds = time_t(unixMilliseconds / 1_000)
        if unixMilliseconds < 0, unixMilliseconds % 1_000 != 0 { seconds -= 1 }
        guard let local = Local(seconds) else { return "\(unixMilliseconds)" }
        let clock = "\(two(local.hour)):\(two(local.minute)):\(two(local.second))"
        return "\(days[local.weekday]) \(months[local.month]) \(two(local.day)) \(clock)"
            + " \(javaZone(local.zone)) \(local.year)"
    }

    /// Java calls a zone without letters by its distance: `GMT+03:00` where the C library says `+03`.
    static func javaZone(_ zone: String) -> String {
        guard let sign = zone.first, sign == "+" || sign == "-" else { return zone }
        let digits = zone.dropFirst()
        let minutes = digits.count > 2 ? String(digits.suffix(2)) : "00"
        return "GMT\(sign)\(digits.prefix(2)):\(minutes)"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

/// A time in the local zone, out of the C library's hands.
private struct Local {
    let (year, month, day, weekday): (Int, Int, Int, Int)
    let (hour, minute, second): (Int, Int, Int)
    let zone: String

    init?(_ seconds: time_t) {
        var seconds = seconds
        var parts = unsafe tm()
        // SAFETY: both pointers live for the call, which keeps neither.
        guard unsafe localtime_r(&seconds, &parts) != nil else { return nil }
        // SAFETY: numbers, and a name that the C library keeps for the life of the process.
        unsafe (year, month, day, weekday) = (
            Int(parts.tm_year) + 1_900, Int(parts.tm_mon), Int(parts.tm_mday), Int(parts.tm_wday)
        )
        unsafe (hour, minute, second) = (
            Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)
        )
        zone = unsafe parts.tm_zone.map { unsafe String(cString: $0) } ?? "UTC"
    }
}
