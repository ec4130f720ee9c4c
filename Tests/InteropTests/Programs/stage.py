"""Clients, threads with an end, and a connection to cut, for the kazoo programs beside it."""
import logging
import select
import socket
import sys
import threading
import time

from kazoo.client import KazooClient
from kazoo.version import __version__

# A busy machine does not matter; a server that hangs does.
LIMIT = 20
# Older ones than 2.7, of ZooKeeper 3.4's days, lack some calls and recipes.
IS_RECENT = tuple(map(int, __version__.split(".")[:2])) >= (2, 7)


class Stage:
    """One server, a subtree of one's own in it, and the clients that are to be ended with it."""

    def __init__(self, server, name):
        logging.disable(logging.CRITICAL)
        self.server, self.name, self.clients = server, name, []
        root = KazooClient(hosts=server)
        root.start(timeout=LIMIT)
        root.ensure_path("/" + name)
        root.stop()
        root.close()

    def client(self, server=None, chroot=True, timeout=4.0, start=True, **options):
        hosts = server or self.server
        client = KazooClient(
            hosts=hosts + "/" + self.name if chroot else hosts, timeout=timeout, **options
        )
        self.clients.append(client)
        if start:
            client.start(timeout=LIMIT)
        return client

    def say(self, *words):
        print(self.name + ":", *words, flush=True)

    def fails(self, what, function, *words, **options):
        """Says which error a call ends with."""
        try:
            self.say(what, "gives", function(*words, **options))
        except Exception as error:
            self.say(what, "raises", type(error).__name__)

    def end(self):
        for client in self.clients:
            client.stop()
            client.close()


def together(*functions):
    """Runs functions in threads to their end, and passes on what one of them raised."""
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(f,), daemon=True) for f in functions]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 3 * LIMIT
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        errors.append(TimeoutError("a thread did not end"))
    if errors:
        raise errors[0]


def started(function):
    """A thread that runs a function; it is to be joined with `joined`."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def joined(thread):
    thread.join(LIMIT)
    if thread.is_alive():
        raise TimeoutError("a thread did not end")


def until(condition, limit=LIMIT):
    """Waits for a condition, for a bounded time; returns whether it came to hold."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return bool(condition())


def reached(what, condition):
    if not until(condition):
        raise TimeoutError("never came true: " + what)


class Relay:
    """Passes connections on to a server, until it is told to cut them or to let none through."""

    def __init__(self, server):
        host, port = server.split(":")
        self.target = (host, int(port))
        self.pairs, self.open, self.lock = [], True, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            with self.lock:
                if not self.open:
                    near.close()
                    continue
                far = socket.create_connection(self.target)
                self.pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    @staticmethod
    def _carry(near, far):
        try:
            while True:
                for ready in select.select([near, far], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    (far if ready is near else near).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            for end in (near, far):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def cut(self, stay_closed=False):
        """Breaks all connections; new ones are let through unless told otherwise."""
        with self.lock:
            self.open = not stay_closed
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def mend(self):
        with self.lock:
            self.open = True


def run(sections):
    """Runs the named sections, or all, against the server of the first argument."""
    server, wanted = sys.argv[1], sys.argv[2:]
    for section in sections:
        if wanted and section.__name__ not in wanted:
            continue
        stage = Stage(server, section.__name__)
        try:
            section(stage)
        finally:
            stage.end()
