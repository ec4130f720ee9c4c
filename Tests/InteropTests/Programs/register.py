"""Registers ephemeral provider nodes with the given names, then waits for the end of its input.

usage: register.py HOST:PORT TIMEOUT-SECONDS INTERFACE NAME...   (names as they stand in the tree)
"""
import sys
from kazoo.client import KazooClient

server, timeout, interface, names = sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4:]
client = KazooClient(hosts=server, timeout=timeout)
client.start(timeout=30)
parent = f"/dubbo/{interface}/providers"
client.ensure_path(parent)
for name in names:
    client.create(f"{parent}/{name}", b"", ephemeral=True)
print("ready", flush=True)
sys.stdin.read()
client.stop()
