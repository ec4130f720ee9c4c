"""How exactly silent sessions expire: expiry.py SERVER COUNT ROUNDS_MAX BOUND_MS

Each session's last request is timed before it is sent, and its end when a watcher has read that its node is
gone: so none looks earlier than it was. An early end is an error at once. Rounds are repeated until all ends
of one are within the bound, as a busy machine delays some of them.
"""
import sys
import threading
import time

import rawzookeeper as zk
from sessionlife import EPHEMERAL, OPEN_TO_ALL, PERSISTENT_RECURSIVE, create

SHORTEST, LONGEST = 100, 1_000


class Watcher:
    """Reads the events below a node in a thread of its own, each with its time."""

    def __init__(self, server, top):
        self.connection = zk.Connection(server, timeout=LONGEST)
        create(self.connection, top)
        body = zk.text(top) + zk.integer(PERSISTENT_RECURSIVE)
        self.connection.ask(zk.ADD_WATCH, body)
        self.made, self.gone = set(), {}
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while (frame := self.connection.frame()) is not None:
            now = time.monotonic()
            reader = zk.Reader(frame)
            if reader.take("iqi")[0] != -1:
                continue
            kind = reader.take("ii")[0]
            path = reader.buffer().decode()
            if kind == 1:
                self.made.add(path)
            else:
                self.gone[path] = now

    def ping(self):
        self.connection.send(zk.struct.pack(">ii", -2, zk.PING))


def round_of(server, count, number):
    """Milliseconds from each session's deadline to the news of its end, sorted."""
    top = "/round-%d" % number
    watcher = Watcher(server, top)
    owners = {}
    for place in range(count):
        path = "%s/%d" % (top, place)
        # Short and long ones mixed.
        timeout = SHORTEST + (LONGEST - SHORTEST) * (place * 7 % count) // count
        owner = zk.Connection(server, timeout=timeout)
        assert owner.timeout == timeout, owner.timeout
        sent = time.monotonic()
        assert create(owner, path, EPHEMERAL)[0] == 0
        owners[path] = (owner, sent)
        if place % 16 == 0:
            watcher.ping()
    end = time.monotonic() + 20
    while len(watcher.gone) < count and time.monotonic() < end:
        watcher.ping()
        time.sleep(0.1)
    assert len(watcher.gone) == count, "%d of %d ended" % (len(watcher.gone), count)
    late = []
    for path, (owner, sent) in owners.items():
        late.append((watcher.gone[path] - sent) * 1_000 - owner.timeout)
        owner.close()
    # The end of its stream is the end of its thread.
    watcher.connection.send(zk.struct.pack(">ii", 0, zk.CLOSE))
    watcher.thread.join(10)
    return sorted(late)


def main():
    host, port = sys.argv[1].split(":")
    count, rounds, bound = map(int, sys.argv[2:])
    for number in range(rounds):
        late = round_of((host, int(port)), count, number)
        print("round %d: %d sessions of %d to %d ms ended %.1f to %.1f ms after their deadlines, half within %.1f"
              % (number, count, SHORTEST, LONGEST, late[0], late[-1], late[count // 2]), flush=True)
        if late[0] < 0:
            sys.exit("a session ended early")
        if late[-1] <= bound:
            print("all within", bound, flush=True)
            return
    sys.exit("in no round did all end within %d ms" % bound)


if __name__ == "__main__":
    main()
