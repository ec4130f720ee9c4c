import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;

/** Watches of every kind: what fires them, in which order, and how they are taken back. */
final class Watches {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("watch-once", Watches::once);
        parts.put("watch-failed-reads", Watches::failedReads);
        parts.put("watch-order", Watches::order);
        parts.put("watch-persistent", Watches::persistent);
        parts.put("watch-recursive", Watches::recursive);
        parts.put("watch-multi", Watches::multi);
        parts.put("watch-removed", Watches::removed);
        parts.put("watch-unreadable", Watches::unreadable);
        parts.put("watch-many", Watches::many);
    }

    private static void make(ZooKeeper client, String path) throws Exception {
        client.create(path, Stage.bytes("d"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    /** Everything that the server sends before its answer to this read has been seen after it. */
    private static void settle(ZooKeeper client, Seen seen, String path) throws Exception {
        Watcher marker = event -> seen.add("settled");
        String unique = path + "-settle-" + System.nanoTime();
        client.exists(unique, marker);
        make(client, unique);
        Stage.until("settled", () -> seen.contains("settled"));
        client.delete(unique, -1);
    }

    private static List<String> upToNow(ZooKeeper client, Seen seen, String path) throws Exception {
        settle(client, seen, path);
        List<String> all = seen.take(1);
        all.remove("settled");
        return all;
    }

    private static void once(Stage stage) throws Exception {
        Seen seen = new Seen();
        ZooKeeper client = stage.plain();
        String root = stage.root;
        make(client, root);
        make(client, root + "/n");
        client.getData(root + "/n", seen, null);
        client.getData(root + "/n", seen, null);
        client.setData(root + "/n", null, -1);
        client.setData(root + "/n", null, -1);
        stage.say("data", upToNow(client, seen, root));
        client.getChildren(root + "/n", seen);
        make(client, root + "/n/k");
        make(client, root + "/n/l");
        stage.say("children", upToNow(client, seen, root));
        client.getChildren(root + "/n", seen);
        client.setData(root + "/n/k", null, -1);
        client.setData(root + "/n", null, -1);
        client.setACL(root + "/n", Ids.OPEN_ACL_UNSAFE, -1);
        stage.say("children, only data changes", upToNow(client, seen, root));
        client.delete(root + "/n/k", -1);
        stage.say("child deleted", upToNow(client, seen, root));
        client.exists(root + "/later", seen);
        make(client, root + "/later");
        client.exists(root + "/later", seen);
        make(client, root + "/later/kid");
        client.setData(root + "/later", null, -1);
        client.exists(root + "/later/kid", seen);
        client.delete(root + "/later/kid", -1);
        stage.say("exists", upToNow(client, seen, root));
        client.getData(root + "/later", seen, null);
        client.exists(root + "/later", seen);
        client.getChildren(root + "/later", seen);
        client.delete(root + "/later", -1);
        stage.say("deleted once", upToNow(client, seen, root));
    }

    private static void failedReads(Stage stage) throws Exception {
        Seen seen = new Seen();
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        stage.attempt("get", () -> client.getData(stage.root + "/x", seen, null));
        stage.attempt("list", () -> client.getChildren(stage.root + "/x", seen));
        make(client, stage.root + "/x");
        stage.say("no event", upToNow(client, seen, stage.root));
    }

    private static void order(Stage stage) throws Exception {
        Seen seen = new Seen();
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        client.getChildren(stage.root, seen);
        client.exists(stage.root + "/a", seen);
        client.create(stage.root + "/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT,
            (code, path, context, name) -> seen.add("reply"), null);
        stage.say(seen.take(3));
        ZooKeeper writer = stage.plain();
        for (int i = 0; i < 100; i++) {
            client.exists(stage.root + "/n" + i, seen);
        }
        for (int i = 0; i < 100; i++) {
            make(writer, stage.root + "/n" + i);
        }
        List<String> all = seen.take(100);
        boolean inOrder = true;
        for (int i = 0; i < 100; i++) {
            inOrder &= all.get(i).equals("NodeCreated " + stage.root + "/n" + i);
        }
        stage.say("in the order of the changes", inOrder);
    }

    private static void life(ZooKeeper client, String path) throws Exception {
        make(client, path);
        client.setData(path, null, -1);
        make(client, path + "/k");
        client.setData(path + "/k", null, -1);
        make(client, path + "/k/deep");
        client.delete(path + "/k/deep", -1);
        client.delete(path + "/k", -1);
        client.delete(path, -1);
        make(client, path);
        client.delete(path, -1);
    }

    private static void persistent(Stage stage) throws Exception {
        Seen seen = new Seen();
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        client.addWatch(stage.root + "/p", seen, AddWatchMode.PERSISTENT);
        life(client, stage.root + "/p");
        stage.say(upToNow(client, seen, stage.root));
        Seen second = new Seen();
        client.addWatch(stage.root + "/p", second, AddWatchMode.PERSISTENT);
        make(client, stage.root + "/p");
        stage.say("two watchers", seen.take(1), second.take(1));
    }

    private static void recursive(Stage stage) throws Exception {
        Seen seen = new Seen();
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        client.addWatch(stage.root + "/p", seen, AddWatchMode.PERSISTENT_RECURSIVE);
        life(client, stage.root + "/p");
        make(client, stage.root + "/pq");
        stage.say(upToNow(client, seen, stage.root));
        Seen other = new Seen();
        ZooKeeper reader = stage.plain(other);
        reader.addWatch(stage.root, AddWatchMode.PERSISTENT_RECURSIVE);
        reader.addWatch(stage.root + "/p", AddWatchMode.PERSISTENT_RECURSIVE);
        make(client, stage.root + "/p");
        client.create(stage.root + "/p/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        client.close();
        stage.say(other.take(3));
    }

    private static void multi(Stage stage) throws Exception {
        Seen seen = new Seen();
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        client.addWatch(stage.root, seen, AddWatchMode.PERSISTENT_RECURSIVE);
        client.multi(List.of(
            Op.create(stage.root + "/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create(stage.root + "/a/b", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.setData(stage.root + "/a", null, -1),
            Op.delete(stage.root + "/a/b", -1)));
        stage.say(seen.take(4));
        stage.attempt("failing", () -> client.multi(List.of(
            Op.setData(stage.root + "/a", null, -1), Op.check(stage.root + "/none", 0))));
        stage.say("nothing", upToNow(client, seen, stage.root + "-aside"));
    }

    private static void removed(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        WatcherType[] types = {WatcherType.Data, WatcherType.Children, WatcherType.Any};
        for (WatcherType type : types) {
            String path = stage.root + "/" + type;
            make(client, path);
            Seen seen = new Seen();
            Watcher named = new Watcher() {
                @Override
                public void process(WatchedEvent event) {
                    seen.process(event);
                }
            };
            client.getData(path, named, null);
            client.getChildren(path, named);
            stage.attempt("remove " + type, () -> {
                client.removeWatches(path, named, type, false);
                return null;
            });
            stage.say(seen.takeSorted(type == WatcherType.Any ? 2 : 1));
            client.setData(path, null, -1);
            make(client, path + "/kid");
            stage.say(upToNow(client, seen, stage.root));
            stage.attempt("remove again " + type, () -> {
                client.removeWatches(path, named, type, false);
                return null;
            });
            stage.attempt("remove all " + type, () -> {
                client.removeAllWatches(path, type, false);
                return null;
            });
        }
        for (AddWatchMode mode : AddWatchMode.values()) {
            for (WatcherType type : types) {
                String path = stage.root + "/" + mode + "-" + type;
                make(client, path);
                Seen seen = new Seen();
                client.addWatch(path, seen, mode);
                stage.attempt("remove " + mode + " as " + type, () -> {
                    client.removeWatches(path, seen, type, false);
                    return null;
                });
                client.setData(path, null, -1);
                make(client, path + "/kid");
                stage.say(upToNow(client, seen, stage.root));
            }
        }
    }

    private static void unreadable(Stage stage) throws Exception {
        ZooKeeper owner = stage.plain();
        owner.addAuthInfo("digest", Stage.bytes("o:o"));
        make(owner, stage.root);
        Seen seen = new Seen();
        ZooKeeper reader = stage.plain(seen);
        List<ACL> hidden = Ids.CREATOR_ALL_ACL;
        reader.addWatch(stage.root, AddWatchMode.PERSISTENT_RECURSIVE);
        owner.create(stage.root + "/hidden", null, hidden, CreateMode.PERSISTENT);
        owner.setData(stage.root + "/hidden", null, -1);
        owner.create(stage.root + "/hidden/open", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        owner.delete(stage.root + "/hidden/open", -1);
        owner.delete(stage.root + "/hidden", -1);
        make(owner, stage.root + "/end");
        Stage.until("end", () -> seen.contains("NodeCreated " + stage.root + "/end"));
        stage.say("recursive", seen.take(1));
        Seen stays = new Seen();
        ZooKeeper second = stage.plain(stays);
        owner.create(stage.root + "/p", null, hidden, CreateMode.PERSISTENT);
        second.addWatch(stage.root + "/p", AddWatchMode.PERSISTENT);
        Seen once = new Seen();
        ZooKeeper third = stage.plain();
        third.exists(stage.root + "/later", once);
        third.exists(stage.root + "/p", once);
        owner.setData(stage.root + "/p", null, -1);
        owner.create(stage.root + "/p/kid", null, hidden, CreateMode.PERSISTENT);
        owner.create(stage.root + "/later", null, hidden, CreateMode.PERSISTENT);
        owner.setACL(stage.root + "/p", Arrays.asList(
            new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE), new ACL(Perms.ALL, Ids.AUTH_IDS)), -1);
        owner.setData(stage.root + "/p", null, -1);
        owner.delete(stage.root + "/p/kid", -1);
        owner.delete(stage.root + "/p", -1);
        Stage.until("end", () -> stays.contains("NodeDeleted " + stage.root + "/p"));
        stage.say("persistent", stays.take(1));
        stage.say("once", upToNow(third, once, stage.root));
    }

    private static void many(Stage stage) throws Exception {
        ZooKeeper writer = stage.plain();
        make(writer, stage.root);
        Seen seen = new Seen();
        for (int i = 0; i < 50; i++) {
            stage.plain().getData(stage.root, seen, null);
        }
        writer.setData(stage.root, Stage.bytes("x"), -1);
        stage.say("told", seen.take(50).size());
    }

    private Watches() {
    }
}
