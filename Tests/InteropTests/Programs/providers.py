"""Registers three Dubbo providers and a DDNS domain, as a real client would, and keeps them alive.

usage: providers.py HOST:PORT TIMEOUT-SECONDS   then lines on standard input: `close` or `exit`
"""
import sys
from kazoo.client import KazooClient
from kazoo.security import OPEN_ACL_UNSAFE
from urllib.parse import quote_plus

server, timeout = sys.argv[1], float(sys.argv[2])
client = KazooClient(hosts=server, timeout=timeout)
client.start(timeout=30)

interface = "com.example.GreeterService"
tail = f"{interface}?application=demo&dubbo=2.0.2&dynamic=true&interface={interface}&methods=hello,bye&side=provider&timestamp=1722955607339"
urls = [
    f"dubbo://10.0.0.1:20880/{tail}&ipv6=2001:db8::1",
    f"dubbo://10.0.0.2:20880/{tail}&weight=200",
    f"dubbo://10.0.0.3:20881/{tail}",
]
parent = f"/dubbo/{interface}/providers"
client.ensure_path(parent)
for url in urls:
    client.create(f"{parent}/{quote_plus(url)}", b"10.0.0.9", ephemeral=True)

domain = "/DDNS/app1/server.app1.company1.com"
client.ensure_path(domain)
for last in (1, 2):
    client.create(f"{domain}/node-{last}", f"10.1.0.{last}:8080".encode(), ephemeral=True)

print("ready", hex(client.client_id[0]), flush=True)
for line in sys.stdin:
    if line.strip() == "close":
        client.stop()
        client.close()
        print("closed", flush=True)
        break
    if line.strip() == "exit":
        break
