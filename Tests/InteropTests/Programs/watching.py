"""kazoo's watchers and caches, each change waited for: what they were told.

usage: watching.py HOST:PORT [SECTION...]
"""
import threading
import time

from kazoo.recipe.cache import TreeCache, TreeEvent
from kazoo.recipe.watchers import PatientChildrenWatch

from stage import LIMIT, reached, run, until


def shown(event):
    return "%s %s %s" % (event.type, event.state, event.path) if event else None


def once(stage):
    """A14.9: one watch, one event, however many changes; and the two kinds of watches."""
    watching, changing = stage.client(), stage.client()
    changing.create("/node", b"0")
    events = []
    watching.get("/node", watch=lambda e: events.append(("data", shown(e))))
    watching.get_children("/node", watch=lambda e: events.append(("children", shown(e))))
    watching.exists("/absent", watch=lambda e: events.append(("exists", shown(e))))
    changing.create("/node/child", b"0")
    changing.set("/node/child", b"1")
    changing.set("/node", b"1")
    changing.set("/node", b"2")
    changing.create("/node/other")
    changing.create("/absent")
    changing.delete("/absent")
    reached("all told", lambda: len(events) >= 3)
    watching.sync("/node")
    for event in events:
        stage.say(*event)
    # A watch that is set twice is one; a read that fails leaves none, a look at nothing leaves one.
    events.clear()

    def both(event):
        events.append(shown(event))

    watching.get("/node", watch=both)
    watching.exists("/node", watch=both)
    stage.fails("get of nothing", watching.get, "/absent", watch=both)
    changing.create("/absent")
    changing.delete("/node/child")
    changing.delete("/node/other")
    changing.delete("/node")
    reached("told of the end", lambda: events)
    watching.sync("/")
    stage.say(events)


def order(stage):
    """A2.6, A2.10: each of many watchers is told of every change, in the order of the changes."""
    clients = [stage.client() for _ in range(10)]
    changing = stage.client()
    names = ["/n%02d" % number for number in range(20)]
    seen = [[] for _ in clients]
    for name in names:
        changing.create(name)
    for number, client in enumerate(clients):
        for name in names:
            client.exists(name, watch=lambda e, n=number: seen[n].append(e.path))
    mixed = names[::2] + names[1::2]
    for name in mixed:
        changing.set(name, b"x")
    reached("all told", lambda: all(len(part) == len(names) for part in seen))
    stage.say("in order", [part == mixed for part in seen])


def event_before_reply(stage):
    """A session that sees the new state has been told of it before."""
    watching, changing = stage.client(), stage.client()
    changing.create("/node", b"0")
    told = []
    wrong = 0
    for number in range(1, 51):
        watching.get("/node", watch=lambda e, n=number: told.append(n))
        changing.set("/node", b"%d" % number)
        if watching.get("/node")[0] == b"%d" % number:
            # Watches are called on a thread of their own: what came before is there very soon.
            wrong += not until(lambda n=number: n in told, 5)
    stage.say("told", len(told), "in order", told == sorted(told), "missed", wrong)


def data_watch(stage):
    watching, changing = stage.client(), stage.client()
    values = []

    @watching.DataWatch("/node")
    def changed(data, stat, event):
        values.append((data, stat.version if stat else None, event.type if event else None))
        return data != b"enough"

    for step in (
        lambda: changing.create("/node", b"one"),
        lambda: changing.set("/node", b"two"),
        lambda: changing.delete("/node"),
        lambda: changing.create("/node", b""),
        lambda: changing.set("/node", b"enough"),
    ):
        before = len(values)
        step()
        reached("a value", lambda: len(values) > before)
    changing.set("/node", b"not seen")
    watching.sync("/node")
    for value in values:
        stage.say(*value)
    latest = []

    @watching.DataWatch("/rapid")
    def rapid(data, stat):
        latest.append(data)

    changing.create("/rapid", b"")
    for number in range(1, 1001):
        changing.set_async("/rapid", b"%d" % number)
    # A2.8: values may be skipped, never the last one.
    reached("the last value", lambda: latest[-1] == b"1000")
    numbers = [int(v) for v in latest if v]
    stage.say("last of 1000", latest[-1], "never back", numbers == sorted(set(numbers)))


def children_watch(stage):
    watching, changing = stage.client(), stage.client()
    changing.create("/parent")
    lists = []

    @watching.ChildrenWatch("/parent", send_event=True)
    def changed(children, event):
        lists.append((sorted(children), event.type if event else None))

    for step in (
        lambda: changing.create("/parent/b"),
        lambda: changing.create("/parent/a", ephemeral=True),
        lambda: changing.create("/parent/c-", sequence=True),
        lambda: changing.delete("/parent/b"),
        # Only the list counts: neither data below nor grandchildren are told.
        lambda: (changing.create("/parent/d"), changing.set("/parent/d", b"x")),
        lambda: (changing.create("/parent/d/deep"), changing.create("/parent/e")),
        changing.stop,
    ):
        before = len(lists)
        step()
        reached("a list", lambda: len(lists) > before)
    for item in lists:
        stage.say(*item)
    again = stage.client()
    again.create("/patient/x", makepath=True)
    result = PatientChildrenWatch(again, "/patient", time_boundary=0.2).start()
    children, event = result.get(timeout=LIMIT)
    stage.say("patient", children, event.ready())
    again.create("/patient/y")
    event.wait(LIMIT)
    stage.say("patient told", event.ready())


def tree_cache(stage):
    watching, changing = stage.client(), stage.client()
    changing.create("/root/a/b", b"ab", makepath=True)
    events, faults = [], []
    cache = TreeCache(watching, "/root")

    def told(event):
        path = event.event_data.path if event.event_data else None
        data = event.event_data.data if event.event_data else None
        events.append((event.event_type, path, data))

    cache.listen(told)
    cache.listen_fault(faults.append)
    cache.start()
    reached("all read", lambda: any(e[0] == TreeEvent.INITIALIZED for e in events))
    first = len(events)
    stage.say("at first", sorted(events[:first], key=str))
    for step in (
        lambda: changing.create("/root/a/c", b"ac"),
        lambda: changing.set("/root/a/b", b"new"),
        lambda: changing.delete("/root/a/c"),
        lambda: changing.create("/root/d", b"d"),
        lambda: changing.delete("/root/a/b"),
    ):
        before = len(events)
        step()
        reached("an event", lambda: len(events) > before)
    for event in events[first:]:
        stage.say(*event)
    reached("children", lambda: cache.get_children("/root") == frozenset("ad"))
    stage.say("children", sorted(cache.get_children("/root")), cache.get_data("/root/d").data)
    stage.say("not there", cache.get_data("/root/a/b"), cache.get_children("/root/x"), faults)
    cache.close()


def sequential_handler(stage):
    """A2.7, A13.10: callbacks one after another, in order; a slow one stops no ping."""
    watching, changing = stage.client(timeout=1.0), stage.client()
    changing.create("/slow")
    identity = watching.client_id[0]
    calls, inside, overlaps = [], [0], []
    done = threading.Event()

    def call(event):
        inside[0] += 1
        overlaps.append(inside[0] > 1)
        if event.path == "/slow":
            # More than the session timeout.
            time.sleep(1.5)
        calls.append(event.path)
        inside[0] -= 1
        if len(calls) == 4:
            done.set()

    names = ["/slow", "/n1", "/n2", "/n3"]
    for name in names[1:]:
        changing.create(name)
    for name in names:
        watching.exists(name, watch=call)
    for name in names:
        changing.set(name, b"x")
    done.wait(LIMIT)
    stage.say(calls, "overlapped", any(overlaps))
    stage.say("same session", watching.client_id[0] == identity, watching.connected)
    results = []
    last = None
    for number in range(1000):
        last = watching.exists_async("/n%d" % (number % 5))
        last.rawlink(lambda r, n=number: results.append(n))
    last.get(timeout=LIMIT)
    reached("all answered", lambda: len(results) == 1000)
    stage.say("1000 answers in order", results == sorted(results))


SECTIONS = [
    once, order, event_before_reply, data_watch, children_watch, tree_cache, sequential_handler,
]

if __name__ == "__main__":
    run(SECTIONS)
