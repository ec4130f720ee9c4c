"""What a process that stands still does to sessions: stall.py SERVER PROCESS | stall.py owner SERVER

PROCESS, the server, is stopped for longer than every timeout; clients that go on pinging must not notice.
Then a client is stopped, as long: its session is over, and it registers again with another.
"""
import logging
import os
import signal
import subprocess
import sys
import threading
import time

from kazoo.client import KazooClient, KazooState

import rawzookeeper as zk
from sessionlife import EPHEMERAL, create, has, stat

TIMEOUT = 2.0
PINGERS = 20
LATE = 5
# Attempts to connect again at a steady pace, far within the timeout.
STEADY = {"max_tries": -1, "delay": 0.1, "backoff": 1, "max_jitter": 0.05, "max_delay": 0.1}
ROUNDS = 3
LIMIT = 30


def say(*words):
    print(*words, flush=True)


def until(what, condition):
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("never came true: " + what)
        time.sleep(0.01)


class Pingers:
    """Sessions that only ping, in one thread, which knows for how long it did not run itself."""

    def __init__(self, server, top):
        self.connections = [zk.Connection(server, timeout=int(TIMEOUT * 1_000)) for _ in range(PINGERS)]
        for number, connection in enumerate(self.connections):
            assert connection.timeout == TIMEOUT * 1_000
            assert create(connection, "%s/raw%d" % (top, number), EPHEMERAL)[0] == 0
        self.longest_pause, self.ended = 0.0, threading.Event()
        self.thread = threading.Thread(target=self._ping, daemon=True)
        self.thread.start()

    def _ping(self):
        last = time.monotonic()
        while not self.ended.wait(0.2):
            for connection in self.connections:
                connection.send(zk.struct.pack(">ii", -2, zk.PING))
            now = time.monotonic()
            self.longest_pause, last = max(self.longest_pause, now - last), now

    def end(self):
        self.ended.set()
        self.thread.join(LIMIT)


def answers(connection):
    """Whether it still serves; the answers to its pings come first."""
    connection.send(zk.struct.pack(">ii", 7, zk.EXISTS) + zk.text("/") + zk.flag(False))
    while (frame := connection.frame()) is not None:
        if zk.Reader(frame).int() == 7:
            return True
    return False


def server_stops(address, process, number):
    """A1.8: whether the round counts; clients that starved say nothing about the server."""
    host, port = address.split(":")
    server = (host, int(port))
    top = "/stall%d" % number
    reader = KazooClient(hosts=address, timeout=TIMEOUT, connection_retry=STEADY)
    reader.start(timeout=LIMIT)
    reader.create(top)
    states, clients = [], []
    for place in range(3):
        client = KazooClient(hosts=address, timeout=TIMEOUT, connection_retry=STEADY)
        client.add_listener(states.append)
        client.start(timeout=LIMIT)
        client.create("%s/kazoo%d" % (top, place), ephemeral=True)
        clients.append((client, client.client_id))
    pingers = Pingers(server, top)
    silent = zk.Connection(server, timeout=int(TIMEOUT * 1_000))
    create(silent, top + "/silent", EPHEMERAL)
    # Cut meanwhile, and back a while later: the time that the server stood still is not theirs.
    late = [zk.Connection(server, timeout=int(TIMEOUT * 1_000)) for _ in range(LATE)]
    for place, connection in enumerate(late):
        assert create(connection, "%s/late%d" % (top, place), EPHEMERAL)[0] == 0
    os.kill(process, signal.SIGSTOP)
    time.sleep(TIMEOUT * 1.5)
    for connection in late:
        connection.close()
    os.kill(process, signal.SIGCONT)
    time.sleep(TIMEOUT / 4)
    again = [zk.Connection(server, former=c, timeout=10_000) for c in late]
    back = sum(a.session == c.session for a, c in zip(again, late))
    # The one that says nothing is the measure: when it is gone, all others had the time to be.
    look = zk.Connection(server, timeout=int(TIMEOUT * 1_000))
    until("the silent one expires", lambda: not has(look, top + "/silent"))
    time.sleep(TIMEOUT / 2)
    pingers.end()
    until("all connected", lambda: all(c.state == KazooState.CONNECTED for c, _ in clients))
    same = sum(c.client_id == identity for c, identity in clients)
    owners = {name: stat(look, top + "/" + name)[7] for name in reader.get_children(top)}
    kept = sum(owners.get("kazoo%d" % n) == i[0] for n, (_, i) in enumerate(clients))
    raw = sum(owners.get("raw%d" % n) == c.session for n, c in enumerate(pingers.connections))
    alive = sum(answers(connection) for connection in pingers.connections)
    lost = states.count(KazooState.LOST)
    for client, _ in clients:
        client.stop()
        client.close()
    reader.stop()
    reader.close()
    if pingers.longest_pause > TIMEOUT / 2:
        say("the clients stood still for %.1f s themselves" % pingers.longest_pause)
        return False
    say("server stopped: kazoo", same, kept, "lost", lost, "raw", raw, alive, "late", back)
    return True


def client_stops(address):
    """A1.9: its node goes while it stands still, and comes back with another session."""
    path = "/stopped"
    other = KazooClient(hosts=address, timeout=TIMEOUT)
    other.start(timeout=LIMIT)
    words = [sys.executable, "-B", sys.argv[0], "owner", address]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    owner = subprocess.Popen(words, **pipes)
    try:
        until("registered", lambda: other.exists(path))
        first = other.exists(path).ephemeralOwner
        os.kill(owner.pid, signal.SIGSTOP)
        until("expired", lambda: not other.exists(path))
        os.kill(owner.pid, signal.SIGCONT)
        until("registered again", lambda: other.exists(path))
        say("client stopped: another session", other.exists(path).ephemeralOwner != first)
        output, _ = owner.communicate(timeout=LIMIT)
        say("client stopped:", " ".join(output.split()))
    finally:
        owner.kill()
        owner.wait()
    other.stop()
    other.close()


def owner(address):
    """Keeps a node, with a new one in each new session, and says what happens to it."""
    client = KazooClient(hosts=address, timeout=TIMEOUT, connection_retry=STEADY)
    lost, ended = threading.Event(), threading.Event()

    def hear(state):
        say(state)
        if state == KazooState.LOST:
            lost.set()

    # The end of standard input is the end.
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    client.add_listener(hear)
    client.start(timeout=LIMIT)
    client.create("/stopped", ephemeral=True)
    while not ended.wait(0.02):
        if lost.is_set() and client.connected:
            lost.clear()
            client.retry(client.create, "/stopped", ephemeral=True)
    client.stop()


def main():
    logging.disable(logging.CRITICAL)
    if sys.argv[1] == "owner":
        return owner(sys.argv[2])
    address, process = sys.argv[1], int(sys.argv[2])
    if not any(server_stops(address, process, number) for number in range(ROUNDS)):
        sys.exit("the clients starved in each of %d rounds" % ROUNDS)
    client_stops(address)


if __name__ == "__main__":
    main()
