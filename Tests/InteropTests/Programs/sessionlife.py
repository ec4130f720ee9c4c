"""The life of sessions on plain sockets, section by section: what a server grants, cuts, refuses and deletes.

sessionlife.py SERVER SECTION...: prints one line for each finding.
"""
import collections
import sys
import threading
import time

import rawzookeeper as zk

OPEN_TO_ALL = zk.vector([zk.entry(31, "world", "anyone")])
EPHEMERAL = 1
PERSISTENT_RECURSIVE = 1
NODE_DELETED = 2
EVENTS = 5_000
PARENTS = 5


def create(connection, path, flags=0):
    """Creates a node; its error and zxid."""
    body = zk.text(path) + zk.buffer(b"") + OPEN_TO_ALL + zk.integer(flags)
    _, answer = connection.ask(zk.CREATE, body)
    return answer[:2]


def stat(connection, path):
    """The stat of a node; None when there is none."""
    _, (error, _, body) = connection.ask(zk.EXISTS, zk.text(path) + zk.flag(False))
    return None if error else zk.Reader(body).stat()


def has(connection, path):
    return stat(connection, path) is not None


def is_cut(connection):
    """Whether the server ends the connection, events and answers aside."""
    try:
        while connection.frame() is not None:
            pass
        return True
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def works(connection):
    return connection.ask(zk.EXISTS, zk.text("/") + zk.flag(False))[1] != zk.CLOSED


def say(section, *words):
    print(section.__name__ + ":", *words, flush=True)


def bounds(server):
    """A1.10, with a tick of 2 s: what is granted lies in 2 to 20 ticks."""
    for asked in (-1, 0, 1, 3_999, 4_000, 4_001, 20_000, 39_999, 40_000, 40_001, 3_600_000):
        connection = zk.Connection(server, timeout=asked)
        say(bounds, asked, "granted", connection.timeout, "password", len(connection.password))
        connection.ask(zk.CLOSE, xid=0)
    first = zk.Connection(server, timeout=30_000)
    second = zk.Connection(server, former=first, timeout=5_000)
    say(bounds, "another at the resumption", second.timeout)
    second.ask(zk.CLOSE, xid=0)


def resume(server):
    """The last connection has the session, and the one before it is cut."""
    first = zk.Connection(server)
    say(resume, "created", create(first, "/resume", EPHEMERAL)[0])
    second = zk.Connection(server, former=first)
    say(resume, "same", second.session == first.session, second.password == first.password)
    say(resume, "first is cut", is_cut(first), "second works", works(second))
    say(resume, "owner", stat(second, "/resume")[7] == first.session)
    # A connection that is lost without a word leaves the session to the next one.
    second.close()
    third = zk.Connection(server, former=first)
    say(resume, "after a loss", third.session == first.session, has(third, "/resume"))
    say(resume, "closed", third.ask(zk.CLOSE, xid=0)[1][0])


def closed(server):
    """A1.4, A1.2: at the answer to its close a session's ephemerals are gone, its other nodes are not."""
    other, owner = zk.Connection(server), zk.Connection(server)
    for path, flags in (("/closed-kept", 0), ("/closed-kept/mine", EPHEMERAL)):
        say(closed, "created", create(owner, path, flags)[0])
    say(closed, "answer", owner.ask(zk.CLOSE, xid=0)[1][0], "then cut", is_cut(owner))
    say(closed, "gone", not has(other, "/closed-kept/mine"), "kept", has(other, "/closed-kept"))
    again = zk.Connection(server, former=owner)
    say(closed, "resumed", again.session, again.timeout, again.password == bytes(16))
    say(closed, "that is cut", is_cut(again))
    other.ask(zk.CLOSE, xid=0)


def unknown(server):
    """A session that never was is refused as one that is over."""
    nobody = collections.namedtuple("Former", "session password")
    for session, password in ((0x1234567, b"\1" * 16), (-1, b"\1" * 16), (0x1234567, b"")):
        connection = zk.Connection(server, former=nobody(session, password))
        say(unknown, session, "granted", connection.session, connection.timeout)
        say(unknown, "that is cut", is_cut(connection))


def many(server):
    """A1.4: 5,000 ephemerals go in one change, each with its event, and nobody else notices."""
    other, owner, watcher = (zk.Connection(server) for _ in range(3))
    create(other, "/many")
    for parent in range(PARENTS):
        create(other, "/many/%d" % parent)
    paths = ["/many/%d/e%04d" % (number % PARENTS, number) for number in range(EVENTS)]
    for start in range(0, EVENTS, 500):
        parts = [
            zk.part(zk.CREATE, zk.text(path) + zk.buffer(b"") + OPEN_TO_ALL + zk.integer(EPHEMERAL))
            for path in paths[start:start + 500]
        ]
        _, (error, _, _) = owner.ask(zk.MULTI, b"".join(parts) + zk.MULTI_END)
        assert error == 0, error
    body = zk.text("/many") + zk.integer(PERSISTENT_RECURSIVE)
    say(many, "watched", watcher.ask(zk.ADD_WATCH, body)[1][0])
    mine = zk.Connection(server)
    create(mine, "/mine", EPHEMERAL)
    before = create(other, "/before")[1]
    _, (error, zxid, _) = owner.ask(zk.CLOSE, xid=0)
    say(many, "closed", error, "as the next change", zxid == before + 1)
    left = sum(has(other, path) for path in paths[::250])
    parents = [stat(other, "/many/%d" % parent) for parent in range(PARENTS)]
    say(many, "left", left, [parent[9] for parent in parents])
    say(many, "one zxid", {parent[10] for parent in parents} == {zxid})
    say(many, "next zxid", create(other, "/after")[1] == zxid + 1)
    events, _ = watcher.ask(zk.EXISTS, zk.text("/") + zk.flag(False))
    told = collections.Counter(event[2].decode() for event in events)
    say(many, "events", len(events), "kinds", sorted({event[0] for event in events}))
    say(many, "each once", told == collections.Counter(paths))
    say(many, "bystander", works(mine), stat(mine, "/mine")[7] == mine.session)
    for connection in (other, watcher, mine):
        connection.ask(zk.CLOSE, xid=0)


def password(server):
    """Whoever does not know the password is refused, and the owner does not even notice."""
    owner = zk.Connection(server)
    create(owner, "/password", EPHEMERAL)
    nobody = collections.namedtuple("Former", "session password")
    right = owner.password
    changed = bytes([right[0] ^ 1]) + right[1:]
    for wrong in (changed, right[:-1], right + b"\0", bytes(16), b""):
        thief = zk.Connection(server, former=nobody(owner.session, wrong))
        say(password, len(wrong), "granted", thief.session, thief.timeout)
        say(password, "that is cut", is_cut(thief), "owner works", works(owner))
    say(password, "kept", stat(owner, "/password")[7] == owner.session)
    owner.ask(zk.CLOSE, xid=0)


def expired(server):
    """A1.2, A1.9: silence ends a session, with its ephemerals alone, and its id is of no use after that."""
    other = zk.Connection(server)
    owner = zk.Connection(server, timeout=1)
    create(owner, "/expired-kept")
    create(owner, "/expired-kept/mine", EPHEMERAL)
    end = time.monotonic() + 20
    while has(other, "/expired-kept/mine") and time.monotonic() < end:
        time.sleep(0.01)
    say(expired, "gone", not has(other, "/expired-kept/mine"), "cut", is_cut(owner))
    say(expired, "kept", has(other, "/expired-kept"))
    again = zk.Connection(server, former=owner)
    say(expired, "resumed", again.session, again.timeout, "that is cut", is_cut(again))
    fresh = zk.Connection(server)
    say(expired, "a new one", fresh.session != owner.session, works(fresh))
    fresh.ask(zk.CLOSE, xid=0)
    other.ask(zk.CLOSE, xid=0)


def facts(server):
    """Four sessions whose ends and connections differ; each is named, for what the server says of it."""
    other = zk.Connection(server)
    back, taken, silent, lost = (zk.Connection(server, timeout=1) for _ in range(4))
    for name, session in (("back", back), ("taken", taken), ("silent", silent), ("lost", lost)):
        say(facts, name, session.session)
        create(session, "/facts-" + name, EPHEMERAL)
    lost.close()
    back.close()
    again = zk.Connection(server, former=back, timeout=10_000)
    second = zk.Connection(server, former=taken, timeout=10_000)
    again.ask(zk.CLOSE, xid=0)
    second.ask(zk.CLOSE, xid=0)
    end = time.monotonic() + 20
    while (has(other, "/facts-silent") or has(other, "/facts-lost")) and time.monotonic() < end:
        time.sleep(0.01)
    other.ask(zk.CLOSE, xid=0)


def departures(server):
    """Three providers, which end in three ways when a line is read: closed, silent, deleted."""
    top = "/dubbo/com.example.Life/providers"
    alive = zk.Connection(server)
    for path in ("/dubbo", "/dubbo/com.example.Life", top):
        create(alive, path)
    url = top + "/dubbo%%3A%%2F%%2F10.0.0.%d%%3A20880%%2Fcom.example.Life"
    closed, silent, deleted = url % 1, url % 2, url % 3
    create(alive, deleted, EPHEMERAL)
    owner = zk.Connection(server)
    create(owner, closed, EPHEMERAL)
    sleeper = zk.Connection(server, timeout=1)
    create(sleeper, silent, EPHEMERAL)
    say(departures, "ready")
    sleeping = threading.Event()

    def ping():
        while not sleeping.wait(0.05):
            sleeper.send(zk.struct.pack(">ii", -2, zk.PING))

    thread = threading.Thread(target=ping, daemon=True)
    thread.start()
    sys.stdin.readline()
    sleeping.set()
    thread.join(10)
    owner.ask(zk.CLOSE, xid=0)
    alive.ask(zk.DELETE, zk.text(deleted) + zk.integer(-1))
    end = time.monotonic() + 20
    while has(alive, silent) and time.monotonic() < end:
        time.sleep(0.01)
    alive.ask(zk.CLOSE, xid=0)


def names(server):
    """A1.16: a list of children that is longer than a request may be."""
    connection = zk.Connection(server)
    create(connection, "/names")
    paths = ["/names/" + "long-name-" * 8 + str(number) for number in range(20_000)]
    for start in range(0, len(paths), 1_000):
        parts = [
            zk.part(zk.CREATE, zk.text(path) + zk.buffer(b"") + OPEN_TO_ALL + zk.integer(0))
            for path in paths[start:start + 1_000]
        ]
        _, (error, _, _) = connection.ask(zk.MULTI, b"".join(parts) + zk.MULTI_END)
        assert error == 0, error
    connection.ask(zk.CLOSE, xid=0)


SECTIONS = {
    section.__name__: section
    for section in (
        bounds, resume, closed, unknown, many, password, expired, facts, departures, names,
    )
}

if __name__ == "__main__":
    host, port = sys.argv[1].split(":")
    for name in sys.argv[2:]:
        SECTIONS[name]((host, int(port)))
