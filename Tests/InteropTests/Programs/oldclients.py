"""Speaks to a server in raw frames as clients of 3.3 and 3.4 did, byte by byte where that is legal.

usage: oldclients.py HOST:PORT     (tick 200 ms)
"""
import socket
import struct
import sys
import time

HOST, PORT = sys.argv[1].split(":")
ZEROES = bytes(16)


def say(*words):
    print(*words, flush=True)


def dial():
    connection = socket.create_connection((HOST, int(PORT)), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def frame(body):
    return struct.pack("!i", len(body)) + body


def handshake(timeout=2000, session=0, password=ZEROES, zxid=0, read_only=None, version=0):
    body = struct.pack("!iqiq", version, zxid, timeout, session)
    body += struct.pack("!i", -1) if password is None else frame(password)
    if read_only is not None:
        body += bytes([read_only])
    return frame(body)


def exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def receive(connection):
    """One frame, or what the connection ended with."""
    try:
        length, = struct.unpack("!i", exactly(connection, 4))
        return exactly(connection, length)
    except EOFError:
        return "closed"
    except ConnectionResetError:
        return "closed"


def greeting(connection):
    """The reply to a handshake, without the id and the password."""
    reply = receive(connection)
    if reply == "closed":
        return reply, 0, b""
    version, timeout, session, length = struct.unpack("!iiqi", reply[:20])
    password = reply[20:20 + length]
    text = "%d bytes, version %d, timeout %d, session %s, password of %d%s, rest %s" % (
        len(reply), version, timeout, session != 0, length,
        " zeroes" if password == ZEROES else "", reply[20 + length:].hex() or "-")
    return text, session, password


def string(text):
    return frame(text.encode())


OPEN_ACL = struct.pack("!ii", 1, 31) + string("world") + string("anyone")


def create(xid, path, data=b"x", flags=0):
    return frame(struct.pack("!ii", xid, 1) + string(path) + frame(data) + OPEN_ACL
                 + struct.pack("!i", flags))


def request(xid, op, body=b""):
    return frame(struct.pack("!ii", xid, op) + body)


def reply(connection):
    body = receive(connection)
    if body == "closed":
        return body
    xid, zxid, error = struct.unpack("!iqi", body[:16])
    return "xid %d error %d body %s" % (xid, error, body[16:48].hex() or "-")


def old_handshakes():
    for name, options in (
        ("3.3, 44 bytes", {}),
        ("3.4, read-only byte 0", {"read_only": 0}),
        ("3.4, read-only byte 1", {"read_only": 1}),
        ("empty password", {"password": b""}),
        ("null password", {"password": None}),
        ("protocol version 7", {"version": 7}),
    ):
        connection = dial()
        connection.sendall(handshake(**options))
        say(name, "->", greeting(connection)[0])
        connection.close()
    for wish in (-1, 0, 1, 399, 400, 1500, 4000, 4001, 3_600_000, 2**31 - 1):
        connection = dial()
        connection.sendall(handshake(timeout=wish))
        say("wish", wish, "->", greeting(connection)[0].split(", ")[2])
        connection.close()


def fragments():
    hello = handshake()
    for name, sizes in (
        ("length, then body", (4,)), ("inside the length", (1, 2)), ("in the middle", (17,)),
    ):
        connection = dial()
        start = 0
        for size in sizes + (len(hello),):
            connection.sendall(hello[start:size])
            time.sleep(0.02)
            start = size
        say(name, "->", greeting(connection)[0])
        connection.close()
    connection = dial()
    for byte in hello:
        connection.sendall(bytes([byte]))
    say("byte by byte ->", greeting(connection)[0])
    bytewise = create(1, "/bytewise") + request(-2, 11)
    for byte in bytewise + request(2, 3, string("/bytewise") + b"\0"):
        connection.sendall(bytes([byte]))
    say(reply(connection), "|", reply(connection), "|", reply(connection)[:14])
    connection.close()
    connection = dial()
    # Everything at once, before the server has said anything.
    connection.sendall(hello + create(7, "/ahead") + create(8, "/ahead") + request(-2, 11)
                       + request(9, 8, string("/ahead") + b"\0") + request(10, -11))
    say("all at once ->", greeting(connection)[0])
    for _ in range(5):
        say("  ", reply(connection))
    say("   then", reply(connection))


def resumed():
    connection = dial()
    connection.sendall(handshake())
    text, session, password = greeting(connection)
    connection.sendall(create(1, "/resumed", flags=1))
    say(reply(connection))
    second = dial()
    second.sendall(handshake(session=session, password=password))
    again, same, key = greeting(second)
    say("resumed by 44 bytes ->", again, "same", (same, key) == (session, password))
    say("the former connection:", reply(connection))
    second.sendall(request(1, 3, string("/resumed") + b"\0"))
    say("its node:", reply(second)[:14])
    for name, options in (
        ("wrong password", {"session": session, "password": b"\1" * 16}),
        ("unknown session", {"session": 0x77, "password": password}),
        ("44 bytes, unknown", {"session": 0x78, "password": password}),
        ("unknown, with the byte", {"session": 0x79, "password": password, "read_only": 0}),
    ):
        other = dial()
        other.sendall(handshake(**options))
        say(name, "->", greeting(other)[0], "then", reply(other))
    other = dial()
    other.sendall(handshake(zxid=2**62))
    say("from the future ->", greeting(other)[0])


def odd_frames():
    for name, bytes_sent in (
        ("length 0", struct.pack("!i", 0)),
        ("length -1", struct.pack("!i", -1)),
        ("length 2^31-1", struct.pack("!i", 2**31 - 1)),
        ("handshake of 10 bytes", frame(bytes(10))),
    ):
        connection = dial()
        connection.sendall(bytes_sent)
        say("first", name, "->", greeting(connection)[0])
    for name, bytes_sent in (
        ("length 0", struct.pack("!i", 0)),
        ("length -5", struct.pack("!i", -5)),
        ("length 0x100000", struct.pack("!i", 0x100000)),
        ("no body", request(5, 1)),
        ("xid 0", request(0, 3, string("/") + b"\0")),
        ("trailing bytes", request(5, 3, string("/") + b"\0" + b"more")),
        ("null path", request(5, 4, struct.pack("!i", -1) + b"\0")),
        ("setWatches of 3.4", request(-8, 101, struct.pack("!qiii", 0, 0, 0, 0))),
        ("ping", request(-2, 11)),
        ("auth", request(-4, 100, struct.pack("!i", 0) + string("digest") + frame(b"a:b"))),
    ):
        connection = dial()
        connection.sendall(handshake())
        greeting(connection)
        connection.sendall(bytes_sent)
        connection.sendall(request(6, 8, string("/zookeeper") + b"\0"))
        say("then", name, "->", short(reply(connection)), "then", short(reply(connection)))
        connection.close()
    connection = dial()
    connection.sendall(handshake())
    greeting(connection)
    connection.sendall(request(5, 77))
    say("unknown opcode ->", short(reply(connection)), "then", short(reply(connection)))


def short(text):
    """Without a body: those of stats hold times, those of lists are in no order."""
    return text.split(" body")[0]


old_handshakes()
fragments()
resumed()
odd_frames()
