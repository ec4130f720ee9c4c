"""Sends random and mutated packets to a loopback port; the count bounds it.

usage: fuzz.py dns|registry HOST:PORT COUNT SEED
"""
import random
import socket
import struct
import sys

kind, server, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
host, port = server.rsplit(":", 1)
address = (host, int(port))
draw = random.Random(seed)


def question(name, kind=1, edns=True):
    labels = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".") if x) + b"\0"
    head = struct.pack(">HHHHHH", draw.getrandbits(16), 0x0100, 1, 0, 0, 1 if edns else 0)
    opt = b"\0\0\x29\x04\xd0\0\0\0\0\0\0" if edns else b""
    return head + labels + struct.pack(">HH", kind, 1) + opt


def frame(body):
    return struct.pack(">i", len(body)) + body


def text(value):
    return struct.pack(">i", len(value)) + value.encode()


def requests():
    """One well-formed request of each common kind, without its xid."""
    acl = struct.pack(">ii", 1, 31) + text("world") + text("anyone")
    return [
        struct.pack(">i", 1) + text(f"/f{draw.getrandbits(8)}") + struct.pack(">i", 0) + acl + struct.pack(">i", 1),
        struct.pack(">i", 2) + text(f"/f{draw.getrandbits(8)}") + struct.pack(">i", -1),
        struct.pack(">i", 3) + text("/dubbo") + b"\1",
        struct.pack(">i", 4) + text("/dubbo") + b"\1",
        struct.pack(">i", 5) + text("/dubbo") + struct.pack(">i", 2) + b"ab" + struct.pack(">i", -1),
        struct.pack(">i", 8) + text("/") + b"\1",
        struct.pack(">i", 12) + text("/") + b"\0",
        struct.pack(">i", 14) + struct.pack(">ibi", 13, 0, -1) + text("/") + struct.pack(">i", 0)
        + struct.pack(">ibi", -1, 1, -1),
        struct.pack(">i", 106) + text("/x") + struct.pack(">i", 1),
        struct.pack(">i", 101) + struct.pack(">q", 0) + struct.pack(">iii", 0, 0, 0),
        struct.pack(">i", 11),
    ]


def mutate(packet):
    packet = bytearray(packet)
    for _ in range(draw.randint(0, 4)):
        if not packet:
            break
        at = draw.randrange(len(packet))
        choice = draw.random()
        if choice < 0.5:
            packet[at] = draw.getrandbits(8)
        elif choice < 0.7:
            del packet[at:at + draw.randint(1, 8)]
        elif choice < 0.9:
            packet[at:at] = draw.randbytes(draw.randint(1, 8))
        else:
            packet = packet[:at]
    return bytes(packet)


def fuzz_dns():
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setblocking(False)
    service = "com.example.GreeterService.dubbo.muster.internal"
    names = [service, "_dubbo._tcp." + service, "muster.internal", "x.y", "server.app1.company1.com"]
    for _ in range(count):
        packet = draw.randbytes(draw.randint(0, 80)) if draw.random() < 0.3 else mutate(
            question(draw.choice(names), draw.choice([1, 2, 6, 16, 28, 33, 41, 255]), draw.random() < 0.7))
        try:
            out.sendto(packet, address)
        except BlockingIOError:
            pass
        try:
            while out.recv(4096):
                pass
        except (BlockingIOError, ConnectionError):
            pass


def fuzz_registry():
    sent = 0
    while sent < count:
        with socket.create_connection(address, timeout=10) as peer:
            peer.settimeout(0)
            try:
                if draw.random() < 0.1:
                    sent += 1
                    peer.sendall(draw.randbytes(draw.randint(0, 200)))
                    continue
                hello = struct.pack(">iqiq", 0, 0, 4000, 0) + struct.pack(">i", 16) + bytes(16) + b"\0"
                peer.setblocking(True)
                peer.sendall(frame(mutate(hello) if draw.random() < 0.1 else hello))
                peer.setblocking(False)
                for xid in range(1, draw.randint(2, 400)):
                    body = mutate(struct.pack(">i", xid) + draw.choice(requests()))
                    packet = frame(body) if draw.random() < 0.95 else mutate(frame(body))
                    sent += 1
                    peer.send(packet)
                    try:
                        if not peer.recv(65536):
                            break
                    except BlockingIOError:
                        pass
            except (BlockingIOError, ConnectionError, TimeoutError):
                pass


fuzz_dns() if kind == "dns" else fuzz_registry()
print("done", flush=True)
