"""kazoo's recipes under contention: what happened, the same at every run on every server.

usage: recipes.py HOST:PORT [SECTION...]
"""
import datetime
import threading
import time

from kazoo.exceptions import ConnectionClosedError, LockTimeout
from kazoo.recipe.lease import MultiNonBlockingLease, NonBlockingLease
from kazoo.recipe.partitioner import PartitionState

from stage import IS_RECENT, LIMIT, joined, reached, run, started, together, until


class Inside:
    """How many are inside, and how many were at most."""

    def __init__(self):
        self.now = self.most = self.total = 0
        self.guard = threading.Lock()

    def __enter__(self):
        with self.guard:
            self.now += 1
            self.total += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_):
        with self.guard:
            self.now -= 1


def lock(stage):
    clients = [stage.client() for _ in range(5)]
    inside, shared = Inside(), {"count": 0}

    def work(client):
        mutex = client.Lock("/contended", "worker")
        for _ in range(10):
            with mutex, inside:
                # Read, yield, write: wrong as soon as two are here at a time.
                value = shared["count"]
                time.sleep(0.001)
                shared["count"] = value + 1

    together(*[lambda c=c: work(c) for c in clients])
    stage.say("count", shared["count"], "entered", inside.total, "most inside", inside.most)

    first = clients[0].Lock("/ordered", "w0")
    first.acquire(timeout=LIMIT)
    order, waiting = [], []
    for number, client in enumerate(clients[1:], 1):
        mutex = client.Lock("/ordered", "w%d" % number)

        def enter(mutex=mutex, number=number):
            with mutex:
                order.append(number)

        waiting.append(started(enter))
        reached("in line", lambda n=number: len(first.contenders()) == n + 1)
    stage.say("contenders", first.contenders())
    stage.say("not blocking", clients[1].Lock("/ordered", "x").acquire(blocking=False))
    try:
        clients[1].Lock("/ordered", "x").acquire(timeout=0.1)
    except LockTimeout:
        stage.say("timed out; in line", len(first.contenders()))
    first.release()
    for thread in waiting:
        joined(thread)
    stage.say("order of entry", order, "left over", first.contenders())


def cancelled_lock(stage):
    clients = [stage.client() for _ in range(3)]
    locks = [c.Lock("/path", str(n)) for n, c in enumerate(clients)]
    locks[0].acquire(timeout=LIMIT)
    results = {}

    def enter(number):
        try:
            results[number] = locks[number].acquire(timeout=LIMIT)
        except Exception as error:
            results[number] = type(error).__name__

    threads = []
    for number in (1, 2):
        threads.append(started(lambda n=number: enter(n)))
        reached("in line", lambda n=number: len(locks[0].contenders()) == n + 1)
    # The one in the middle gives up: the last must not take that for its own turn.
    locks[1].cancel()
    joined(threads[0])
    reached("left the line", lambda: len(locks[0].contenders()) == 2)
    stage.say("the middle one", results[1], "; last one is in:", 2 in results)
    locks[0].release()
    joined(threads[1])
    stage.say("last one", results[2], locks[2].contenders())
    locks[2].release()


def read_write_lock(stage):
    clients = [stage.client() for _ in range(6)]
    readers = [c.ReadLock("/path", "r%d" % n) for n, c in enumerate(clients[:4])]
    writers = [c.WriteLock("/path", "w%d" % n) for n, c in enumerate(clients[4:])]
    for reader in readers:
        reader.acquire(timeout=LIMIT)
    stage.say("readers inside together", sum(r.is_acquired for r in readers))
    stage.say("writer, not blocking", writers[0].acquire(blocking=False))
    order = []

    def write():
        with writers[0]:
            order.append("writer")

    def read():
        # Its place is behind the writer's.
        with clients[5].ReadLock("/path", "late"):
            order.append("late reader")

    threads = [started(write)]
    reached("the writer waits", lambda: "w0" in readers[0].contenders())
    threads.append(started(read))
    reached("the reader waits", lambda: "late" in readers[0].contenders())
    stage.say("contenders", readers[0].contenders())
    for reader in readers[:3]:
        reader.release()
    stage.say("with one reader left", order)
    readers[3].release()
    for thread in threads:
        joined(thread)
    stage.say("then", order)

    inside, shared = Inside(), {"value": 0}

    def work(client):
        for _ in range(5):
            with client.WriteLock("/contended"), inside:
                value = shared["value"]
                time.sleep(0.001)
                shared["value"] = value + 1
            with client.ReadLock("/contended"):
                if inside.now:
                    raise AssertionError("a writer beside a reader")

    together(*[lambda c=c: work(c) for c in clients])
    stage.say("written", shared["value"], "most writers inside", inside.most)


def semaphore(stage):
    clients = [stage.client() for _ in range(6)]
    inside = Inside()

    def work(client):
        for _ in range(4):
            with client.Semaphore("/path", "x", max_leases=2), inside:
                # There is room for another one, however slow everything is.
                until(lambda: inside.most >= 2)

    together(*[lambda c=c: work(c) for c in clients])
    stage.say("entered", inside.total, "most inside", inside.most)
    held = [c.Semaphore("/held", "s%d" % n, max_leases=2) for n, c in enumerate(clients[:3])]
    stage.say([s.acquire(blocking=False) for s in held], sorted(held[0].lease_holders()))
    stage.say("waits 0.1 s:", _timed_out(held[2]))
    held[0].release()
    stage.say("after a release", held[2].acquire(timeout=LIMIT), sorted(held[0].lease_holders()))
    stage.fails("other size", clients[0].Semaphore("/held", max_leases=3).acquire)


def _timed_out(mutex):
    try:
        return mutex.acquire(timeout=0.1)
    except LockTimeout:
        return "timed out"


def election(stage):
    clients = [stage.client() for _ in range(5)]
    candidates = [c.Election("/path", "c%d" % n) for n, c in enumerate(clients)]
    leaders, go, inside = [], [threading.Event() for _ in clients], Inside()

    def lead(number):
        with inside:
            leaders.append(number)
            go[number].wait(LIMIT)

    threads = []
    for number, candidate in enumerate(candidates):

        def run(candidate=candidate, number=number):
            try:
                candidate.run(lead, number)
            except ConnectionClosedError:
                # Of the one whose client is stopped while it leads.
                pass

        threads.append(started(run))
        reached("candidate", lambda n=number: len(candidates[0].contenders()) == n + 1)
    reached("a leader", lambda: leaders == [0])
    stage.say("contenders", candidates[0].contenders(), "leader", leaders)
    candidates[2].cancel()
    joined(threads[2])
    # The second leader is not asked: its session ends.
    go[0].set()
    joined(threads[0])
    reached("a second leader", lambda: leaders == [0, 1])
    clients[1].stop()
    reached("a third leader", lambda: leaders == [0, 1, 3])
    stage.say("leaders", leaders, "contenders", candidates[4].contenders())
    for event in go:
        event.set()
    for thread in threads:
        joined(thread)
    stage.say("leaders", leaders, "contenders", candidates[4].contenders())


def barrier(stage):
    clients = [stage.client() for _ in range(4)]
    gate = clients[0].Barrier("/path")
    stage.say("no barrier", gate.wait(5))
    gate.create()
    stage.say("closed", gate.wait(0.1))
    passed = []
    threads = [
        started(lambda c=c: passed.append(c.Barrier("/path").wait(LIMIT))) for c in clients[1:]
    ]
    stage.say("removed", gate.remove(), "again", gate.remove())
    for thread in threads:
        joined(thread)
    stage.say("passed", passed)


def double_barrier(stage):
    clients = [stage.client() for _ in range(4)]
    barriers = [c.DoubleBarrier("/path", 4, "m%d" % n) for n, c in enumerate(clients)]
    entered, left = [], []
    threads = []

    def go_through(number):
        barriers[number].enter()
        entered.append(number)
        may_leave[number].wait(LIMIT)
        barriers[number].leave()
        left.append(number)

    may_leave = [threading.Event() for _ in clients]
    for number in range(3):
        threads.append(started(lambda n=number: go_through(n)))
    reached("three came", lambda: _count(clients[0], "/path") == 3)
    stage.say("with three", until(lambda: entered, 0.1))
    threads.append(started(lambda: go_through(3)))
    reached("all entered", lambda: len(entered) == 4)
    stage.say("with four", sorted(entered))
    for event in may_leave[:3]:
        event.set()
    stage.say("one stays: left", until(lambda: left, 0.1))
    may_leave[3].set()
    for thread in threads:
        joined(thread)
    stage.say("left", sorted(left), [b.participating for b in barriers])


def _count(client, path):
    return len(client.get_children(path)) if client.exists(path) else 0


def queue(stage):
    clients = [stage.client() for _ in range(3)]
    taken = [[] for _ in clients]
    total = 60

    def produce(number):
        items = clients[number].Queue("/items")
        for count in range(total // 3):
            items.put(b"%d %d" % (number, count))

    def consume(number):
        items = clients[number].Queue("/items")
        while sum(map(len, taken)) < total:
            item = items.get()
            if item is None:
                time.sleep(0.001)
            else:
                taken[number].append(tuple(map(int, item.split())))

    together(*[lambda n=n: produce(n) for n in range(3)])
    stage.say("queued", len(clients[0].Queue("/items")))
    together(*[lambda n=n: consume(n) for n in range(3)])
    everything = [item for part in taken for item in part]
    in_order = all(
        [i for p, i in part if p == n] == sorted(i for p, i in part if p == n)
        for part in taken
        for n in range(3)
    )
    stage.say("taken", len(everything), "different", len(set(everything)), "in order", in_order)
    ranked = clients[0].Queue("/ranked")
    for item, rank in ((b"low", 200), (b"high", 10), (b"middle", 100), (b"high too", 10)):
        ranked.put(item, rank)
    stage.say("by rank", [ranked.get() for _ in range(5)])


def locking_queue(stage):
    one, two = stage.client(), stage.client()
    mine, yours = one.LockingQueue("/path"), two.LockingQueue("/path")
    mine.put_all([b"a", b"b", b"c"])
    mine.put(b"first", priority=1)
    stage.say("length", len(mine), "one gets", mine.get(5), "two gets", yours.get(5))
    stage.say("holds", mine.holds_lock(), "consumed", mine.consume(), "again", mine.consume())
    # Its consumer goes without having consumed: the item is given to the next one.
    two.stop()
    rest = []
    for _ in range(3):
        rest.append(mine.get(5))
        mine.consume()
    stage.say("the rest", rest, "then", mine.get(0.1), "length", len(mine))
    mine.put(b"released")
    stage.say(mine.get(5), mine.release(), mine.get(5), mine.consume())


def counter(stage):
    clients = [stage.client() for _ in range(5)]

    def work(client):
        mine = client.Counter("/path")
        for _ in range(20):
            mine += 1

    together(*[lambda c=c: work(c) for c in clients])
    total = clients[0].Counter("/path")
    stage.say("five times twenty", total.value)
    total -= 30
    stage.say("less thirty", total.value, total.pre_value, total.post_value)
    part = clients[0].Counter("/float", default=1.5)
    part += 2.25
    stage.say("float", part.value, clients[1].get("/float")[0])
    if IS_RECENT:
        packed = clients[0].Counter("/packed", support_curator=True)
        packed += 513
        stage.say("as Curator packs it", clients[1].get("/packed")[0])
    stage.fails("a word", lambda: total.__add__("x"))


def party(stage):
    for kind in ("Party", "ShallowParty"):
        clients = [stage.client() for _ in range(3)]
        members = [getattr(c, kind)("/" + kind, "m%d" % n) for n, c in enumerate(clients)]
        stage.say(kind, "empty", len(members[0]), list(members[0]))
        for member in members:
            member.join()
        stage.say(kind, "joined", sorted(members[0]), len(members[1]))
        members[1].leave()
        stage.say(kind, "left", sorted(members[0]))
        clients[2].stop()
        stage.say(kind, "closed", sorted(members[0]))


def partitioner(stage):
    clients = [stage.client() for _ in range(3)]
    parts = [None] * 3

    def join(number):
        parts[number] = clients[number].SetPartitioner(
            "/path", set=tuple(range(8)), identifier="w%d" % number, time_boundary=0.3
        )

    def settle(members):
        # Each works its states as kazoo's manual says, until all hold their share at once.
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            for member in members:
                if member.release:
                    member.release_set()
                elif member.failed:
                    raise AssertionError("a partitioner failed")
                elif member.allocating:
                    member.wait_for_acquire(0.05)
            shares = [sorted(m) for m in members if m.state == PartitionState.ACQUIRED]
            if sorted(sum(shares, [])) == list(range(8)) and len(shares) == len(members):
                return sorted(shares)
            time.sleep(0.01)
        raise TimeoutError("the set was not shared out")

    together(*[lambda n=n: join(n) for n in range(3)])
    stage.say("three share", settle(parts))
    parts[1].finish()
    reached("told", lambda: all(p.state != PartitionState.ACQUIRED for p in (parts[0], parts[2])))
    stage.say("two share", settle([parts[0], parts[2]]))
    parts[0].finish()
    parts[2].finish()


def lease(stage):
    client = stage.client()
    start = datetime.datetime(2024, 1, 1)

    def clock(minutes):
        return lambda: start + datetime.timedelta(minutes=minutes)

    length = datetime.timedelta(minutes=10)

    def take(who, minutes):
        return bool(NonBlockingLease(client, "/lease", length, who, clock(minutes)))

    stage.say([take(*t) for t in (("a", 0), ("b", 5), ("a", 8), ("b", 12), ("b", 19))])

    def share(who, minutes):
        return bool(MultiNonBlockingLease(client, 2, "/many", length, who, clock(minutes)))

    times = (("a", 0), ("b", 1), ("c", 2), ("a", 9), ("c", 12), ("b", 13))
    stage.say([share(*t) for t in times])


SECTIONS = [
    lock, cancelled_lock, read_write_lock, semaphore, election, barrier, double_barrier, queue,
    locking_queue, counter, party, partitioner, lease,
]

if __name__ == "__main__":
    run(SECTIONS)
