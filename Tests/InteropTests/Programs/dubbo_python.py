"""A consumer of dubbo-python 0.0.4 (with kazoo 2.6, of ZooKeeper 3.4's days) and its providers.

The package has no provider. Those here register as Dubbo's Java providers do, by kazoo, and answer
calls with the few bytes of Dubbo's protocol that say a string.

usage: dubbo_python.py HOST:PORT                 the whole scene, as lines
       dubbo_python.py HOST:PORT provide PORT    a provider, until its input ends
       dubbo_python.py HOST:PORT consume         a consumer: `hosts` or `call WORD` on its input
"""
import re
import socket
import struct
import sys
import threading
from urllib.parse import quote_plus

from kazoo.client import KazooClient

from actors import Scene

SERVICE = "com.example.api.GreeterService"
ROOT = "/dubbo/" + SERVICE


def provider_name(port):
    url = (
        "dubbo://127.0.0.1:%d/%s?anyhost=true&application=greeter&dubbo=2.6.2&generic=false"
        "&interface=%s&methods=greet&pid=1&revision=1.0.0&side=provider&timestamp=1567762004927"
    ) % (port, SERVICE, SERVICE)
    return quote_plus(url)


def provide(server, port):
    listener = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=answer_all, args=(listener, port), daemon=True).start()
    client = KazooClient(hosts=server)
    client.start(timeout=30)
    for category in ("providers", "configurators", "routers"):
        client.ensure_path(ROOT + "/" + category)
    path = ROOT + "/providers/" + provider_name(port)
    client.create(path, b"127.0.0.1", ephemeral=True)
    print("ready", flush=True)
    sys.stdin.read()
    client.stop()


def answer_all(listener, port):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection, port), daemon=True).start()


def answer(connection, port):
    stream = connection.makefile("rb")
    while True:
        head = stream.read(16)
        if len(head) < 16:
            return
        body = stream.read(struct.unpack("!i", head[12:])[0])
        if head[2] & 0x20:
            # A heartbeat, answered by null.
            connection.sendall(b"\xda\xbb\x22\x14" + head[4:12] + b"\0\0\0\x01N")
            continue
        # The last argument before the attachments, a short string.
        word = re.search(rb"\x12Ljava/lang/String;(.)([^H]*)H", body, re.S).group(2)
        text = b"hello from %d, %s" % (port, word)
        # 0x91 is the number 1, "a value follows"; a short string has its length first.
        payload = b"\x91" + bytes([len(text)]) + text
        length = struct.pack("!i", len(payload))
        connection.sendall(b"\xda\xbb\x02\x14" + head[4:12] + length + payload)


def consume(server):
    import dubbo.common.util as util

    # It would ask the kernel for its address on the way to a host of the internet.
    util.ip = "127.0.0.1"
    from dubbo.client import DubboClient, ZkRegister

    register = ZkRegister(server, "scene")
    client = DubboClient(SERVICE, version="1.0.0", zk_register=register)
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "call":
                print(client.call("greet", words[1], timeout=10), flush=True)
            elif words[0] == "hosts":
                print(sorted(register.hosts.get(SERVICE, [])), flush=True)
            else:
                print(sorted(register.weights.get(SERVICE, {}).items()), flush=True)
        except Exception as error:
            print("failed:", type(error).__name__, flush=True)
    register.close()


def steady(name):
    """A consumer's name without what differs at each run."""
    name = re.sub(r"(pid(=|%3D))\d+", r"\1PID", name)
    return re.sub(r"(timestamp(=|%3D))\d{13}", r"\1TIME", name)


def scene(server):
    scene = Scene(server)
    try:
        consumer = scene.start(server, "consume")
        scene.say("consumer", consumer.says())
        scene.say("nobody there:", consumer.ask("call world"))
        first, second = scene.port("PORT-1"), scene.port("PORT-2")
        one = scene.start(server, "provide", first)
        scene.say("provider", one.says())
        scene.show(ROOT + "/providers")
        scene.say("called:", consumer.ask("call world"))
        scene.reached("consumer node", lambda: scene.children(ROOT + "/consumers"))
        scene.show(ROOT + "/consumers", steady)
        two = scene.start(server, "provide", second)
        scene.say("second provider", two.says())
        scene.reached("told of both", lambda: str(second) in consumer.ask("hosts"))
        scene.say("hosts", consumer.ask("hosts").count("127.0.0.1"))
        override = "override://127.0.0.1:%d/%s?category=configurators&dynamic=false&weight=%d"
        rule = ROOT + "/configurators/" + quote_plus(override % (first, SERVICE, 0))
        scene.kazoo.create(rule, b"")
        scene.reached("told of the rule", lambda: consumer.ask("weights") != "[]")
        scene.say("weights", consumer.ask("weights"))
        scene.kazoo.delete(rule)
        scene.reached("told of its end", lambda: consumer.ask("weights") == "[]")
        one.kill()
        scene.reached("told of its death", lambda: str(first) not in consumer.ask("hosts"))
        scene.say("hosts", consumer.ask("hosts"), "called:", consumer.ask("call again"))
        two.end()
        scene.reached("told of its close", lambda: consumer.ask("hosts") == "[]")
        scene.say("nobody there:", consumer.ask("call world"))
        consumer.end()
        scene.reached("consumer gone", lambda: not scene.children(ROOT + "/consumers"))
        scene.say("left", [len(scene.children(ROOT + "/" + c)) for c in ("providers", "consumers")])
    finally:
        scene.end()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        scene(sys.argv[1])
    elif sys.argv[2] == "provide":
        provide(sys.argv[1], int(sys.argv[3]))
    else:
        consume(sys.argv[1])
