"""Two kazoo clients with ephemerals, watches and a quota, kept until standard input ends.

administration.py HOST:PORT
"""

import sys

from kazoo.client import KazooClient

first = KazooClient(hosts=sys.argv[1], timeout=30)
second = KazooClient(hosts=sys.argv[1], timeout=30)
first.start()
second.start()


def ignore(event):
    pass


first.create("/admin", b"12345")
first.create("/admin/first", b"x", ephemeral=True)
second.create("/admin/second", b"x", ephemeral=True)
quota = "/zookeeper/quota/admin/"
first.create(quota + "zookeeper_limits", b"count=10,bytes=1000", makepath=True)
first.create(quota + "zookeeper_stats", b"count=0,bytes=0")
first.create("/admin/p", b"seven")
first.get("/admin/p", watch=ignore)
second.get("/admin/p", watch=ignore)
second.set("/admin/p", b"seventh")
second.delete("/admin/p")
first.get("/admin", watch=ignore)
second.get("/admin", watch=ignore)
second.exists("/admin/none", watch=ignore)
print("version", ".".join(map(str, first.server_version())))
print("command", first.command(b"ruok"))
print("ready", flush=True)
sys.stdin.read()
first.stop()
second.stop()
