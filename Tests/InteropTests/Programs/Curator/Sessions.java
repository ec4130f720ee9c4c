import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** The life of a session: cut, taken over, ended from elsewhere, expired. */
final class Sessions {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("session-killed", Sessions::killed);
        parts.put("session-reconnect", Sessions::reconnect);
        parts.put("session-taken-over", Sessions::takenOver);
        parts.put("session-wrong-password", Sessions::wrongPassword);
        parts.put("session-expired", Sessions::expired);
        parts.put("session-timeouts", Sessions::timeouts);
        parts.put("session-close", Sessions::close);
        parts.put("session-idle", Sessions::idle);
    }

    private static ZooKeeper attach(String address, long session, byte[] password, Seen seen)
        throws Exception {
        CountDownLatch decided = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(address, Stage.SESSION_MILLISECONDS, event -> {
            if (event.getState() != KeeperState.Disconnected
                && event.getState() != KeeperState.Closed) {
                seen.add(event.getState().toString());
                decided.countDown();
            }
        }, session, password);
        decided.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        return client;
    }

    private static void killed(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        Seen seen = new Seen();
        CuratorFramework client = stage.closing(CuratorFrameworkFactory.newClient(
            relay.address(), Stage.SESSION_MILLISECONDS, 5_000, new RetryOneTime(100)));
        client.getConnectionStateListenable().addListener(
            (framework, state) -> seen.add(state.toString()));
        stage.started(client);
        stage.say(seen.take(1));
        client.create().withMode(CreateMode.EPHEMERAL).forPath(stage.root);
        ZooKeeper handle = client.getZookeeperClient().getZooKeeper();
        relay.block();
        stage.say(seen.take(1));
        Seen second = new Seen();
        ZooKeeper killer =
            attach(stage.address, handle.getSessionId(), handle.getSessionPasswd(), second);
        stage.say("attached", second, killer.getSessionId() == handle.getSessionId());
        stage.say("sees its own", killer.getEphemerals());
        killer.close();
        CuratorFramework other = stage.curator();
        stage.say("gone", other.checkExists().forPath(stage.root) == null);
        relay.pass();
        stage.say(seen.take(2));
        stage.say("new session",
            client.getZookeeperClient().getZooKeeper().getSessionId() != handle.getSessionId());
        client.create().withMode(CreateMode.EPHEMERAL).forPath(stage.root);
        stage.say("made again", other.checkExists().forPath(stage.root) != null);
    }

    private static void reconnect(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        Seen seen = new Seen();
        ZooKeeper client = stage.plain(relay.address(), seen);
        ZooKeeper other = stage.plain();
        for (String name : new String[] {"", "/data", "/gone", "/kids", "/quiet"}) {
            other.create(stage.root + name, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        }
        client.create(stage.root + "/mine", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        client.getData(stage.root + "/data", true, null);
        client.getData(stage.root + "/gone", true, null);
        client.getChildren(stage.root + "/kids", true);
        client.exists(stage.root + "/comes", true);
        client.exists(stage.root + "/never", true);
        client.getData(stage.root + "/quiet", true, null);
        long session = client.getSessionId();
        relay.block();
        other.setData(stage.root + "/data", Stage.bytes("x"), -1);
        other.delete(stage.root + "/gone", -1);
        other.create(stage.root + "/kids/k", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        other.create(stage.root + "/comes", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        stage.say("before", seen);
        relay.pass();
        stage.say("missed", seen.takeSorted(4));
        stage.say("same session", client.getSessionId() == session);
        other.setData(stage.root + "/quiet", Stage.bytes("y"), -1);
        stage.say("still set", seen.take(1));
        stage.say("ephemeral", other.exists(stage.root + "/mine", false) != null);
        for (int i = 0; i < 5; i++) {
            relay.cut();
            Stage.until("answers", () -> {
                try {
                    return client.exists(stage.root, false) != null;
                } catch (KeeperException.ConnectionLossException lost) {
                    return false;
                }
            });
        }
        stage.say("after five cuts", client.getSessionId() == session);
    }

    private static void takenOver(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        Seen first = new Seen();
        ZooKeeper client = stage.plain(relay.address(), event -> {
            if (event.getState() == KeeperState.Disconnected) {
                first.add("cut");
                relay.block();
            }
        });
        client.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        Seen second = new Seen();
        ZooKeeper heir =
            attach(stage.address, client.getSessionId(), client.getSessionPasswd(), second);
        stage.say("heir", second, heir.getSessionTimeout());
        stage.say("first", first.take(1));
        heir.setData(stage.root, Stage.bytes("h"), -1);
        stage.say("ephemeral", heir.exists(stage.root, false).getEphemeralOwner()
            == heir.getSessionId());
        heir.close();
        stage.say("gone", stage.plain().exists(stage.root, false) == null);
    }

    private static void wrongPassword(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        client.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        Seen seen = new Seen();
        attach(stage.address, client.getSessionId(), new byte[16], seen).close();
        stage.say("wrong password", seen);
        Seen unknown = new Seen();
        attach(stage.address, 0x1234_5678_9abcL, new byte[16], unknown).close();
        stage.say("unknown session", unknown);
        Stage.until("owner goes on", () -> {
            try {
                return client.exists(stage.root, false) != null;
            } catch (KeeperException.ConnectionLossException lost) {
                return false;
            }
        });
        stage.say("owner goes on");
    }

    private static void expired(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        Seen states = new Seen();
        ZooKeeper client = new ZooKeeper(relay.address(), 2_000, event -> {
            states.add(event.getState().toString());
        });
        stage.closing(client::close);
        stage.say(states.take(1));
        Seen events = new Seen();
        ZooKeeper other = stage.plain(events);
        client.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        other.exists(stage.root, true);
        long start = System.nanoTime();
        relay.block();
        stage.say(events.take(1));
        long after = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        stage.say("not early", after > 2_000, "not late", after < 12_000);
        relay.pass();
        Stage.until("expired", () -> states.contains("Expired"));
        stage.attempt("operation", () -> client.exists("/", false));
    }

    private static void timeouts(Stage stage) throws Exception {
        for (int wish : new int[] {2_000, 3_999, 4_000, 4_001, 20_000, 40_000, 40_001, 3_600_000}) {
            CountDownLatch connected = new CountDownLatch(1);
            ZooKeeper client = new ZooKeeper(
                stage.address, wish, event -> connected.countDown());
            connected.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
            stage.say("wish", wish, "granted", client.getSessionTimeout());
            client.close();
        }
    }

    private static void close(Stage stage) throws Exception {
        ZooKeeper other = stage.plain();
        Seen seen = new Seen();
        other.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        other.addWatch(stage.root, seen, org.apache.zookeeper.AddWatchMode.PERSISTENT_RECURSIVE);
        ZooKeeper client = stage.plain();
        int count = 1_000;
        CountDownLatch made = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            client.create(stage.root + "/e" + i, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL,
                (code, path, context, name) -> made.countDown(), null);
        }
        made.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        stage.say("made", seen.take(count).size(),
            client.getEphemerals(stage.root + "/e99").size());
        client.close();
        stage.say("gone", seen.take(count).size(), other.getChildren(stage.root, false).size());
        stage.say("cversion", other.exists(stage.root, false).getCversion());
        stage.attempt("closed client", () -> client.exists("/", false));
    }

    private static void idle(Stage stage) throws Exception {
        Seen seen = new Seen();
        ZooKeeper client = new ZooKeeper(stage.address, 4_000, event ->
            seen.add(event.getState().toString()));
        stage.closing(client::close);
        stage.say(seen.take(1));
        client.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        Thread.sleep(12_500);
        stage.say("after three timeouts", seen, client.exists(stage.root, false) != null);
    }

    private Sessions() {
    }
}
