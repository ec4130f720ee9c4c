"""Processes of a scene, free ports, and the nodes of a registry, for the Dubbo programs."""
import logging
import queue
import random
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import unquote

from kazoo.client import KazooClient

LIMIT = 30


class Actor:
    """One process: it says lines, and may be asked by lines."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-B", sys.argv[0], *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def says(self):
        return self.lines.get(timeout=LIMIT)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.says()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """Closes its input, which it is to take for the end."""
        self.process.stdin.close()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


class Scene:
    """A registry seen by kazoo; ports that vary are told by names."""

    def __init__(self, server):
        logging.disable(logging.CRITICAL)
        self.names, self.actors = {}, []
        self.kazoo = KazooClient(hosts=server, timeout=10)
        self.kazoo.start(timeout=LIMIT)

    def port(self, name):
        """A port that was free a moment ago, below those that the kernel gives to clients."""
        while True:
            port = random.randrange(20_000, 32_000)
            try:
                socket.create_server(("127.0.0.1", port)).close()
            except OSError:
                continue
            self.names[str(port)] = name
            return port

    def start(self, *words):
        actor = Actor(*words)
        self.actors.append(actor)
        return actor

    def named(self, text):
        for port, name in self.names.items():
            text = text.replace(port, name)
        return text

    def say(self, *words):
        print(self.named(" ".join(map(str, words))), flush=True)

    def children(self, path):
        return sorted(self.kazoo.get_children(path)) if self.kazoo.exists(path) else []

    def show(self, path, shorten=lambda name: name):
        """Says what stands below a node: names plain and decoded, and if ephemeral."""
        self.say(path, "has", len(self.children(path)))
        for name in sorted(self.children(path), key=self.named):
            data, stat = self.kazoo.get(path + "/" + name)
            self.say("  ", shorten(name))
            self.say("  =", shorten(unquote(name)))
            self.say("  data", data.decode() or "-", "ephemeral", stat.ephemeralOwner != 0)

    @staticmethod
    def reached(what, condition):
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.02)
        raise TimeoutError("never came true: " + what)

    def end(self):
        for actor in self.actors:
            if actor.process.poll() is None:
                actor.kill()
        self.kazoo.stop()
