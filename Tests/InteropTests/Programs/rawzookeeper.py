"""ZooKeeper's client protocol on a plain socket: frames, sessions, and answers taken apart.

Nothing is checked before it is sent, so that a test can send what no client would. Record layouts are those of
ZooKeeper 3.8's zookeeper.jute.
"""
import base64
import hashlib
import socket
import struct

CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, GET_ACL, SET_ACL = range(1, 8)
GET_CHILDREN, SYNC, PING, GET_CHILDREN2, CHECK, MULTI, CREATE2 = 8, 9, 11, 12, 13, 14, 15
RECONFIG, CHECK_WATCHES, REMOVE_WATCHES, CREATE_CONTAINER = 16, 17, 18, 19
CREATE_TTL, MULTI_READ, AUTH, SET_WATCHES = 21, 22, 100, 101
GET_EPHEMERALS, COUNT_ALL, SET_WATCHES2, ADD_WATCH, WHO_AM_I = 103, 104, 105, 106, 107
CLOSE = -11
CLOSED = "closed"
MULTI_END = struct.pack(">ibi", -1, 1, -1)


def integer(value):
    return struct.pack(">i", value)


def long(value):
    return struct.pack(">q", value)


def flag(value):
    return b"\1" if value else b"\0"


def buffer(value):
    return integer(-1) if value is None else integer(len(value)) + value


def text(value):
    return buffer(value if isinstance(value, bytes) else value.encode())


def vector(items):
    return integer(-1) if items is None else integer(len(items)) + b"".join(items)


def entry(permissions, scheme, identity):
    return integer(permissions) + text(scheme) + text(identity)


def part(kind, body):
    """One operation of a multi."""
    return struct.pack(">ibi", kind, 0, -1) + body


def digest(user, password):
    """The identity that ZooKeeper makes of a name and a password."""
    hashed = hashlib.sha1(f"{user}:{password}".encode()).digest()
    return f"{user}:{base64.b64encode(hashed).decode()}"


class Reader:
    """Takes an answer apart, from its start on."""

    def __init__(self, data, stat=lambda fields: fields):
        self.data, self.at, self.stat_of = data, 0, stat

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values

    def int(self):
        return self.take("i")[0]

    def buffer(self):
        length = self.int()
        if length < 0:
            return None
        self.at += length
        return self.data[self.at - length:self.at]

    def names(self):
        """The order of names means nothing."""
        return sorted(self.buffer() for _ in range(self.int()))

    def stat(self):
        return self.stat_of(self.take("qqqqiiiqiiq"))

    def rest(self):
        rest, self.at = self.data[self.at:], len(self.data)
        return rest

    def acl(self):
        return [(self.int(), self.buffer(), self.buffer()) for _ in range(self.int())], self.stat()

    def identities(self):
        """In no order that means anything."""
        return sorted((self.buffer(), self.buffer()) for _ in range(self.int()))

    def parts(self):
        parts = []
        while True:
            kind, done, error = self.take("ibi")
            if done:
                return parts
            result = self.int() if kind == -1 else self.answer(kind)
            parts.append((kind, error, result))

    def answer(self, kind):
        """The body of a successful answer to such an operation."""
        if kind in (CREATE, SYNC):
            return self.buffer()
        if kind in (CREATE2, CREATE_CONTAINER, CREATE_TTL):
            return self.buffer(), self.stat()
        if kind in (EXISTS, SET_DATA, SET_ACL):
            return self.stat()
        if kind == GET_DATA:
            return self.buffer(), self.stat()
        if kind in (GET_CHILDREN, GET_EPHEMERALS):
            return self.names()
        if kind == GET_CHILDREN2:
            return self.names(), self.stat()
        if kind == GET_ACL:
            return self.acl()
        if kind in (COUNT_ALL, ADD_WATCH):
            return self.int()
        if kind == WHO_AM_I:
            return self.identities()
        if kind in (MULTI, MULTI_READ):
            return self.parts()
        return None


class Connection:
    """One connection with its session."""

    def __init__(self, address, former=None, last_zxid=0, timeout=40_000):
        self.socket = socket.create_connection(address)
        self.socket.settimeout(10)
        self.received = b""
        self.xid = 0
        session, password = (former.session, former.password) if former else (0, bytes(16))
        self.send(struct.pack(">iqiq", 0, last_zxid, timeout, session) + buffer(password) + b"\0")
        reader = Reader(self.frame())
        _, self.timeout, self.session = reader.take("iiq")
        self.password = reader.buffer()

    def send(self, body):
        self.socket.sendall(integer(len(body)) + body)

    def frame(self):
        """The next frame; None at the end of the stream."""
        while len(self.received) < 4 or len(self.received) < 4 + self._length():
            data = self.socket.recv(65_536)
            if not data:
                return None
            self.received += data
        end = 4 + self._length()
        frame, self.received = self.received[4:end], self.received[end:]
        return frame

    def _length(self):
        return struct.unpack_from(">i", self.received)[0]

    def ask(self, kind, body=b"", xid=None):
        """Sends a request; its answer is (error, zxid, body), or CLOSED, after the events that came first."""
        if xid is None:
            self.xid += 1
            xid = self.xid
        events = []
        try:
            self.send(struct.pack(">ii", xid, kind) + body)
            while (frame := self.frame()) is not None:
                reader = Reader(frame)
                echo, zxid, error = reader.take("iqi")
                if echo == -1:
                    events.append(reader.take("ii") + (reader.buffer(),))
                    continue
                if echo != xid:
                    raise SystemExit(f"asked {xid}, answered {echo}")
                return events, (error, zxid, reader.rest())
        except (ConnectionResetError, BrokenPipeError):
            pass
        return events, CLOSED

    def close(self):
        self.socket.close()
