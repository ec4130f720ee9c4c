/// Shares jobs out among members without asking anyone: rendezvous hashing, the highest score wins.
///
/// Everybody who knows the same members names the same winner; each member wins an equal share; when one
/// comes or goes, only jobs that it wins or won change hands. The scores are a promise between daemons of
/// different versions, so they never change: FNV-1a of 64 bits over the member, a zero byte and the job,
/// then the last step of SplitMix64.
public enum Rendezvous {
    /// The member that has a job.
    ///
    /// - Parameters:
    ///   - job: Any text.
    ///   - members: In any order; of equal ones it is as if there was one.
    /// - Returns: The winner; nil without members.
    /// - Complexity: O(bytes of the job and of the members).
    public static func winner(of job: String, among members: some Sequence<String>) -> String? {
        var best: (score: UInt64, member: String)?
        for member in members {
            let score = score(of: member, for: job)
            guard let current = best else {
                best = (score, member)
                continue
            }
            if (score, current.member) > (current.score, member) { best = (score, member) }
        }
        return best?.member
    }

    static func score(of member: String, for job: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in member.utf8 { add(byte) }
        add(0)
        for byte in job.utf8 { add(byte) }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
