import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.NodeCache;
import org.apache.curator.framework.recipes.cache.PathChildrenCache;
import org.apache.curator.framework.recipes.cache.TreeCache;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;

/** The five ways in which Curator keeps a copy of a part of the tree. */
final class Caches {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("curator-cache", Caches::curatorCache);
        parts.put("curator-cache-reconnect", Caches::reconnect);
        parts.put("node-cache", Caches::nodeCache);
        parts.put("path-children-cache", Caches::pathChildrenCache);
        parts.put("tree-cache", Caches::treeCache);
        parts.put("persistent-watcher", Caches::persistentWatcher);
    }

    private static String show(ChildData node) {
        return node == null ? "-" : node.getPath() + "=" + Stage.text(node.getData());
    }

    private static CuratorCacheListener into(Seen seen, CountDownLatch ready) {
        return CuratorCacheListener.builder()
            .forAll((type, before, after) ->
                seen.add(type + " " + show(before) + " " + show(after)))
            .forInitialized(ready::countDown)
            .build();
    }

    private static List<String> content(CuratorCache cache) {
        TreeSet<String> all = new TreeSet<>();
        cache.stream().forEach(node -> all.add(show(node)));
        return new ArrayList<>(all);
    }

    private static void curatorCache(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        client.create().creatingParentsIfNeeded().forPath(stage.root + "/a/b", Stage.bytes("1"));
        Seen seen = new Seen();
        CountDownLatch ready = new CountDownLatch(1);
        CuratorCache cache = stage.closing(CuratorCache.build(client, stage.root));
        cache.listenable().addListener(into(seen, ready));
        cache.start();
        stage.say("initialized", ready.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
        stage.say(seen.takeSorted(3));
        client.create().forPath(stage.root + "/c", Stage.bytes("x"));
        stage.say(seen.take(1));
        client.setData().forPath(stage.root + "/c", Stage.bytes("y"));
        stage.say(seen.take(1));
        client.create().forPath(stage.root + "/a/b/deep", Stage.bytes("z"));
        stage.say(seen.take(1));
        stage.say(content(cache));
        client.delete().forPath(stage.root + "/c");
        stage.say(seen.take(1));
        client.delete().deletingChildrenIfNeeded().forPath(stage.root + "/a");
        stage.say(seen.takeSorted(3));
        for (int i = 0; i < 200; i++) {
            client.create().forPath(stage.root + "/n" + i, Stage.bytes("" + i));
        }
        stage.say("created", seen.take(200).size());
        for (int i = 0; i < 200; i++) {
            client.setData().inBackground().forPath(stage.root + "/n" + i, Stage.bytes("v" + i));
        }
        Stage.until("all changed", () -> cache.get(stage.root + "/n199")
            .filter(node -> Stage.text(node.getData()).equals("'v199'")).isPresent());
        stage.say("changed", seen.take(200).size(), content(cache).size());
    }

    private static void reconnect(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        CuratorFramework writer = stage.curator();
        writer.create().forPath(stage.root, Stage.bytes("r"));
        writer.create().forPath(stage.root + "/stays", Stage.bytes("1"));
        writer.create().forPath(stage.root + "/goes", Stage.bytes("1"));
        Seen seen = new Seen();
        CountDownLatch ready = new CountDownLatch(1);
        CuratorCache cache = stage.closing(
            CuratorCache.build(stage.curator(relay.address()), stage.root));
        cache.listenable().addListener(into(seen, ready));
        cache.start();
        ready.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        stage.say(seen.takeSorted(3));
        relay.block();
        writer.delete().forPath(stage.root + "/goes");
        writer.setData().forPath(stage.root + "/stays", Stage.bytes("2"));
        writer.create().forPath(stage.root + "/comes", Stage.bytes("3"));
        relay.pass();
        stage.say("missed", seen.takeSorted(3));
        writer.setData().forPath(stage.root + "/comes", Stage.bytes("4"));
        stage.say("again live", seen.take(1), content(cache));
    }

    private static void nodeCache(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        Seen seen = new Seen();
        NodeCache cache = stage.closing(new NodeCache(client, stage.root));
        cache.getListenable().addListener(() -> seen.add(show(cache.getCurrentData())));
        cache.start(true);
        stage.say("at first", show(cache.getCurrentData()));
        client.create().forPath(stage.root, Stage.bytes("a"));
        stage.say(seen.take(1));
        for (String value : List.of("b", "c", "")) {
            client.setData().forPath(stage.root, Stage.bytes(value));
            stage.say(seen.take(1));
        }
        client.delete().forPath(stage.root);
        stage.say(seen.take(1));
        client.create().forPath(stage.root, Stage.bytes("again"));
        stage.say(seen.take(1));
    }

    private static void pathChildrenCache(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        client.create().forPath(stage.root);
        client.create().forPath(stage.root + "/old", Stage.bytes("0"));
        Seen seen = new Seen();
        PathChildrenCache cache = stage.closing(new PathChildrenCache(client, stage.root, true));
        cache.getListenable().addListener((source, event) -> seen.add(
            event.getType() + " " + show(event.getData())));
        cache.start(PathChildrenCache.StartMode.POST_INITIALIZED_EVENT);
        stage.say(seen.take(2));
        client.create().forPath(stage.root + "/new", Stage.bytes("1"));
        stage.say(seen.take(1));
        client.setData().forPath(stage.root + "/new", Stage.bytes("2"));
        stage.say(seen.take(1));
        client.create().forPath(stage.root + "/new/grandchild");
        client.delete().forPath(stage.root + "/old");
        stage.say(seen.take(1));
        for (int i = 0; i < 50; i++) {
            client.create().forPath(stage.root + "/n" + (100 + i), Stage.bytes("" + i));
        }
        stage.say("many", seen.take(50).size(), cache.getCurrentData().size());
        cache.rebuild();
        stage.say("rebuilt", cache.getCurrentData().size());
    }

    private static void treeCache(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        client.create().creatingParentsIfNeeded().forPath(stage.root + "/a/b", Stage.bytes("1"));
        Seen seen = new Seen();
        TreeCache cache = stage.closing(new TreeCache(client, stage.root));
        cache.getListenable().addListener((source, event) -> seen.add(
            event.getType() + " " + show(event.getData())));
        cache.start();
        stage.say(seen.takeSorted(4));
        client.create().forPath(stage.root + "/a/b/c", Stage.bytes("2"));
        stage.say(seen.take(1));
        client.setData().forPath(stage.root + "/a", Stage.bytes("3"));
        stage.say(seen.take(1));
        stage.say(cache.getCurrentChildren(stage.root + "/a").keySet());
        client.delete().deletingChildrenIfNeeded().forPath(stage.root + "/a");
        stage.say(seen.takeSorted(3));
        stage.say(cache.getCurrentChildren(stage.root).keySet());
    }

    private static void persistentWatcher(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        CuratorFramework writer = stage.curator();
        CuratorFramework watcher = stage.curator(relay.address());
        for (boolean recursive : List.of(false, true)) {
            String path = stage.root + (recursive ? "-recursive" : "");
            Seen seen = new Seen();
            CountDownLatch set = new CountDownLatch(1);
            PersistentWatcher persistent = stage.closing(
                new PersistentWatcher(watcher, path, recursive));
            persistent.getListenable().addListener(seen);
            persistent.getResetListenable().addListener(set::countDown);
            persistent.start();
            stage.say("set", set.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
            writer.create().forPath(path);
            writer.create().forPath(path + "/child");
            writer.setData().forPath(path + "/child", Stage.bytes("x"));
            writer.setData().forPath(path, Stage.bytes("x"));
            stage.say(seen.take(recursive ? 4 : 3));
            CountDownLatch again = new CountDownLatch(1);
            persistent.getResetListenable().addListener(again::countDown);
            relay.cut();
            stage.say("again", again.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
            writer.delete().forPath(path + "/child");
            writer.delete().forPath(path);
            stage.say(seen.take(2));
        }
    }

    private Caches() {
    }
}
