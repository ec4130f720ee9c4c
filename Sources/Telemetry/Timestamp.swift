/// A calendar time in UTC as RFC 3339 text, `2026-01-31T12:00:00.123Z`.
///
/// Computed without a library, so that log lines and events agree and cost no Foundation.
public struct Timestamp: Equatable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let unixMilliseconds: Int64

    /// The time that many milliseconds after 1970.
    public init(unixMilliseconds: Int64) { self.unixMilliseconds = unixMilliseconds }

    /// RFC 3339 text with milliseconds; held between the years 0000 and 9999.
    public var text: String {
        let year0000: Int64 = -62_167_219_200_000
        let year9999: Int64 = 253_402_300_799_999
        let time = min(max(unixMilliseconds, year0000), year9999)
        let second = (time - floorMod(time, 1_000)) / 1_000
        let day = (second - floorMod(second, 86_400)) / 86_400
        let (year, month, dayOfMonth) = Self.civil(day: day)
        let inDay = floorMod(second, 86_400)
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(dayOfMonth, 2) + "T"
            + pad(inDay / 3_600, 2) + ":" + pad(inDay / 60 % 60, 2) + ":" + pad(inDay % 60, 2)
            + "." + pad(floorMod(time, 1_000), 3) + "Z"
    }

    /// The proleptic Gregorian date of a day counted from 1970-01-01.
    ///
    /// Counts in eras of 400 years that start on 1 March, so that a leap day ends its year.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let dayOfEra = floorMod(shifted, 146_097)
        let era = (shifted - dayOfEra) / 146_097
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

private func floorMod(_ value: Int64, _ divisor: Int64) -> Int64 {
    let rest = value % divisor
    return rest < 0 ? rest + divisor : rest
}

private func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
