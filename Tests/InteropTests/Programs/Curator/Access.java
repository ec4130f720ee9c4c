import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.ClientInfo;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Access lists and credentials. */
final class Access {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("acl-creator", Access::creator);
        parts.put("acl-permissions", Access::permissions);
        parts.put("acl-lists", Access::lists);
        parts.put("acl-after-reconnect", Access::reconnect);
        parts.put("who-am-i", Access::whoAmI);
        parts.put("auth-refused", Access::refused);
    }

    static String show(List<ACL> list) {
        List<String> all = new ArrayList<>();
        for (ACL one : list) {
            all.add(one.getId().getScheme() + ":" + one.getId().getId() + ":" + one.getPerms());
        }
        return Stage.sorted(all).toString();
    }

    private static ACL digest(int permissions, String user, String password) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-1").digest(Stage.bytes(user + ":" + password));
        return new ACL(permissions,
            new Id("digest", user + ":" + Base64.getEncoder().encodeToString(hash)));
    }

    private static void creator(Stage stage) throws Exception {
        CuratorFramework owner = stage.started(CuratorFrameworkFactory.builder()
            .connectString(stage.address).retryPolicy(new RetryOneTime(100))
            .authorization("digest", Stage.bytes("me:secret")).build());
        CuratorFramework stranger = stage.curator();
        owner.create().withACL(Ids.CREATOR_ALL_ACL).forPath(stage.root, Stage.bytes("private"));
        stage.say(show(owner.getACL().forPath(stage.root)));
        stage.attempt("read", () -> stranger.getData().forPath(stage.root));
        stage.attempt("write", () -> stranger.setData().forPath(stage.root));
        stage.attempt("list", () -> stranger.getChildren().forPath(stage.root));
        stage.attempt("acl", () -> show(stranger.getACL().forPath(stage.root)));
        stage.attempt("create", () -> stranger.create().forPath(stage.root + "/x"));
        stage.say("exists", stranger.checkExists().forPath(stage.root) != null);
        stranger.getZookeeperClient().getZooKeeper().addAuthInfo("digest", Stage.bytes("me:wrong"));
        stage.attempt("wrong password", () -> stranger.getData().forPath(stage.root));
        stranger.getZookeeperClient().getZooKeeper()
            .addAuthInfo("digest", Stage.bytes("me:secret"));
        stage.attempt("right one", () -> Stage.text(stranger.getData().forPath(stage.root)));
        stage.attempt("not inherited", () -> owner.create().forPath(stage.root + "/open"));
        stage.attempt("for all", () -> Stage.text(
            stage.curator().getData().forPath(stage.root + "/open")));
        stage.attempt("without credentials", () -> stage.curator().create()
            .withACL(Ids.CREATOR_ALL_ACL).forPath(stage.root + "-nobody"));
    }

    private static void permissions(Stage stage) throws Exception {
        ZooKeeper owner = stage.plain();
        owner.addAuthInfo("digest", Stage.bytes("admin:admin"));
        ZooKeeper other = stage.plain();
        owner.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        int[] masks = {Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN, 0};
        for (int mask : masks) {
            String path = stage.root + "/p" + mask;
            owner.create(path, Stage.bytes("d"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            owner.create(path + "/kid", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            owner.setACL(path, Arrays.asList(new ACL(mask, Ids.ANYONE_ID_UNSAFE),
                digest(Perms.ALL, "admin", "admin")), -1);
            stage.attempt(mask + " get", () -> Stage.text(other.getData(path, false, null)));
            stage.attempt(mask + " exists", () -> other.exists(path, false).getVersion());
            stage.attempt(mask + " list", () -> other.getChildren(path, false));
            stage.attempt(mask + " list2", () -> other.getChildren(path, false, new Stat()));
            stage.attempt(mask + " count", () -> other.getAllChildrenNumber(path));
            stage.attempt(mask + " set", () -> other.setData(path, null, -1).getVersion());
            stage.attempt(mask + " create", () -> other.create(
                path + "/new", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
            stage.attempt(mask + " delete child", () -> {
                other.delete(path + "/kid", -1);
                return null;
            });
            stage.attempt(mask + " get acl", () -> show(other.getACL(path, new Stat())));
            stage.attempt(mask + " set acl", () -> other.setACL(
                path, Ids.OPEN_ACL_UNSAFE, -1).getAversion());
            stage.attempt(mask + " delete it", () -> {
                other.delete(path, -1);
                return null;
            });
        }
    }

    private static void lists(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        client.addAuthInfo("digest", Stage.bytes("one:1"));
        client.addAuthInfo("digest", Stage.bytes("two:2"));
        Id auth = Ids.AUTH_IDS;
        List<List<ACL>> lists = Arrays.asList(
            Arrays.asList(new ACL(Perms.ALL, auth)),
            Arrays.asList(new ACL(Perms.READ, auth), new ACL(Perms.WRITE, Ids.ANYONE_ID_UNSAFE)),
            Arrays.asList(new ACL(31, Ids.ANYONE_ID_UNSAFE), new ACL(31, Ids.ANYONE_ID_UNSAFE)),
            Arrays.asList(new ACL(1, Ids.ANYONE_ID_UNSAFE), new ACL(2, Ids.ANYONE_ID_UNSAFE)),
            Arrays.asList(new ACL(99, Ids.ANYONE_ID_UNSAFE)),
            Arrays.asList(new ACL(31, new Id("world", "someone"))),
            Arrays.asList(new ACL(31, new Id("digest", "nocolon"))),
            Arrays.asList(new ACL(31, new Id("digest", "a:b:c"))),
            Arrays.asList(new ACL(31, new Id("digest", "a:b"))),
            Arrays.asList(new ACL(31, new Id("ip", "127.0.0.1"))),
            Arrays.asList(new ACL(31, new Id("ip", "127.0.0.0/8"))),
            Arrays.asList(new ACL(31, new Id("ip", "127.0.0.0/33"))),
            Arrays.asList(new ACL(31, new Id("ip", "300.0.0.1"))),
            Arrays.asList(new ACL(31, new Id("ip", "10.0.0.0/8"))),
            Arrays.asList(new ACL(31, new Id("ip", "localhost"))),
            Arrays.asList(new ACL(31, new Id("nosuch", "x"))),
            Arrays.asList(new ACL(31, new Id("sasl", "x"))),
            Arrays.asList(new ACL(31, new Id("x509", "x"))),
            Arrays.asList(new ACL(31, new Id("", ""))),
            new ArrayList<>());
        client.create(stage.root, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        for (int i = 0; i < lists.size(); i++) {
            List<ACL> list = lists.get(i);
            String path = stage.root + "/l" + i;
            stage.attempt("create " + show(list), () -> client.create(
                path, Stage.bytes("x"), list, CreateMode.PERSISTENT));
            if (client.exists(path, false) != null) {
                Stat stat = new Stat();
                stage.attempt("  stored", () -> show(client.getACL(path, stat)));
                stage.attempt("  read", () -> Stage.text(client.getData(path, false, null)));
            }
        }
        String path = stage.root + "/versions";
        client.create(path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        stage.attempt("set", () -> client.setACL(path, Ids.OPEN_ACL_UNSAFE, 0).getAversion());
        stage.attempt("set again", () -> client.setACL(path, Ids.OPEN_ACL_UNSAFE, 0));
        stage.attempt("set any", () -> client.setACL(path, Ids.READ_ACL_UNSAFE, -1).getAversion());
        stage.attempt("no admin", () -> client.setACL(path, Ids.OPEN_ACL_UNSAFE, -1));
        stage.attempt("absent", () -> client.getACL(stage.root + "/absent", null));
        stage.attempt("absent set", () -> client.setACL(
            stage.root + "/absent", Ids.OPEN_ACL_UNSAFE, -1));
    }

    private static void reconnect(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        ZooKeeper client = stage.plain(relay.address(), event -> { });
        client.addAuthInfo("digest", Stage.bytes("u:p"));
        client.create(stage.root, Stage.bytes("1"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        long session = client.getSessionId();
        relay.cut();
        Stage.until("reads again", () -> {
            try {
                return client.getData(stage.root, false, null) != null;
            } catch (org.apache.zookeeper.KeeperException.ConnectionLossException lost) {
                return false;
            }
        });
        stage.say("same session", session == client.getSessionId());
    }

    private static void whoAmI(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        stage.say(show(client));
        client.addAuthInfo("digest", Stage.bytes("b:1"));
        client.addAuthInfo("digest", Stage.bytes("a:2"));
        client.addAuthInfo("digest", Stage.bytes("b:1"));
        client.addAuthInfo("ip", null);
        stage.say(show(client));
        client.addAuthInfo("digest", Stage.bytes("nocolon"));
        client.addAuthInfo("digest", new byte[0]);
        stage.say(show(client));
    }

    private static Object show(ZooKeeper client) throws Exception {
        List<String> all = new ArrayList<>();
        for (ClientInfo info : client.whoAmI()) {
            all.add(info.getAuthScheme() + ":" + info.getUser());
        }
        return Stage.sorted(all);
    }

    private static void refused(Stage stage) throws Exception {
        for (String scheme : List.of("nosuch", "world", "auth", "")) {
            ZooKeeper client = stage.plain();
            client.addAuthInfo(scheme, Stage.bytes("x"));
            Stage.until("refused", () -> client.getState() == ZooKeeper.States.AUTH_FAILED);
            stage.attempt(scheme, () -> client.exists("/", false));
        }
    }

    private Access() {
    }
}
