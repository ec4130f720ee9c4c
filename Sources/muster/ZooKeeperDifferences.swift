/// Where the embedded registry answers otherwise than ZooKeeper 3.8 does, and why: the whole list.
///
/// `muster help zookeeper` shows it. The tests that run the same program against both servers leave out exactly
/// what stands here, by its id, and show each entry on both.
enum ZooKeeperDifferences {
    private struct Difference {
        let id: String
        let there: String
        let here: String
        let reason: String
    }

    /// The help topic.
    static var text: String {
        let entries = list.map { difference in
            """
            \(difference.id)
              3.8   \(difference.there)
              here  \(difference.here)
              why   \(difference.reason)
            """
        }
        return """
            Where the embedded registry differs from a stand-alone ZooKeeper 3.8, on purpose.
            Everything else that a client can see is meant to be the same.

            """ + "\n" + entries.joined(separator: "\n\n")
    }

    private static let list = protocolOrder + sessions + znodes + bounds

    private static let protocolOrder = [
        Difference(
            id: "auth-in-order",
            there: "auth is answered at once and may overtake answers to earlier requests",
            here: "auth is answered in its turn",
            reason: "kazoo takes the oldest open request to be the one that is answered"
        ),
        Difference(
            id: "error-body",
            there: "some multis that cannot be read get an error with an empty result behind it",
            here: "an error is always the bare header",
            reason: "no client reads what stands behind an error"
        ),
        Difference(
            id: "sync-without-path",
            there: "a sync whose path is null is answered with a null path",
            here: "MARSHALLINGERROR",
            reason: "no client library sends it"
        ),
        Difference(
            id: "check-alone",
            there: "a check outside a multi gets no answer when it succeeds, and leaves a record "
                + "in the log with which the server never starts again",
            here: "it is answered, and changes nothing",
            reason: "a defect; no client library sends it"
        ),
        Difference(
            id: "create-session",
            there: "a client may send the servers' own createSession and gets a broken answer",
            here: "UNIMPLEMENTED, and the connection is closed",
            reason: "a defect; no client library sends it"
        ),
        Difference(
            id: "delete-container",
            there: "a client may send the servers' own deleteContainer",
            here: "UNIMPLEMENTED, and the connection is closed",
            reason: "it goes past the access list of the parent"
        ),
    ]

    private static let sessions = [
        Difference(
            id: "expiry-grain",
            there: "a session ends up to one tick after its timeout",
            here: "at most 100 ms after it, never before",
            reason: "a dead provider leaves the answers sooner"
        ),
        Difference(
            id: "password-first",
            there: "a wrong password for a session cuts the connection of its owner",
            here: "the password is checked before anything is cut",
            reason: "session ids are printed by the words cons and dump: anyone could cut anyone"
        ),
        Difference(
            id: "failed-zxid",
            there: "a refused change uses up a zxid",
            here: "only changes do",
            reason: "nothing is logged for a refusal; zxids grow all the same"
        ),
    ]

    private static let znodes = [
        Difference(
            id: "ttl-nodes",
            there: "TTL znodes need zookeeper.extendedTypesEnabled=true, else UNIMPLEMENTED",
            here: "always on",
            reason: "the switch guards stores of older versions, which there are none of here"
        ),
        Difference(
            id: "quota-in-multi",
            there: "each part of a multi is measured against the quota as it was before the multi",
            here: "with the parts before it, so that a multi cannot pass a hard limit",
            reason: "a hard limit is one"
        ),
        Difference(
            id: "quota-warnings",
            there: "soft limits of quotas are looked at only with zookeeper.enforceQuota=true",
            here: "the log warns of them always",
            reason: "a soft limit that nobody is told of is none"
        ),
        Difference(
            id: "watch-modes",
            there: "a one-shot watch replaces a persistent one of the same client and path",
            here: "the kinds stand side by side, as from ZooKeeper 3.9 on",
            reason: "a persistent watch must not end unseen"
        ),
    ]

    private static let bounds = [
        Difference(
            id: "words",
            there: "only srvr is answered unless 4lw.commands.whitelist names more",
            here: "over loopback all words are answered, elsewhere srvr (registry.words)",
            reason: "monitors on the same machine work as they are"
        ),
        Difference(
            id: "java-environment",
            there: "envi tells of the Java machine and its class path",
            here: "it tells of version, machine, system and user",
            reason: "there is no Java here"
        ),
        Difference(
            id: "embedded-session",
            there: "stat, cons and dump show clients only",
            here: "they show the daemon's own session too, at the address /embedded",
            reason: "it holds watches like any other and is counted like any other"
        ),
        Difference(
            id: "loopback-connections",
            there: "maxClientCnxns (60) counts connections of every address",
            here: "connections over loopback are not counted per address, only in total",
            reason: "all programs of the daemon's own machine share that address"
        ),
        Difference(
            id: "bounds",
            there: "watches, credentials, access lists and answers nobody reads are kept until "
                + "memory ends",
            here: "each has a bound: THROTTLEDOP, AUTHFAILED, INVALIDACL (256 entries), or the "
                + "connection is closed with a line in the log",
            reason: "one client must not end the service of the others"
        ),
    ]
}
