"""Asks two ZooKeeper servers the same random things and compares every answer and every event.

usage: differential.py HOST:PORT HOST:PORT SEED STEPS
Everything happens below a node named after the seed, so that many runs can follow each other.
Three clients take turns; after each request all three are brought up to date, so that each event is seen in the
step that caused it. zxids are compared by the step that used them up, session ids by who owns them, times not
at all. What is not asked for are the few things in which a server may differ on purpose; each place says why.
"""
import random
import sys

from rawzookeeper import *

HOME = f"/d{sys.argv[3]}"
QUOTA = "/zookeeper/quota"
OPEN = vector([entry(31, "world", "anyone")])
SUPER = b"super:secret"
USERS = [None, b"ada:one", b"bob:two"]
AUTH_FAILED = -115
LIMITED = HOME + "/c/b"
LIMITS = {
    HOME + "/a": b"count=3,bytes=4",
    HOME + "/b/c": b"count=-1,bytes=-1=;byteHardLimit=100000;countHardLimit=100000",
    LIMITED: b"count=-1,bytes=-1=;byteHardLimit=8;countHardLimit=3",
}


class Side:
    """One of the two servers with its clients."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address = (host, int(port))
        self.last_zxids = [0]
        self.owners = {0: None}
        self.clients = [self.connect() for _ in USERS]
        for client, user in zip(self.clients, USERS):
            if user:
                client.ask(AUTH, integer(0) + text("digest") + buffer(user), xid=-4)
        self.mark()

    def connect(self, former=None):
        client = Connection(self.address, former, self.last_zxids[-1] if former else 0)
        self.owners.setdefault(client.session, f"session {len(self.owners)}")
        return client

    def step_of(self, zxid):
        """When the zxid was used up, however many zxids the server needs for a step."""
        for step, last in enumerate(self.last_zxids):
            if zxid <= last:
                return step
        return len(self.last_zxids)

    def stat(self, fields):
        czxid, mzxid, _, _, version, cversion, aversion, owner, length, children, pzxid = fields
        zxids = [self.step_of(zxid) for zxid in (czxid, mzxid, pzxid)]
        return zxids, version, cversion, aversion, self.owners.get(owner, owner), length, children

    def mark(self):
        """Ends a step: the events that each client was told of in it."""
        events, last = [], self.last_zxids[-1]
        for client in self.clients:
            told, answer = client.ask(SYNC, text("/"))
            if answer == CLOSED:
                raise SystemExit(f"{self.address} closed a connection that asked for nothing wrong")
            events.append(told)
            last = max(last, answer[1])
        self.last_zxids.append(last)
        return events

    def carry_out(self, who, kind, body, xid):
        told, answer = self.clients[who].ask(kind, body, xid)
        if answer == CLOSED or answer[0] == AUTH_FAILED:
            # The connection has ended, or will; its session goes on.
            former = self.clients[who]
            self.clients[who] = self.connect(former)
            former.close()
            return told, answer and answer[0], self.mark()
        events = self.mark()
        error, _, rest = answer
        if error != 0:
            return told, (error, rest), events
        reader = Reader(rest, self.stat)
        value = reader.answer(kind)
        return told, (error, value, reader.rest()), events

    def end(self, who):
        """Closes a session and begins another; the order of what goes with it means nothing."""
        told, answer = self.clients[who].ask(CLOSE)
        rest = self.clients[who].frame()
        self.clients[who].close()
        self.clients[who] = self.connect()
        events = self.mark()
        return sorted(told), answer[0], rest, [sorted(list) for list in events]

    def resume(self, who):
        """Goes on with a session on a new connection, while the old one is still there."""
        former = self.clients[who]
        self.clients[who] = self.connect(former)
        same = (former.session, former.password) == (
            self.clients[who].session, self.clients[who].password)
        ended = former.frame()
        former.close()
        return same, self.clients[who].timeout, ended, self.mark()


class Script:
    """Draws what is asked next."""

    NAMES = "abc"
    ODD = ["", "/", "//", "a", HOME + "/", HOME + "//a", HOME + "/.", HOME + "/..", HOME + "/a/./b",
           HOME + "/...", HOME + "/ ", HOME + "/\u0001", HOME + "/\u00e9", HOME + "/e\u0301",
           HOME + "/\u009f", HOME + "/\ue000", HOME + "/\uffef", HOME + "/\ufff0",
           HOME + "/\U0001F600", HOME + "/a\0", b"/\xff", b"/\xed\xa0\x80", "/zookeeper",
           "/zookeeper/config", QUOTA, HOME + "/a2147483648"]

    def __init__(self, seed):
        self.draw = random.Random(seed)
        # ZooKeeper 3.8.0 takes another connection's watch for one's own in checkWatches.
        self.watched = [set() for _ in USERS]
        self.in_multi = False
        self.kinds = {
            CREATE: (20, self.create), CREATE2: (5, self.create),
            CREATE_CONTAINER: (3, self.create), CREATE_TTL: (3, self.create),
            DELETE: (14, self.delete), EXISTS: (6, self.read), GET_DATA: (6, self.read),
            SET_DATA: (8, self.set_data), GET_ACL: (4, self.path_only), SET_ACL: (4, self.set_acl),
            GET_CHILDREN: (5, self.read), GET_CHILDREN2: (5, self.read), SYNC: (1, self.path_only),
            MULTI: (10, self.multi), MULTI_READ: (3, self.multi_read),
            GET_EPHEMERALS: (2, self.ephemerals), COUNT_ALL: (2, self.path_only),
            SET_WATCHES: (3, self.set_watches), SET_WATCHES2: (3, self.set_watches),
            ADD_WATCH: (3, self.add_watch), REMOVE_WATCHES: (4, self.watch_kind),
            CHECK_WATCHES: (3, self.watch_kind), WHO_AM_I: (1, lambda who, kind: b""),
            AUTH: (2, self.auth), RECONFIG: (1, self.reconfig), PING: (1, lambda who, kind: b""),
        }

    def next(self, who):
        """An operation and its body, or a function from a side to it; the body is sometimes cut short."""
        kinds, weights = list(self.kinds), [weight for weight, _ in self.kinds.values()]
        kind = self.draw.choices(kinds, weights)[0]
        body = self.kinds[kind][1](who, kind)
        # A credential that is cut short ends the connection in 3.8, and leaves this one a step behind.
        if isinstance(body, bytes) and body and kind != AUTH and self.draw.random() < 0.01:
            body = body[:self.draw.randrange(len(body))]
        return kind, body, {AUTH: -4, PING: -2, SET_WATCHES: -8, SET_WATCHES2: -8}.get(kind)

    # Words

    def path(self, odd=0.03):
        if self.draw.random() < odd:
            return self.draw.choice(self.ODD)
        depth = self.draw.choice([1, 1, 1, 2, 2, 3])
        path = HOME + "".join("/" + self.draw.choice(self.NAMES) for _ in range(depth))
        # 3.8 measures the parts of a multi one by one against what was there before all of them.
        return HOME if self.in_multi and path.startswith(LIMITED) else path

    def data(self):
        return self.draw.choice([None, b"", b"x", b"hello", b"\0\xff"])

    def version(self):
        return integer(self.draw.choice([-1, -1, -1, 0, 1, 2, -2, 2**31 - 1]))

    def acl(self):
        if self.draw.random() < 0.8:
            return OPEN
        permissions = self.draw.choice([0, 1, 3, 5, 15, 16, 31, 31, 31, -1, 64])
        ids = [("world", "anyone"), ("auth", ""), ("auth", "x"), ("ip", "127.0.0.1"),
               ("ip", "127.0.0.0/8"), ("ip", "10.0.0.1"), ("digest", digest("ada", "one")),
               ("digest", digest("bob", "two")), ("digest", "ada:wrong"), ("world", "x"),
               ("digest", "a:b:c"), ("digest", "none"), ("digest", ":"), ("digest", ""),
               ("ip", "300.0.0.1"), ("ip", "127.0.0.1/33"), ("ip", "127.0.0.1/"), ("ip", "::1"),
               ("ip", "localhost"), ("sasl", "x"), ("x509", "x"), ("super", "x"), ("", "")]
        weights = [8, 4, 1, 4, 2, 2, 4, 4, 2] + [1] * (len(ids) - 9)
        some = [entry(permissions, *self.draw.choices(ids, weights)[0])
                for _ in range(self.draw.choice([1, 1, 2, 3]))]
        return self.draw.choice([vector(some), vector(some), vector(some + some), vector([]),
                                 vector(None)])

    # Writes

    def create(self, who, kind):
        usual = {CREATE: [0, 0, 0, 1, 1, 2, 3, 4], CREATE2: [0, 1, 2, 3],
                 CREATE_CONTAINER: [4], CREATE_TTL: [5, 6]}[kind]
        flags = self.draw.choice(usual)
        if self.draw.random() < 0.05:
            flags = self.draw.choice([7, -1, 5, 6] if kind != CREATE_TTL else [7, -1])
        path = self.path()
        if flags in (2, 3, 6) and self.draw.random() < 0.4 and isinstance(path, str):
            path += self.draw.choice(["-", "/"])
        body = text(path) + buffer(self.data()) + self.acl() + integer(flags)
        if kind != CREATE_TTL:
            return body
        # Long lives only: the two servers look at different times. Less than 0 with flags that need no
        # TTL ends ZooKeeper 3.8.0.
        return body + long(self.draw.choice([3_600_000, 2**40 - 1, 3_600_000, 2**40, 0, -1]))

    def delete(self, who, kind):
        return text(self.path()) + self.version()

    def set_data(self, who, kind):
        return text(self.path()) + buffer(self.data()) + self.version()

    def set_acl(self, who, kind):
        return text(self.path()) + self.acl() + self.version()

    def multi(self, who, kind):
        body, self.in_multi = b"", True
        kinds = ([CREATE] * 4 + [CREATE2, CREATE_CONTAINER, CREATE_TTL] + [DELETE] * 4
                 + [SET_DATA] * 2 + [CHECK] * 3)
        for _ in range(self.draw.choice([0, 1, 2, 2, 3, 5])):
            one = self.draw.choice(kinds)
            make = self.delete if one == CHECK else self.kinds[one][1]
            body += part(one, make(who, one))
        if self.draw.random() < 0.02:
            body += part(EXISTS, text(self.path()) + b"\0")
        self.in_multi = False
        return body + MULTI_END

    # Reads

    def read(self, who, kind):
        path, watch = self.path(), who == 0 and self.draw.random() < 0.5
        self.watched[who].add(path)
        return text(path) + flag(watch)

    def path_only(self, who, kind):
        # Beyond the basic plane 3.8 echoes text in a form that is not UTF-8.
        return text(self.path(0 if kind == SYNC else 0.03))

    def multi_read(self, who, kind):
        parts = [part(self.draw.choice([GET_DATA, GET_CHILDREN]), text(self.path()) + b"\0")
                 for _ in range(self.draw.randrange(4))]
        return b"".join(parts) + MULTI_END

    def ephemerals(self, who, kind):
        return text(self.draw.choice(["/", "", " ", " / ", HOME, HOME + "/a", HOME + "/a/", "b"]))

    def reconfig(self, who, kind):
        return text("server.1=a:1:2") + integer(-1) + integer(-1) + long(-1)

    def auth(self, who, kind):
        schemes = [(b"ip", b""), (b"digest", USERS[who] or b"eve:three")]
        if who == 2:
            schemes.append((b"digest", SUPER))
        if self.draw.random() < 0.1:
            schemes = [(b"world", b"anyone"), (b"none", b"")]
        scheme, credential = self.draw.choice(schemes)
        return integer(0) + text(scheme) + buffer(credential)

    # Watches: client 0 has those that fire once, the others those that stay, one kind for each path, as 3.8.0
    # forgets one kind when another is set in the same place.

    def mode(self, path):
        return 0 if path.endswith("a") else 1

    def add_watch(self, who, kind):
        path = self.path(0)
        if who == 0:
            return text(path) + integer(2)
        self.watched[who].add(path)
        return text(path) + integer(self.mode(path))

    def set_watches(self, who, kind):
        lists = [[self.path(0) for _ in range(self.draw.randrange(3))] for _ in range(3)]
        if who != 0:
            lists = [[], [], []]
        stay = [[], []]
        if kind == SET_WATCHES2 and who != 0:
            for path in [self.path(0) for _ in range(self.draw.randrange(3))]:
                stay[self.mode(path)].append(path)
        self.watched[who].update(sum(lists + stay, []))
        if kind == SET_WATCHES2:
            lists += stay
        body = b"".join(vector([text(path) for path in paths]) for paths in lists)
        back = self.draw.randrange(1, 40)
        return lambda side: long(side.last_zxids[-min(back, len(side.last_zxids))]) + body

    def watch_kind(self, who, kind):
        path = self.path(0)
        wanted = self.draw.choice([1, 2, 3, 3, 3, 3, 0, 4])
        if kind == CHECK_WATCHES:
            if any(path in other for who2, other in enumerate(self.watched) if who2 != who):
                path = HOME + "/never"
        return text(path) + integer(wanted)


def quotas():
    """Sets quotas on some paths, as `setquota` does."""
    for path, limits in LIMITS.items():
        above = QUOTA
        for name in path.split("/")[1:]:
            above += "/" + name
            yield CREATE, text(above) + buffer(b"") + OPEN + integer(0)
        yield CREATE, text(above + "/zookeeper_limits") + buffer(limits) + OPEN + integer(0)
        yield CREATE, text(above + "/zookeeper_stats") + buffer(b"count=0,bytes=0") + OPEN + integer(0)


def main():
    addresses, seed, steps = sys.argv[1:3], int(sys.argv[3]), int(sys.argv[4])
    sides, script = [Side(address) for address in addresses], Script(seed)
    counts, history = {}, []

    def compare(what, results):
        history.append(what)
        if results[0] == results[1]:
            return
        print(f"seed {seed}, step {len(history)}: {what}")
        for address, result in zip(addresses, results):
            print(f"  {address}: {result}")
        for line in history[-8:-1]:
            print(f"  before: {line}")
        raise SystemExit(1)

    def ask(who, kind, body, xid=None):
        bodies = [body(side) if callable(body) else body for side in sides]
        results = [side.carry_out(who, kind, sent, xid) for side, sent in zip(sides, bodies)]
        compare((who, kind, bodies[0]), results)
        counts[kind] = counts.get(kind, 0) + 1

    ask(0, CREATE, text(HOME) + buffer(b"") + OPEN + integer(0))
    for kind, body in quotas():
        ask(0, kind, body)
    for _ in range(steps):
        who = script.draw.randrange(len(USERS))
        fate = script.draw.random()
        if fate < 0.01:
            compare((who, "close"), [side.end(who) for side in sides])
        elif fate < 0.02:
            compare((who, "resume"), [side.resume(who) for side in sides])
        else:
            ask(who, *script.next(who))
        if script.draw.random() < 0.05:
            path = script.draw.choice(list(LIMITS))
            ask(0, GET_DATA, text(QUOTA + path + "/zookeeper_stats") + b"\0")
    kinds = " ".join(f"{kind}:{count}" for kind, count in sorted(counts.items()))
    print(f"seed {seed}: {len(history)} steps, no difference; {kinds}")


main()
