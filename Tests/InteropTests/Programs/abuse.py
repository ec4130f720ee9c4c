"""Clients that misuse a ZooKeeper server, each in a way of its own, and one that only wants to work.

abuse.py KIND HOST:PORT SECONDS [NUMBER]
    misuses the server that long; prints one line of JSON: how much it did, how often it was cut off.
abuse.py bystander HOST:PORT
    works all the time; for each line on standard input prints the round trips since the line before.
"""

import json
import select
import socket
import struct
import sys
import threading
import time

PING, CREATE, DELETE, GET, SET, CHILDREN, MULTI, SETWATCHES, ADDWATCH = (
    11, 1, 2, 4, 5, 8, 14, 101, 106)
OPEN_ACL = struct.pack(">ii", 1, 31) + b"\0\0\0\5world" + b"\0\0\0\6anyone"


class Gone(Exception):
    """The server closed the connection."""


def text(value):
    return struct.pack(">i", len(value)) + value


def frame(xid, operation, body=b""):
    return struct.pack(">iii", 8 + len(body), xid, operation) + body


def handshake(milliseconds):
    body = struct.pack(">iqiq", 0, 0, milliseconds, 0) + text(bytes(16)) + b"\0"
    return text(body)


def create(path, data=b"", flags=0):
    return text(path) + text(data) + OPEN_ACL + struct.pack(">i", flags)


def delete(path):
    return text(path) + struct.pack(">i", -1)


def part(operation, body):
    return struct.pack(">iBi", operation, 0, -1) + body


def multi(parts):
    return b"".join(parts) + struct.pack(">iBi", -1, 1, -1)


class Client:
    """One session; `ask` answers with the body of the reply and skips events."""

    def __init__(self, address, milliseconds=10_000):
        self.socket = plain(address)
        self.buffer = b""
        self.xid = 0
        self.socket.sendall(handshake(milliseconds))
        reply = self.take()
        self.timeout, self.session = struct.unpack(">iq", reply[4:16])

    def fill(self):
        try:
            more = self.socket.recv(1 << 16)
        except OSError as error:
            raise Gone(str(error)) from error
        if not more:
            raise Gone("end")
        self.buffer += more

    def take(self):
        while len(self.buffer) < 4:
            self.fill()
        (length,) = struct.unpack(">i", self.buffer[:4])
        while len(self.buffer) < 4 + length:
            self.fill()
        result, self.buffer = self.buffer[4:4 + length], self.buffer[4 + length:]
        return result

    def send(self, operation, body=b"", xid=None):
        self.xid += 1
        try:
            self.socket.sendall(frame(self.xid if xid is None else xid, operation, body))
        except OSError as error:
            raise Gone(str(error)) from error

    def reply(self, wanted=None):
        while True:
            message = self.take()
            xid, _, error = struct.unpack(">iqi", message[:16])
            if xid != -1:
                break
        if wanted is not None and xid != wanted:
            raise SystemExit(f"reply {xid} came instead of {wanted}")
        return error, message[16:]

    def ask(self, operation, body=b""):
        self.send(operation, body, -2 if operation == PING else None)
        return self.reply(-2 if operation == PING else self.xid)

    def events_waiting(self):
        return bool(select.select([self.socket], [], [], 0)[0])


def plain(address):
    host, port = address.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def push(connection, data):
    """Writes what fits; false when the server has closed the connection."""
    try:
        while data:
            sent = connection.send(data, socket.MSG_DONTWAIT)
            data = data[sent:]
    except BlockingIOError:
        return True, data
    except OSError:
        return False, b""
    return True, data


def fill_directory(address, root, count, name=b"%07d"):
    """`count` children below `root`, in multis of 500."""
    client = Client(address)
    client.ask(CREATE, create(root))
    path = root + b"/" + name
    for start in range(0, count, 500):
        parts = [part(CREATE, create(path % n)) for n in range(start, min(start + 500, count))]
        client.ask(MULTI, multi(parts))
    client.socket.close()


class Abuse:
    def __init__(self, address, seconds, number):
        self.address, self.number = address, number
        self.seconds = seconds
        self.figures = {"done": 0, "cut": 0}

    def say_ready(self):
        """What it needs is there: the time of the misuse begins."""
        print("ready", flush=True)
        self.end = time.monotonic() + self.seconds

    def going(self):
        return time.monotonic() < self.end

    def hold(self, connections):
        """Counts connections that the server cuts, until the time is over."""
        while self.going():
            ready = select.select(connections, [], [], 0.05)[0] if connections else []
            if not connections:
                time.sleep(0.05)
            for connection in ready:
                try:
                    alive = bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
                except BlockingIOError:
                    alive = True
                except OSError:
                    alive = False
                if alive:
                    # Bytes that are never read: only the end is waited for.
                    time.sleep(0.01)
                    poll = select.poll()
                    poll.register(connection, select.POLLHUP | select.POLLERR | select.POLLRDHUP)
                    alive = not poll.poll(0)
                if not alive:
                    self.figures["cut"] += 1
                    connections.remove(connection)
                    connection.close()

    def unread(self):
        """Never reads its replies: pings and reads of 100 KB, as many as go into the socket."""
        client = Client(self.address)
        client.ask(CREATE, create(b"/unread", b"x" * 100_000))
        self.say_ready()
        requests = frame(1, GET, text(b"/unread") + b"\0") + frame(-2, PING) * 20
        clients = [Client(self.address, 1) for _ in range(self.number or 20)]
        self.pipeline(clients, requests * 50)

    def listings(self):
        """Thousands of listings of 100,000 names, none of them read."""
        fill_directory(self.address, b"/listings", 100_000)
        self.say_ready()
        requests = frame(1, CHILDREN, text(b"/listings") + b"\0") * 100
        clients = [Client(self.address, 1) for _ in range(self.number or 50)]
        self.pipeline(clients, requests)

    def pipeline(self, clients, requests):
        rests = {client: b"" for client in clients}
        while self.going():
            for client in list(rests):
                alive, rests[client] = push(client.socket, rests[client] or requests)
                if alive:
                    continue
                client.socket.close()
                del rests[client]
                self.figures["cut"] += 1
                try:
                    rests[Client(self.address, 1)] = b""
                except (Gone, OSError):
                    self.figures["refused"] = self.figures.get("refused", 0) + 1
            self.figures["done"] += len(rests)
            time.sleep(0.002)

    def half(self):
        """Half a frame for ever: of a handshake, and of a request of 1,000,000 bytes."""
        self.say_ready()
        connections = []
        for n in range(self.number or 200):
            if n % 2:
                connection = plain(self.address)
                push(connection, handshake(1_000)[:20])
            else:
                connection = Client(self.address, 1).socket
                push(connection, struct.pack(">iii", 1_000_000, 1, SET) + bytes(600_000))
            connections.append(connection)
            self.figures["done"] += 1
        self.hold(connections)

    def claim(self):
        """Frames that claim 2 GB, in handshakes and in sessions."""
        self.again(lambda: struct.pack(">i", 0x7fffffff) + bytes(100), struct.pack(">i", 0x7fffffff))

    def garbage(self):
        """Bytes that are no handshake."""
        lines = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(range(255, 0, -1)), b"\x16\x03\x01\x02" * 9]
        self.again(lambda: lines[self.figures["done"] % len(lines)], None)

    def again(self, first, later):
        self.say_ready()
        while self.going():
            try:
                if later and self.figures["done"] % 2:
                    connection = Client(self.address, 1).socket
                    connection.sendall(later)
                else:
                    connection = plain(self.address)
                    connection.sendall(first())
                connection.settimeout(5)
                self.figures["done"] += 1
                try:
                    while connection.recv(4_096):
                        pass
                except ConnectionResetError:
                    pass
                self.figures["cut"] += 1
                connection.close()
            except (OSError, Gone):
                self.figures["refused"] = self.figures.get("refused", 0) + 1
            time.sleep(0.001)

    def deep(self):
        """Paths of 10,000 levels made and deleted, in one pipeline, while another watches all of it."""
        watcher = Client(self.address)
        watcher.ask(ADDWATCH, text(b"/") + struct.pack(">i", 1))
        drain = threading.Thread(target=self.drain, args=[watcher], daemon=True)
        drain.start()
        worker = Client(self.address)
        self.say_ready()
        levels = self.number or 10_000
        while self.going():
            for operation, order in ((CREATE, range(1, levels + 1)), (DELETE, range(levels, 0, -1))):
                waiting = 0
                for level in order:
                    path = b"/d" * level
                    body = create(path) if operation == CREATE else delete(path)
                    worker.send(operation, body)
                    waiting += 1
                    if waiting == 32:
                        worker.reply()
                        waiting -= 1
                    self.figures["done"] += 1
                for _ in range(waiting):
                    worker.reply()

    def drain(self, client):
        try:
            while True:
                client.take()
        except Gone:
            self.figures["cut"] += 1

    def storm(self):
        """100,000 watches of one reader that stopped to read fire, again and again."""
        count = self.number or 100_000
        fill_directory(self.address, b"/storm", count, b"%0200d")
        writer = Client(self.address)
        reader = self.slow_reader()
        self.say_ready()
        node = 0
        while self.going():
            waiting = 0
            for _ in range(1_000):
                path = b"/storm/%0200d" % (node % count)
                node += 1
                writer.send(SET, text(path) + text(b"") + struct.pack(">i", -1))
                waiting += 1
                if waiting == 32:
                    writer.reply()
                    waiting -= 1
            for _ in range(waiting):
                writer.reply()
            self.figures["done"] += 1_000
            if not push(reader.socket, frame(-2, PING))[0]:
                self.figures["cut"] += 1
                reader = self.slow_reader()

    def slow_reader(self):
        """One session with a persistent watch on every node, which then reads nothing."""
        reader = Client(self.address)
        reader.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        count = self.number or 100_000
        for start in range(0, count, 4_000):
            last = min(start + 4_000, count)
            paths = b"".join(text(b"/storm/%0200d" % n) for n in range(start, last))
            none = struct.pack(">i", 0)
            body = struct.pack(">q", 1 << 62) + none * 3
            body += struct.pack(">i", last - start) + paths + none
            reader.send(105, body, -8)
            reader.reply(-8)
        return reader

    def churn(self):
        """2,000 connections a second, every other one with a session, every other one left open."""
        self.say_ready()
        start, held = time.monotonic(), []
        while self.going():
            due = int((time.monotonic() - start) * 2_000)
            while self.figures["done"] < due and self.going():
                self.figures["done"] += 1
                try:
                    connection = plain(self.address)
                    if self.figures["done"] % 2:
                        connection.sendall(handshake(1))
                        if not connection.recv(64):
                            self.figures["cut"] += 1
                    if self.figures["done"] % 4 < 2 and len(held) < 15_000:
                        held.append(connection)
                    else:
                        connection.close()
                except OSError:
                    self.figures["cut"] += 1
            time.sleep(0.001)
        for connection in held:
            try:
                if connection.recv(64, socket.MSG_DONTWAIT) == b"":
                    self.figures["cut"] += 1
            except BlockingIOError:
                pass
            except OSError:
                self.figures["cut"] += 1


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0


def bystander(address):
    """Pings and small writes and reads, one after the other, as any application's."""
    client = Client(address, 40_000)
    times, lock = [], threading.Lock()

    def report():
        for line in sys.stdin:
            with lock:
                seen, times[:] = sorted(times), []
            print(json.dumps({
                "label": line.strip(), "count": len(seen), "session": hex(client.session),
                "p50": percentile(seen, 0.5), "p99": percentile(seen, 0.99),
                "max": seen[-1] if seen else 0,
            }), flush=True)

    threading.Thread(target=report, daemon=True).start()
    print("ready", flush=True)
    path = b"/bystander"
    work = [
        (PING, b""), (CREATE, create(path, b"x", 1)), (GET, text(path) + b"\0"), (DELETE, delete(path)),
    ]
    while True:
        for operation, body in work:
            begin = time.perf_counter_ns()
            error, _ = client.ask(operation, body)
            took = (time.perf_counter_ns() - begin) // 1_000
            if error != 0:
                raise SystemExit(f"operation {operation} failed with {error}")
            with lock:
                times.append(took)
        time.sleep(0.0005)


def main():
    kind, address = sys.argv[1:3]
    if kind == "bystander":
        try:
            bystander(address)
        except Gone as error:
            raise SystemExit(f"the bystander was cut off: {error}") from error
    seconds = float(sys.argv[3])
    abuse = Abuse(address, seconds, int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    try:
        getattr(abuse, kind)()
    except Gone as error:
        abuse.figures["cut"] += 1
        abuse.figures["end"] = str(error)
    print(json.dumps(abuse.figures), flush=True)


if __name__ == "__main__":
    main()
