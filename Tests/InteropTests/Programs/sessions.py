"""The data model, transactions, access and the life of sessions as kazoo sees them.

usage: sessions.py HOST:PORT [SECTION...]
"""
import threading
import time

from kazoo.protocol.states import KazooState
from kazoo.retry import ForceRetryError, KazooRetry
from kazoo.security import CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE
from kazoo.security import make_acl, make_digest_acl

from stage import IS_RECENT, LIMIT, Relay, joined, reached, run, started


def data(stage):
    """A1.1, A1.3, A1.5, A1.15 to A1.19, A14.8."""
    client = stage.client()
    stage.say("created", client.create("/a", b"1"), client.create("/a/b"))
    stage.say("listed", client.get_children("/a"), client.get_children("/a/b"))
    stage.fails("no parent", client.create, "/x/y")
    stage.fails("twice", client.create, "/a")
    stage.fails("not empty", client.delete, "/a")
    stage.fails("absent", client.get, "/x")
    stage.fails("absent list", client.get_children, "/x")
    stage.say("absent exists", client.exists("/x"))
    client.create("/seq", makepath=True)
    names = [client.create("/seq/n-", sequence=True) for _ in range(3)]
    client.delete(names[1])
    client.delete(names[2])
    names.append(client.create("/seq/n-", sequence=True))
    names.append(client.create("/seq/", sequence=True, ephemeral=True))
    stage.say("sequence", names)
    mine = client.create("/seq/e-", b"here", ephemeral=True, sequence=True)
    stage.say("owner is this session", client.exists(mine).ephemeralOwner == client.client_id[0])
    stage.fails("below an ephemeral", client.create, mine + "/x")
    everything = bytes(range(256))
    client.set("/a/b", everything)
    stage.say("all bytes come back", client.get("/a/b")[0] == everything)
    client.create("/empty", b"")
    client.set("/a", b"")
    stage.say("empty", client.get("/empty")[0], client.get("/a")[1].dataLength)
    version = client.set("/a", b"2").version
    stage.say("version", version, client.set("/a", b"3", version).version)
    stage.fails("old version", client.set, "/a", b"4", version)
    stage.fails("old version", client.delete, "/a/b", 7)
    stage.say("any version", client.set("/a", b"4", -1).version)
    if IS_RECENT:
        path, stat = client.create("/with", b"abc", include_data=True)
        stage.say(path, stat.version, stat.dataLength, stat.czxid == stat.mzxid == stat.pzxid)
    children, stat = client.get_children("/seq", include_data=True)
    stage.say(len(children), stat.cversion, stat.numChildren, stat.version)
    stage.say("deep", client.create("/p/q/r/s", makepath=True), client.ensure_path("/p/q/r/s/t"))
    stage.say("deleted", client.delete("/p", recursive=True), client.exists("/p"))
    stage.say("synced", client.sync("/a"), client.sync("/nothing"))
    for name in ("/bl ank", "/per%cent", "/\u00e4\u4e2d", "/a..b", "/...", "/-"):
        stage.say(ascii(name), client.create(name) == name)
    for name in ("/nul\x00", "/tab\x09", "/\ud7ff\ue000"):
        stage.fails(ascii(name), client.create, name)
    stage.say("version", stage.client().server_version()[:2], client.command(b"ruok"))


def sizes(stage):
    """A1.16: just below 1 MiB works, above it the connection ends and the session does not."""
    client, neighbour = stage.client(), stage.client()
    identity = client.client_id[0]
    client.create("/node", b"x" * 1_047_000)
    stage.say("read back", len(client.get("/node")[0]))
    stage.fails("above", client.set, "/node", b"x" * 1_048_576)
    reached("again", lambda: client.connected)
    stage.say("kept", len(client.retry(client.get, "/node")[0]), client.client_id[0] == identity)
    stage.say("neighbour", neighbour.exists("/node").version, neighbour.connected)
    for number in range(2000):
        last = client.create_async("/node/" + "long-name-" * 6 + str(number))
    last.get(timeout=LIMIT)
    stage.say("children", len(neighbour.get_children("/node")))


def transaction(stage):
    client = stage.client()
    client.create("/a", b"0")
    work = client.transaction()
    work.check("/a", 0)
    work.create("/a/b", b"b")
    work.create("/a/b/c-", b"c", sequence=True)
    work.create("/a/e", ephemeral=True)
    work.set_data("/a", b"1")
    work.delete("/a/e")
    results = work.commit()
    stage.say([r.version if hasattr(r, "version") else r for r in results])
    zxids = {client.get(p)[1].czxid for p in ("/a/b", "/a/b/c-0000000000")}
    stage.say("one zxid", len(zxids), client.get("/a")[1].mzxid in zxids)
    for bad in (
        lambda w: w.create("/none/x"),
        lambda w: w.check("/a", 99),
        lambda w: w.delete("/a"),
        lambda w: w.set_data("/none", b""),
        lambda w: w.create("/a/b"),
    ):
        work = client.transaction()
        work.set_data("/a", b"never")
        work.create("/a/n-", sequence=True)
        bad(work)
        work.delete("/a/b/c-0000000000")
        stage.say([type(r).__name__ for r in work.commit()])
    stage.say("nothing done", client.get("/a")[0], sorted(client.get_children("/a")))
    stage.say("no number used", client.create("/a/n-", sequence=True))
    stage.say("empty", client.transaction().commit())
    events = []
    client.exists("/flash", watch=lambda e: events.append(e.type))
    client.get_children("/a", watch=lambda e: events.append(e.type))
    with client.transaction() as work:
        work.create("/flash")
        work.delete("/flash")
        work.delete("/a/n-0000000002")
        work.create("/a/last")
    reached("told", lambda: len(events) == 2)
    stage.say(events)


def retry(stage):
    relay = Relay(stage.server)
    client = stage.client(relay.address)
    client.create("/node", b"kept")
    tries = []

    def fails():
        tries.append(1)
        raise ForceRetryError

    again = KazooRetry(max_tries=3, delay=0.01)
    stage.fails("always", again, fails)
    stage.say("tries", len(tries))
    stage.fails("no retry of", client.retry, client.get, "/none")
    relay.cut()
    stage.say("through a cut", client.retry(client.get, "/node")[0])
    relay.cut(stay_closed=True)
    reached("suspended", lambda: client.state == KazooState.SUSPENDED)
    done = []
    waiting = started(lambda: done.append(client.retry(client.create, "/late")))
    time.sleep(0.2)
    early = list(done)
    relay.mend()
    joined(waiting)
    stage.say("waited", early, done)


def access(stage):
    """A1.20."""
    relay = Relay(stage.server)
    mine = stage.client(relay.address, auth_data=[("digest", "me:secret")])
    other = stage.client()
    digest = make_digest_acl("me", "secret", all=True)
    mine.create("/mine", b"hidden", acl=[digest])
    mine.create("/creators", b"too", acl=CREATOR_ALL_ACL)
    mine.create("/readable", b"open", acl=[digest] + READ_ACL_UNSAFE)
    stage.say(mine.get_acls("/creators")[0], mine.get_acls("/mine")[1].aversion)
    for path in ("/mine", "/creators"):
        stage.fails("get", other.get, path)
        stage.fails("set", other.set, path, b"")
        stage.fails("list", other.get_children, path)
        stage.fails("create below", other.create, path + "/x")
        stage.say("exists", other.exists(path).dataLength)
    stage.say("readable", other.get("/readable")[0], other.get_acls("/readable")[0])
    stage.fails("set", other.set, "/readable", b"")
    stage.fails("set_acls", other.set_acls, "/readable", OPEN_ACL_UNSAFE)
    stage.fails("get_acls", other.get_acls, "/mine")
    work = other.transaction()
    work.create("/fine")
    work.set_data("/mine", b"")
    stage.say([type(r).__name__ for r in work.commit()])
    # Who may delete is said by the parent.
    mine.create("/mine/below", acl=OPEN_ACL_UNSAFE)
    stage.fails("delete below", other.delete, "/mine/below")
    mine.create("/deleted", acl=[digest])
    stage.say("delete", other.delete("/deleted"))
    other.add_auth("digest", "me:secret")
    stage.say("after auth", other.get("/mine")[0], other.get_acls("/readable")[0][0].id)
    stat = other.set_acls("/mine", OPEN_ACL_UNSAFE)
    stage.say("set_acls", stat.aversion, stat.version, stage.client().get("/mine")[0])
    stage.fails("old aversion", other.set_acls, "/mine", OPEN_ACL_UNSAFE, 0)
    identity = mine.client_id[0]
    relay.cut()
    stage.say("after a cut", mine.retry(mine.get, "/creators")[0], mine.client_id[0] == identity)
    third = stage.client()
    third.add_auth("digest", "one:1")
    third.add_auth("digest", "two:2")
    third.create("/both", acl=CREATOR_ALL_ACL)
    # In no order: ZooKeeper keeps them in a set.
    ids = sorted(a.id.id.split(":")[0] for a in third.get_acls("/both")[0])
    stage.say("two identities", ids)
    for scheme, name in (("digest", "no-colon"), ("world", "someone"), ("ip", "x"), ("gone", "x")):
        acl = [make_acl(scheme, name, all=True)]
        stage.fails("acl %s:%s" % (scheme, name), third.create, "/bad", acl=acl)
    stage.fails("creator without identity", stage.client().create, "/bad", acl=CREATOR_ALL_ACL)
    local = make_acl("ip", "127.0.0.0/8", read=True)
    far = make_acl("ip", "10.0.0.0/8", read=True)
    third.create("/near", b"near", acl=[local, digest])
    third.create("/far", b"far", acl=[far, digest])
    fresh = stage.client()
    stage.say("by address", fresh.get("/near")[0])
    stage.fails("by address", fresh.get, "/far")
    wrong = stage.client()
    stage.fails("scheme nobody knows", wrong.add_auth, "gone", "x")


def cut(stage):
    """A1.6, A2.11: a lost connection ends no session, and no watcher."""
    relay = Relay(stage.server)
    client, other = stage.client(relay.address), stage.client()
    states, values, lists = [], [], []
    client.add_listener(states.append)
    other.create("/node", b"0")
    client.create("/node/mine", ephemeral=True)
    client.DataWatch("/node", lambda d, s: values.append(d))
    client.ChildrenWatch("/node", lambda c: lists.append(sorted(c)))
    identity, password = client.client_id
    for number in (1, 2, 3):
        relay.cut(stay_closed=True)
        reached("suspended", lambda: client.state == KazooState.SUSPENDED)
        other.set("/node", b"%d" % number)
        other.create("/node/n%d" % number)
        relay.mend()
        reached("connected", lambda: client.state == KazooState.CONNECTED)
        reached("value", lambda n=number: values[-1] == b"%d" % n)
        reached("list", lambda n=number: "n%d" % n in lists[-1])
    stage.say(states)
    stage.say(values)
    stage.say(lists)
    stage.say("same session", client.client_id == (identity, password))
    stage.say("still its own", other.exists("/node/mine").ephemeralOwner == identity)


def expiry(stage):
    """A1.8, A1.9: an expired session takes its nodes along, and the next one is a new one."""
    relay = Relay(stage.server)
    client, other = stage.client(relay.address, timeout=0.6), stage.client()
    states, values = [], []
    client.add_listener(states.append)
    other.create("/node", b"0")
    client.create("/mine", ephemeral=True)
    held = client.Lock("/lock", "first")
    held.acquire(timeout=LIMIT)
    client.DataWatch("/node", lambda d, s: values.append(d))
    identity = client.client_id[0]
    gone = threading.Event()
    other.exists("/mine", watch=lambda e: gone.set())
    next_in_line = started(lambda: other.Lock("/lock", "next").acquire(timeout=LIMIT))
    reached("in line", lambda: len(other.Lock("/lock").contenders()) == 2)
    relay.cut(stay_closed=True)
    gone.wait(LIMIT)
    joined(next_in_line)
    stage.say("lock", other.Lock("/lock").contenders(), "node", other.exists("/mine"))
    other.set("/node", b"1")
    relay.mend()
    reached("connected", lambda: client.state == KazooState.CONNECTED)
    reached("value", lambda: values[-1] == b"1")
    stage.say(states)
    stage.say(values, "new session", client.client_id[0] != identity)
    stage.say("quiet session lives", _sleeps(stage))


def _sleeps(stage):
    client = stage.client(timeout=0.6)
    identity = client.client_id[0]
    time.sleep(2.0)
    return client.exists("/") is not None and client.client_id[0] == identity


def resume(stage):
    """A13.1: another client goes on with a session; a wrong password ends nobody's."""
    relay = Relay(stage.server)
    first = stage.client(relay.address, timeout=4.0)
    first.create("/mine", ephemeral=True)
    identity, password = first.client_id
    relay.cut(stay_closed=True)
    second = stage.client(client_id=(identity, password))
    stage.say("resumed", second.client_id == (identity, password))
    stage.say("owner", second.exists("/mine").ephemeralOwner == identity)
    states = []
    wrong = stage.client(client_id=(identity, b"\x01" * 16), start=False)
    wrong.add_listener(states.append)
    wrong.start(timeout=LIMIT)
    stage.say("wrong password: a new one", wrong.client_id[0] != identity, states)
    nobody = stage.client(client_id=(0x1234567, b"\x01" * 16))
    stage.say("unknown id: a new one", nobody.client_id[0] != 0x1234567)
    stage.say("still there", second.retry(second.exists, "/mine") is not None)
    second.stop()
    stage.say("closed with it", wrong.exists("/mine"))


def closing(stage):
    """A1.4: a session's nodes are gone when its close was answered."""
    client, other = stage.client(), stage.client()
    for number in range(1000):
        last = client.create_async("/e%d" % number, ephemeral=True)
    last.get(timeout=LIMIT)
    events = []
    other.get_children("/", watch=lambda e: events.append(e.type))
    other.exists("/e500", watch=lambda e: events.append(e.type))
    client.stop()
    stage.say("left", len([c for c in other.get_children("/") if c.startswith("e")]))
    reached("told", lambda: len(events) == 2)
    stage.say(sorted(events))
    client.start(timeout=LIMIT)
    stage.say("started again", client.exists("/e500"), client.connected)


SECTIONS = [
    data, sizes, transaction, retry, access, cut, expiry, resume, closing,
]

if __name__ == "__main__":
    run(SECTIONS)
