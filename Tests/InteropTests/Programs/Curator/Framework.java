import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.data.Stat;

/** Curator's plain operations: transactions, background calls, parents, protection, namespaces. */
final class Framework {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("transactions", Framework::transactions);
        parts.put("background", Framework::background);
        parts.put("parents", Framework::parents);
        parts.put("protection", Framework::protection);
        parts.put("create-options", Framework::createOptions);
        parts.put("namespace", Framework::namespace);
        parts.put("guaranteed-delete", Framework::guaranteedDelete);
        parts.put("large-data", Framework::largeData);
        parts.put("pipelined", Framework::pipelined);
    }

    private static String show(CuratorTransactionResult result) {
        Stat stat = result.getResultStat();
        return result.getType() + " " + result.getForPath() + " -> " + result.getResultPath()
            + (stat == null ? "" : " version " + stat.getVersion()) + " error " + result.getError();
    }

    private static void transactions(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        client.create().forPath(stage.root);
        List<CuratorTransactionResult> results = client.transaction().forOperations(
            client.transactionOp().create().forPath(stage.root + "/a", Stage.bytes("1")),
            client.transactionOp().create().withMode(CreateMode.PERSISTENT_SEQUENTIAL)
                .forPath(stage.root + "/a/s-"),
            client.transactionOp().create().withMode(CreateMode.CONTAINER)
                .forPath(stage.root + "/c"),
            client.transactionOp().setData().withVersion(0).forPath(stage.root + "/a"),
            client.transactionOp().check().withVersion(1).forPath(stage.root + "/a"),
            client.transactionOp().delete().forPath(stage.root + "/c"));
        for (CuratorTransactionResult result : results) {
            stage.say(show(result));
        }
        CuratorOp[] failing = {
            client.transactionOp().create().forPath(stage.root + "/new"),
            client.transactionOp().setData().forPath(stage.root + "/a", Stage.bytes("lost")),
            client.transactionOp().check().withVersion(77).forPath(stage.root + "/a"),
            client.transactionOp().delete().forPath(stage.root + "/a"),
        };
        try {
            client.transaction().forOperations(failing);
            stage.say("not refused");
        } catch (KeeperException refusal) {
            stage.say("refused", refusal.code());
            for (OpResult result : refusal.getResults()) {
                stage.say(" ", result.getType(), result instanceof OpResult.ErrorResult error
                    ? KeeperException.Code.get(error.getErr()) : "");
            }
        }
        stage.say("new", client.checkExists().forPath(stage.root + "/new"),
            "a", Stage.text(client.getData().forPath(stage.root + "/a")).equals("'lost'"));
        CountDownLatch done = new CountDownLatch(1);
        client.transaction().inBackground((framework, event) -> {
            stage.say("background", event.getType(), event.getResultCode(),
                event.getOpResults() == null ? "none" : event.getOpResults().size());
            done.countDown();
        }).forOperations(client.transactionOp().create().forPath(stage.root + "/bg"));
        done.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        stage.say(Stage.sorted(client.getChildren().forPath(stage.root)));
    }

    private static void background(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        Seen seen = new Seen();
        String path = stage.root;
        client.create().inBackground((f, e) -> seen.add(show(e))).forPath(path, Stage.bytes("d"));
        client.create().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.checkExists().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.checkExists().inBackground((f, e) -> seen.add(show(e))).forPath(path + "/none");
        client.setData().inBackground((f, e) -> seen.add(show(e))).forPath(path, Stage.bytes("e"));
        client.setData().withVersion(5).inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.getData().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.getACL().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.create().inBackground((f, e) -> seen.add(show(e))).forPath(path + "/child");
        client.getChildren().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.sync().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.delete().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        client.delete().inBackground((f, e) -> seen.add(show(e))).forPath(path + "/child");
        client.delete().inBackground((f, e) -> seen.add(show(e))).forPath(path);
        seen.take(14).forEach(stage::say);
    }

    private static String show(CuratorEvent event) {
        return event.getType() + " " + event.getPath() + " "
            + KeeperException.Code.get(event.getResultCode())
            + (event.getName() == null ? "" : " name " + event.getName())
            + (event.getData() == null ? "" : " data " + Stage.text(event.getData()))
            + (event.getStat() == null ? "" : " version " + event.getStat().getVersion())
            + (event.getChildren() == null ? "" : " children " + event.getChildren())
            + (event.getACLList() == null ? "" : " acl " + Access.show(event.getACLList()));
    }

    private static void parents(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        stage.attempt("no parent", () -> client.create().forPath(stage.root + "/a/b"));
        stage.attempt("with parents", () -> client.create().creatingParentsIfNeeded()
            .withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath(stage.root + "/a/b/c-"));
        stage.attempt("below an ephemeral", () -> client.create().creatingParentsIfNeeded()
            .forPath(stage.root + "/a/b/c-0000000000/d"));
        Stage.together(8, number -> client.create().creatingParentContainersIfNeeded()
            .forPath(stage.root + "/deep/er/still/n" + number));
        stage.say(Stage.sorted(client.getChildren().forPath(stage.root + "/deep/er/still")));
        ZKPaths.mkdirs(client.getZookeeperClient().getZooKeeper(), stage.root + "/m/k/d");
        ZKPaths.deleteChildren(client.getZookeeperClient().getZooKeeper(), stage.root, false);
        stage.say("children", client.getChildren().forPath(stage.root));
    }

    private static void protection(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        String path = client.create().creatingParentsIfNeeded().withProtection()
            .withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath(stage.root + "/lock-");
        stage.say(path.replaceAll("_c_[0-9a-f-]{36}", "PROTECTED"));
        Relay relay = stage.closing(new Relay(stage.address));
        CuratorFramework flaky = stage.curator(relay.address());
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread cutter = new Thread(relay::cut);
            cutter.start();
            made.add(flaky.create().withProtection().withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
                .forPath(stage.root + "/lock-"));
            cutter.join();
        }
        List<String> there = client.getChildren().forPath(stage.root);
        stage.say("made", made.size(), "there", there.size() - 1);
    }

    private static void createOptions(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        stage.attempt("or set", () -> client.create().orSetData()
            .forPath(stage.root, Stage.bytes("1")));
        stage.attempt("or set again", () -> client.create().orSetData()
            .forPath(stage.root, Stage.bytes("2")));
        Stat stat = new Stat();
        client.getData().storingStatIn(stat).forPath(stage.root);
        stage.say("version", stat.getVersion(), "length", stat.getDataLength());
        stage.attempt("idempotent", () -> client.create().idempotent()
            .forPath(stage.root + "/i", Stage.bytes("same")));
        stage.attempt("idempotent again", () -> client.create().idempotent()
            .forPath(stage.root + "/i", Stage.bytes("same")));
        stage.attempt("idempotent, other data", () -> client.create().idempotent()
            .forPath(stage.root + "/i", Stage.bytes("other")));
        Stat made = new Stat();
        client.create().storingStatIn(made).forPath(stage.root + "/stat", Stage.bytes("12345"));
        stage.say(made.getCzxid() == made.getMzxid(), made.getDataLength(), made.getVersion());
        stage.attempt("compressed", () -> client.create().compressed()
            .forPath(stage.root + "/z", Stage.bytes("zip".repeat(100))));
        stage.say(client.getData().decompressed().forPath(stage.root + "/z").length);
        stage.attempt("quietly", () -> client.delete().quietly().forPath(stage.root + "/absent"));
        stage.attempt("wrong version", () -> client.delete().withVersion(3)
            .forPath(stage.root + "/z"));
    }

    private static void namespace(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        CuratorFramework inside = client.usingNamespace(stage.root.substring(1));
        inside.create().forPath("/x", Stage.bytes("n"));
        stage.say(inside.getChildren().forPath("/"), client.getChildren().forPath(stage.root));
        Seen seen = new Seen();
        inside.getData().usingWatcher(seen).forPath("/x");
        client.setData().forPath(stage.root + "/x");
        stage.say(seen.take(1));
        CuratorFramework rooted = stage.started(CuratorFrameworkFactory.newClient(
            stage.address + stage.root, Stage.SESSION_MILLISECONDS, Stage.SESSION_MILLISECONDS,
            new RetryOneTime(100)));
        stage.say("chroot", rooted.getChildren().forPath("/"));
        stage.attempt("sequential", () -> rooted.create()
            .withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/s-"));
        rooted.getChildren().usingWatcher(seen).forPath("/");
        client.delete().forPath(stage.root + "/x");
        stage.say(seen.take(1));
    }

    private static void guaranteedDelete(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        CuratorFramework flaky = stage.curator(relay.address());
        CuratorFramework client = stage.curator();
        client.create().forPath(stage.root);
        relay.block();
        flaky.delete().guaranteed().inBackground().forPath(stage.root);
        stage.say("there", client.checkExists().forPath(stage.root) != null);
        relay.pass();
        Stage.until("deleted", () -> client.checkExists().forPath(stage.root) == null);
        stage.say("deleted");
    }

    private static void largeData(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        client.create().forPath(stage.root, new byte[1_047_000]);
        byte[] read = client.getData().forPath(stage.root);
        stage.say("read back", read.length);
        stage.attempt("one MiB", () -> client.setData().forPath(stage.root, new byte[1_048_576]));
        Stage.until("connected again", () -> client.getZookeeperClient().isConnected());
        stage.say("still", client.checkExists().forPath(stage.root).getDataLength());
    }

    private static void pipelined(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        client.create().forPath(stage.root);
        int count = 2_000;
        Seen seen = new Seen();
        for (int i = 0; i < count; i++) {
            client.create().withMode(CreateMode.PERSISTENT_SEQUENTIAL)
                .inBackground((framework, event) -> seen.add(event.getName()))
                .forPath(stage.root + "/n");
        }
        List<String> names = seen.take(count);
        stage.say("in order", names.equals(new ArrayList<>(Stage.sorted(names))), names.size(),
            names.get(count - 1));
        stage.say("listed", client.getChildren().forPath(stage.root).size());
    }

    private Framework() {
    }
}
