import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** ZooKeeper's own client: every operation, its refusals, and the numbers of the Stat. */
final class Operations {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("stat", Operations::stat);
        parts.put("sequence", Operations::sequence);
        parts.put("refusals", Operations::refusals);
        parts.put("paths", Operations::paths);
        parts.put("data", Operations::data);
        parts.put("multi", Operations::multi);
        parts.put("multi-read", Operations::multiRead);
        parts.put("counts", Operations::counts);
        parts.put("built-in", Operations::builtIn);
        parts.put("reconfigure", Operations::reconfigure);
    }

    private static void make(ZooKeeper client, String path) throws Exception {
        client.create(path, Stage.bytes("d"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    private static String show(ZooKeeper client, Stat stat) {
        return "version " + stat.getVersion() + " cversion " + stat.getCversion()
            + " aversion " + stat.getAversion() + " length " + stat.getDataLength()
            + " children " + stat.getNumChildren()
            + " mine " + (stat.getEphemeralOwner() == client.getSessionId())
            + " owned " + (stat.getEphemeralOwner() != 0)
            + " untouched " + (stat.getMzxid() == stat.getCzxid())
            + " childless " + (stat.getPzxid() == stat.getCzxid())
            + " times " + (stat.getMtime() >= stat.getCtime());
    }

    private static void stat(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        String path = stage.root;
        Stat made = new Stat();
        client.create(path, Stage.bytes("abc"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, made);
        stage.say("create2", show(client, made));
        stage.say("set", show(client, client.setData(path, Stage.bytes("abcd"), 0)));
        stage.say("acl", show(client, client.setACL(path, Ids.OPEN_ACL_UNSAFE, 0)));
        make(client, path + "/a");
        client.create(path + "/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        stage.say("children", show(client, client.exists(path, false)));
        stage.say("ephemeral", show(client, client.exists(path + "/e", false)));
        long pzxid = client.exists(path, false).getPzxid();
        client.setData(path + "/a", null, -1);
        stage.say("child set", client.exists(path, false).getPzxid() == pzxid,
            show(client, client.exists(path + "/a", false)));
        client.delete(path + "/e", -1);
        stage.say("deleted", client.exists(path, false).getPzxid() > pzxid,
            show(client, client.exists(path, false)));
        Stat read = new Stat();
        client.getData(path, false, read);
        Stat listed = new Stat();
        client.getChildren(path, false, listed);
        Stat access = new Stat();
        client.getACL(path, access);
        Stat found = client.exists(path, false);
        stage.say("same everywhere", found.equals(read), found.equals(listed),
            found.equals(access));
    }

    private static void sequence(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        CreateMode mode = CreateMode.PERSISTENT_SEQUENTIAL;
        for (String name : List.of("/a", "/a", "/b-", "/", "/%s", "/ü")) {
            stage.attempt(name, () -> client.create(
                stage.root + name, null, Ids.OPEN_ACL_UNSAFE, mode));
        }
        client.delete(stage.root + "/a0000000001", -1);
        make(client, stage.root + "/plain");
        stage.attempt("after a delete and a plain one", () -> client.create(
            stage.root + "/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL));
        stage.attempt("failed", () -> client.create(
            stage.root + "/plain", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        stage.attempt("after a failed one", () -> client.create(
            stage.root + "/a", null, Ids.OPEN_ACL_UNSAFE, mode));
    }

    private static void refusals(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        String root = stage.root;
        make(client, root);
        make(client, root + "/full");
        make(client, root + "/full/child");
        client.create(root + "/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        CreateMode[] modes = {
            CreateMode.PERSISTENT, CreateMode.EPHEMERAL, CreateMode.PERSISTENT_SEQUENTIAL,
            CreateMode.CONTAINER,
        };
        for (CreateMode mode : modes) {
            for (String path : List.of("/full", "/none/x", "/e/x")) {
                stage.attempt("create " + mode + " " + path, () -> client.create(
                    root + path, null, Ids.OPEN_ACL_UNSAFE, mode));
            }
        }
        for (String path : List.of("/none", "/full", "/none/deeper")) {
            for (int version : new int[] {-1, 5}) {
                stage.attempt("delete " + path + " " + version, () -> {
                    client.delete(root + path, version);
                    return null;
                });
                stage.attempt("set " + path + " " + version, () ->
                    client.setData(root + path, null, version).getVersion());
            }
            stage.attempt("get " + path, () ->
                Stage.text(client.getData(root + path, false, null)));
            stage.attempt("list " + path, () -> client.getChildren(root + path, false));
            stage.attempt("exists " + path, () -> client.exists(root + path, false) != null);
            stage.attempt("count " + path, () -> client.getAllChildrenNumber(root + path));
        }
        for (String path : List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config")) {
            stage.attempt("delete " + path, () -> {
                client.delete(path, -1);
                return null;
            });
            stage.attempt("create " + path, () -> client.create(
                path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        }
        CountDownLatch synced = new CountDownLatch(1);
        client.sync(root + "/none", (code, path, context) -> {
            stage.say("sync", KeeperException.Code.get(code), path);
            synced.countDown();
        }, null);
        synced.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static void paths(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        String[] names = {
            "a b", "ä", "日本", "%2F", "..a", "a.", "...", "a..b", "~", "\t", "x\u0001",
            "x\u007f", "x\u0080", "x\u009f", "x\u00a0", "x\ud7ff", "x\ue000", "x\uf8ff", "x\uf900",
            "x\uffef", "x\ufff0", "x\uffff", "x\ud83d\ude00", ".", "..", "a/", "a//b", "x\u0000",
        };
        for (String name : names) {
            StringBuilder shown = new StringBuilder();
            name.chars().forEach(unit -> shown.append(
                unit > 32 && unit < 127 ? "" + (char) unit : String.format("<%04x>", unit)));
            String code;
            try {
                make(client, stage.root + "/" + name);
                code = "ok " + client.exists(stage.root + "/" + name, false).getVersion();
            } catch (KeeperException refusal) {
                code = refusal.code().toString();
            } catch (IllegalArgumentException local) {
                code = "refused by the client";
            }
            stage.say(shown, code);
        }
        String longName = "n".repeat(200_000);
        stage.attempt("long name", () -> client.create(stage.root + "/" + longName, null,
            Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT).length());
        StringBuilder deep = new StringBuilder(stage.root);
        for (int i = 0; i < 300; i++) {
            make(client, deep.append("/d").toString());
        }
        stage.say("deep", client.getAllChildrenNumber(stage.root + "/d"));
    }

    private static void data(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        client.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        Stat stat = new Stat();
        stage.say("null", Stage.text(client.getData(stage.root, false, stat)),
            stat.getDataLength());
        client.setData(stage.root, new byte[0], -1);
        stage.say("empty", Stage.text(client.getData(stage.root, false, stat)),
            stat.getDataLength());
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        client.setData(stage.root, all, -1);
        stage.say("all bytes", Arrays.equals(all, client.getData(stage.root, false, stat)),
            stat.getVersion());
    }

    private static void multi(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        String root = stage.root;
        make(client, root);
        perform(stage, client, "all kinds", List.of(
            Op.create(root + "/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create(root + "/a/s", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL),
            Op.create(root + "/a/s", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.create(root + "/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER),
            Op.check(root + "/a", 0),
            Op.setData(root + "/a", Stage.bytes("x"), 0),
            Op.check(root + "/a", 1),
            Op.delete(root + "/c", 0)));
        perform(stage, client, "nothing", List.of());
        perform(stage, client, "first fails", List.of(
            Op.delete(root + "/none", -1),
            Op.create(root + "/b", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)));
        perform(stage, client, "last fails", List.of(
            Op.create(root + "/b", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create(root + "/a/s", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL),
            Op.delete(root + "/a", -1)));
        perform(stage, client, "check fails", List.of(
            Op.check(root + "/a", 9), Op.check(root + "/none", -1)));
        perform(stage, client, "made and deleted", List.of(
            Op.create(root + "/t", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.setData(root + "/t", Stage.bytes("1"), 0),
            Op.delete(root + "/t", 1)));
        stage.say("left", Stage.sorted(client.getChildren(root, false)),
            "cversion", client.exists(root, false).getCversion());
        stage.say("sequence went on", client.create(
            root + "/a/s", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
        List<Op> many = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            many.add(Op.create(root + "/m" + i, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        }
        stage.say("many", client.multi(many).size());
        Stat first = client.exists(root + "/m0", false);
        Stat last = client.exists(root + "/m999", false);
        stage.say("one zxid", first.getCzxid() == last.getCzxid());
    }

    private static void perform(Stage stage, ZooKeeper client, String what, List<Op> all)
        throws Exception {
        List<OpResult> results;
        try {
            results = client.multi(all);
            stage.say(what, "done");
        } catch (KeeperException refusal) {
            results = refusal.getResults();
            stage.say(what, refusal.code(), results == null ? "no results" : "");
        }
        for (OpResult result : results == null ? List.<OpResult>of() : results) {
            stage.say(" ", show(result));
        }
    }

    private static String show(OpResult result) {
        if (result instanceof OpResult.ErrorResult error) {
            return "error " + KeeperException.Code.get(error.getErr());
        }
        if (result instanceof OpResult.CreateResult made) {
            return "create " + made.getPath()
                + (made.getStat() == null ? "" : " version " + made.getStat().getVersion());
        }
        if (result instanceof OpResult.SetDataResult set) {
            return "set " + set.getStat().getVersion();
        }
        if (result instanceof OpResult.GetDataResult read) {
            return "data " + Stage.text(read.getData()) + " " + read.getStat().getVersion();
        }
        if (result instanceof OpResult.GetChildrenResult listed) {
            return "children " + Stage.sorted(listed.getChildren());
        }
        return "type " + result.getType();
    }

    private static void multiRead(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        make(client, stage.root + "/a");
        client.create(stage.root + "/empty", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        perform(stage, client, "reads", List.of(
            Op.getData(stage.root), Op.getChildren(stage.root), Op.getData(stage.root + "/none"),
            Op.getChildren(stage.root + "/none"), Op.getData(stage.root + "/empty"),
            Op.getChildren(stage.root + "/a")));
        try {
            client.multi(List.of(Op.getData(stage.root), Op.delete(stage.root + "/a", -1)));
            stage.say("mixed: done");
        } catch (IllegalArgumentException | KeeperException refusal) {
            stage.say("mixed:", refusal.getClass().getSimpleName());
        }
    }

    private static void counts(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        make(client, stage.root);
        for (String name : List.of("/a", "/a/b", "/a/b/c", "/ab", "/x")) {
            make(client, stage.root + name);
        }
        for (String name : List.of("/e", "/e2", "/f")) {
            client.create(stage.root + name, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        }
        stage.say("all", client.getAllChildrenNumber(stage.root),
            client.getAllChildrenNumber(stage.root + "/a"),
            client.getAllChildrenNumber(stage.root + "/x"));
        stage.say("ephemerals", Stage.sorted(client.getEphemerals()));
        stage.say("by prefix", Stage.sorted(client.getEphemerals(stage.root + "/e")),
            client.getEphemerals("/nowhere"));
        stage.say("of another", stage.plain().getEphemerals());
    }

    private static void builtIn(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        stage.say(Stage.sorted(client.getChildren("/zookeeper", false)));
        stage.say("config", client.getConfig(false, new Stat()).length);
        stage.attempt("set config", () -> client.setData("/zookeeper/config", null, -1));
        stage.attempt("acl of config", () -> Access.show(
            client.getACL("/zookeeper/config", new Stat())));
        stage.attempt("acl of quota", () -> Access.show(
            client.getACL("/zookeeper/quota", new Stat())));
        Stat config = client.exists("/zookeeper/config", false);
        stage.say("config", config.getCzxid(), config.getCtime(), config.getAversion());
        Stat top = client.exists("/zookeeper", false);
        stage.say("zookeeper", top.getCzxid(), top.getMtime(), top.getVersion());
        stage.attempt("get root", () -> Stage.text(client.getData("/", false, null)));
        stage.attempt("acl of root", () -> Access.show(client.getACL("/", new Stat())));
    }

    private static void reconfigure(Stage stage) throws Exception {
        org.apache.zookeeper.admin.ZooKeeperAdmin admin =
            new org.apache.zookeeper.admin.ZooKeeperAdmin(
                stage.address, Stage.SESSION_MILLISECONDS, event -> { });
        stage.closing(admin::close);
        Stage.until("connected", () -> admin.getState().isConnected());
        stage.attempt("reconfigure", () -> admin.reconfigure(
            "server.2=localhost:1:2:participant;3", null, null, -1, new Stat()));
        stage.attempt("goes on", () -> admin.exists("/", false) != null);
    }

    private Operations() {
    }
}
