#!/usr/bin/env python3
"""Captures real frames between ZooKeeper's server and clients into GoldenText.swift.

  python3 -m venv VENV && VENV/bin/pip install kazoo==2.11.0
  VENV/bin/python capture-golden.py [OUT.swift]

Needs Debian's `zookeeper` 3.8.0 and a JDK. Starts a server of its own in a temporary directory on a free
loopback port, puts a relay before it, and lets kazoo, zkCli.sh and the Java client do each operation they
know. Frames are kept as they went over the wire, with the ids and times of that run.
"""
import os, shutil, signal, socket, struct, subprocess, sys, tempfile, textwrap, threading, time

JAR = "/usr/share/java/zookeeper.jar"
NAMES = {
    1: "create", 2: "delete", 3: "exists", 4: "getData", 5: "setData", 6: "getACL", 7: "setACL",
    8: "getChildren", 9: "sync", 11: "ping", 12: "getChildren2", 13: "check", 14: "multi",
    15: "create2", 16: "reconfig", 17: "checkWatches", 18: "removeWatches", 19: "createContainer",
    21: "createTTL", 22: "multiRead", 100: "auth", 101: "setWatches", 103: "getEphemerals",
    104: "getAllChildrenNumber", 105: "setWatches2", 106: "addWatch", 107: "whoAmI",
    -11: "closeSession",
}
# Frames kept of one peer, operation and result: enough to show the forms that differ.
KEPT = {"create": 3, "multi": 4, "getData": 3, "multiRead": 2}

JAVA = """
import java.util.*;
import org.apache.zookeeper.*;
import org.apache.zookeeper.data.*;

public class Capture {
    static ZooKeeper open(String hosts) throws Exception {
        var latch = new java.util.concurrent.CountDownLatch(1);
        var client = new ZooKeeper(hosts, 10000, e -> latch.countDown());
        latch.await();
        return client;
    }
    static void cut(ZooKeeper client) throws Exception {
        System.out.println("cut");
        System.in.read();
        for (int tries = 0; tries < 50; tries++) {
            try { client.exists("/java", false); return; }
            catch (KeeperException.ConnectionLossException e) { Thread.sleep(100); }
        }
    }
    public static void main(String[] args) throws Exception {
        var open = ZooDefs.Ids.OPEN_ACL_UNSAFE;
        var bytes = "value".getBytes();
        var zk = open(args[0]);
        Watcher one = e -> {}, two = e -> {};
        zk.create("/java", null, open, CreateMode.PERSISTENT);
        zk.create("/java/empty", new byte[0], open, CreateMode.PERSISTENT, new Stat());
        zk.create("/java/container", bytes, open, CreateMode.CONTAINER, new Stat());
        zk.create("/java/ttl", bytes, open, CreateMode.PERSISTENT_WITH_TTL, new Stat(), 60000);
        zk.getData("/java", one, new Stat());
        zk.getData("/java", two, new Stat());
        zk.getData("/java/empty", one, new Stat());
        zk.getChildren("/java", one);
        zk.exists("/java/absent", one);
        zk.removeWatches("/java", two, Watcher.WatcherType.Data, false);
        zk.multi(List.of(
            Op.create("/java/m", bytes, open, CreateMode.PERSISTENT),
            Op.create("/java/m/c", null, open, CreateMode.CONTAINER),
            Op.create("/java/m/t", null, open, CreateMode.PERSISTENT_WITH_TTL, 60000),
            Op.check("/java/m", 0), Op.setData("/java/m", null, 0),
            Op.delete("/java/m/c", -1), Op.delete("/java/m/t", -1)));
        try {
            zk.multi(List.of(
                Op.setData("/java/m", bytes, -1), Op.check("/java/m", 7), Op.delete("/java/m", -1)));
        } catch (KeeperException e) {}
        zk.multi(List.of(
            Op.getData("/java"), Op.getData("/java/m"), Op.getChildren("/java"),
            Op.getData("/java/absent")));
        zk.multi(List.of());
        zk.addAuthInfo("digest", "user:secret".getBytes());
        zk.whoAmI();
        zk.create("/java/owned", bytes, ZooDefs.Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        zk.getACL("/java/owned", new Stat());
        zk.setACL("/java/owned", open, 0);
        cut(zk);
        zk.addWatch("/java", one, AddWatchMode.PERSISTENT);
        zk.addWatch("/java", two, AddWatchMode.PERSISTENT_RECURSIVE);
        zk.addWatch("/java/m", two, AddWatchMode.PERSISTENT);
        cut(zk);
        zk.setData("/java/m", null, -1);
        zk.create("/java/e-", bytes, open, CreateMode.EPHEMERAL_SEQUENTIAL);
        zk.getEphemerals("/java");
        zk.getAllChildrenNumber("/java");
        zk.delete("/java/m", -1);
        zk.removeAllWatches("/java", Watcher.WatcherType.Any, false);
        Thread.sleep(4500);
        zk.close();
    }
}
"""

CLI = """create /cli value
create -s /cli/s- value
create -e /cli/e value
create -c /cli/c value
create -t 60000 /cli/t value
create /cli
get -s /cli
get /cli/absent
set -v 0 /cli other
set -v 7 /cli other
stat -w /cli
ls -w /cli
ls -s /cli
getAcl /cli
setAcl /cli world:anyone:cdrwa
sync /cli
addWatch -m PERSISTENT /cli
addWatch -m PERSISTENT_RECURSIVE /cli
removewatches /cli -a
getEphemerals /cli
getAllChildrenNumber /cli
addauth digest user:secret
whoami
config
setquota -n 5 /cli
delquota /cli
deleteall /cli
quit
"""


class Relay:
    """Passes bytes on between clients and the server and keeps a copy."""

    def __init__(self, target):
        self.target, self.streams, self.sockets = target, [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            log = []
            self.streams.append(log)
            self.sockets += [client, server]
            for source, sink, way in ((client, server, "c"), (server, client, "s")):
                threading.Thread(
                    target=self.copy, args=(source, sink, way, log), daemon=True
                ).start()

    def copy(self, source, sink, way, log):
        try:
            while piece := source.recv(65536):
                log.append((way, piece))
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        for end in self.sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def frames(log):
    """The frames of one connection as (kind, name, bytes), in the order in which they were complete."""
    left, first, asked = {"c": b"", "s": b""}, {"c": True, "s": True}, []
    for way, piece in log:
        left[way] += piece
        while len(left[way]) >= 4:
            (length,) = struct.unpack_from("!i", left[way])
            if len(left[way]) < 4 + length:
                break
            frame, left[way] = left[way][4 : 4 + length], left[way][4 + length :]
            if first[way]:
                first[way] = False
                yield ("connectRequest" if way == "c" else "connectResponse"), "-", frame
            elif way == "c":
                xid, op = struct.unpack_from("!ii", frame)
                asked.append((xid, op))
                yield "request", NAMES[op], frame
            else:
                xid, _, err = struct.unpack_from("!iqi", frame)
                if xid == -1:
                    yield "event", "event", frame
                    continue
                index = next(i for i, (x, _) in enumerate(asked) if x == xid)
                _, op = asked.pop(index)
                yield ("error" if err else "reply"), NAMES[op], frame


def kazoo(address):
    from kazoo.client import KazooClient
    from kazoo.exceptions import KazooException
    from kazoo.security import make_digest_acl

    def refused(call, *arguments, **named):
        try:
            call(*arguments, **named)
        except (KazooException, NotImplementedError):
            pass

    client = KazooClient(hosts=address, auth_data=[("digest", "user:secret")])
    client.start()
    client.create("/kazoo", b"value")
    client.create("/kazoo/s-", b"", sequence=True)
    client.create("/kazoo/e", b"value", ephemeral=True, include_data=True)
    client.create("/kazoo/\u00fc", b"\0\xff", acl=[make_digest_acl("user", "secret", all=True)])
    refused(client.create, "/kazoo", b"value")
    client.exists("/kazoo", watch=lambda event: None)
    client.exists("/kazoo/absent", watch=lambda event: None)
    client.get("/kazoo", watch=lambda event: None)
    refused(client.get, "/kazoo/absent")
    client.get_children("/kazoo", watch=lambda event: None)
    client.get_children("/kazoo", include_data=True)
    client.set("/kazoo", b"other")
    refused(client.set, "/kazoo", b"other", version=7)
    client.get_acls("/kazoo/\u00fc")
    client.set_acls("/kazoo/\u00fc", [make_digest_acl("user", "secret", read=True)])
    client.sync("/kazoo")
    work = client.transaction()
    work.create("/kazoo/t", b"value")
    work.check("/kazoo/t", 0)
    work.set_data("/kazoo/t", b"other", version=0)
    work.delete("/kazoo/t")
    work.commit()
    work = client.transaction()
    work.delete("/kazoo/e")
    work.create("/kazoo", b"value")
    work.check("/kazoo", 0)
    work.commit()
    refused(client.reconfig, "", "", "server.1=127.0.0.1:1:1;1")
    client.create("/kazoo/absent", b"")
    refused(client.delete, "/kazoo")
    client.delete("/kazoo/absent")
    time.sleep(4)
    client.stop()


def cli(address):
    """Types slowly, so that the events of one command come before the next one."""
    cli = subprocess.Popen(
        ["/usr/share/zookeeper/bin/zkCli.sh", "-server", address],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )
    time.sleep(3)
    for line in CLI.splitlines(keepends=True):
        cli.stdin.write(line)
        cli.stdin.flush()
        time.sleep(0.3)
    cli.stdin.close()
    cli.wait(timeout=30)


def java(address, folder, relay):
    source = os.path.join(folder, "Capture.java")
    with open(source, "w") as file:
        file.write(JAVA)
    process = subprocess.Popen(
        ["java", "-cp", JAR, source, address],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    for line in process.stdout:
        if line.strip() == "cut":
            relay.cut()
            process.stdin.write("\n")
            process.stdin.flush()
    process.wait(timeout=60)
    if process.returncode:
        sys.exit("the Java client failed")


def old_client(address):
    """What a client from before 3.4 sends and gets: no readOnly byte on either side."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as end:
        request = struct.pack("!iqiqi16s", 0, 0, 6000, 0, 16, bytes(16))
        end.sendall(struct.pack("!i", len(request)) + request)
        end.recv(4096)
        end.sendall(struct.pack("!iii", 8, 1, -11))
        end.recv(4096)


def refused_client(address):
    """A session that the server does not know: the reply says timeout 0."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as end:
        request = struct.pack("!iqiqi16sB", 0, 0, 6000, 0x1234, 16, bytes(16), 0)
        end.sendall(struct.pack("!i", len(request)) + request)
        end.recv(4096)


def start_server(folder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with open(os.path.join(folder, "zoo.cfg"), "w") as file:
        file.write(
            f"tickTime=2000\ndataDir={folder}/data\nclientPort={port}\n"
            "clientPortAddress=127.0.0.1\nadmin.enableServer=false\n4lw.commands.whitelist=*\n"
        )
    server = subprocess.Popen(
        ["java", "-cp", JAR, "-Dzookeeper.extendedTypesEnabled=true",
         "org.apache.zookeeper.server.ZooKeeperServerMain", os.path.join(folder, "zoo.cfg")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port)) as end:
                end.sendall(b"srvr")
                text = end.recv(4096).decode()
            if text.startswith("Zookeeper version:"):
                return server, port, text.splitlines()[0]
        except OSError:
            pass
        time.sleep(0.1)
    server.kill()
    sys.exit("the server did not start")


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "GoldenText.swift")
    folder = tempfile.mkdtemp()
    server, port, version = start_server(folder)
    text = []
    try:
        for peer, run in (
            ("kazoo 2.11.0", kazoo),
            ("zkCli.sh 3.8.0", cli),
            ("Java client 3.8.0", None),
            ("raw socket, before 3.4", old_client),
            ("raw socket, unknown session", refused_client),
        ):
            relay = Relay(port)
            if run:
                run(relay.address)
            else:
                java(relay.address, folder, relay)
            text.append(f"peer {peer}")
            kept, seen = {}, set()
            for log in relay.streams:
                for kind, name, frame in frames(log):
                    code = {"error": frame[12:16], "event": frame[16:20]}.get(kind, b"")
                    key = (kind, name, code)
                    # Two frames of one length and kind show the same form.
                    if (key, len(frame)) in seen or kept.get(key, 0) >= KEPT.get(name, 1):
                        continue
                    seen.add((key, len(frame)))
                    kept[key] = kept.get(key, 0) + 1
                    text.append(f"{kind} {name}")
                    text += textwrap.wrap(frame.hex(), 88)
            relay.listener.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        shutil.rmtree(folder)
    with open(out, "w") as file:
        file.write(
            "/// Frames between real peers, without their length field; made by capture-golden.py.\n"
            f"///\n/// Server: {version}.\n"
            'let goldenText = """\n' + "".join(f"    {line}\n" for line in text) + '    """\n'
        )


main()
