import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.nodes.PersistentTtlNode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.data.Stat;

/** Znodes that a recipe keeps alive, and those that go by themselves. */
final class Nodes {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("group-member", Nodes::group);
        parts.put("persistent-node", Nodes::persistentNode);
        parts.put("persistent-ttl-node", Nodes::persistentTtlNode);
        parts.put("ttl-nodes", Nodes::ttl);
        parts.put("container-nodes", Nodes::containers);
    }

    private static void group(Stage stage) throws Exception {
        GroupMember[] members = new GroupMember[4];
        for (int i = 0; i < members.length; i++) {
            members[i] = new GroupMember(
                stage.curator(), stage.root, "member-" + i, Stage.bytes("payload " + i));
            members[i].start();
        }
        for (GroupMember member : members) {
            Stage.until("sees all", () -> member.getCurrentMembers().size() == members.length);
        }
        members[3].getCurrentMembers().forEach(
            (name, payload) -> stage.say("payload of", name.length(), payload.length));
        members[0].setThisData(Stage.bytes("changed"));
        for (GroupMember member : members) {
            Stage.until("sees the change", () -> member.getCurrentMembers().get("member-0") != null
                && Stage.text(member.getCurrentMembers().get("member-0")).equals("'changed'"));
        }
        members[1].close();
        for (int i : new int[] {0, 2, 3}) {
            Stage.until("sees it leave", () -> members[i].getCurrentMembers().size() == 3);
        }
        stage.say(Stage.sorted(members[2].getCurrentMembers().keySet()));
        for (int i : new int[] {0, 2, 3}) {
            members[i].close();
        }
    }

    private static void persistentNode(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        CuratorFramework other = stage.curator();
        String path = stage.root + "/kept";
        PersistentNode node = stage.closing(new PersistentNode(
            client, CreateMode.EPHEMERAL, false, path, Stage.bytes("1")));
        node.start();
        stage.say("created", node.waitForInitialCreate(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
        Stat stat = other.checkExists().forPath(path);
        stage.say("owned", stat.getEphemeralOwner()
            == client.getZookeeperClient().getZooKeeper().getSessionId());
        node.setData(Stage.bytes("2"));
        Stage.until("set", () -> Stage.text(other.getData().forPath(path)).equals("'2'"));
        long before = stat.getCzxid();
        other.delete().forPath(path);
        Stage.until("made again", () -> {
            Stat now = other.checkExists().forPath(path);
            return now != null && now.getCzxid() > before;
        });
        stage.say("again", Stage.text(other.getData().forPath(path)));
        node.close();
        stage.say("closed", other.checkExists().forPath(path) == null);
    }

    private static void persistentTtlNode(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        PersistentTtlNode node = stage.closing(new PersistentTtlNode(
            client, stage.root, 2_000, Stage.bytes("ttl")));
        node.start();
        stage.say("created", node.waitForInitialCreate(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
        stage.say(Stage.text(client.getData().forPath(stage.root)));
        String touch = stage.root + "/" + PersistentTtlNode.DEFAULT_CHILD_NODE_NAME;
        Stage.until("touched", () -> client.checkExists().forPath(touch) != null);
        Stage.until("touched again", () -> client.checkExists().forPath(touch).getVersion() > 0);
        stage.say("lives", client.checkExists().forPath(stage.root) != null);
    }

    private static void ttl(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        stage.attempt("ttl", () -> client.create().withTtl(60_000)
            .withMode(CreateMode.PERSISTENT_WITH_TTL).forPath(stage.root, Stage.bytes("t")));
        stage.attempt("sequential", () -> client.create().withTtl(60_000)
            .withMode(CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL).forPath(stage.root + "/s-"));
        Stat stat = client.checkExists().forPath(stage.root);
        stage.say("owner", stat.getEphemeralOwner(), "children", stat.getNumChildren());
        stage.attempt("no ttl", () -> client.create()
            .withMode(CreateMode.PERSISTENT_WITH_TTL).forPath(stage.root + "/no"));
        stage.attempt("too long", () -> client.create().withTtl(1L << 40)
            .withMode(CreateMode.PERSISTENT_WITH_TTL).forPath(stage.root + "/long"));
        stage.attempt("longest", () -> client.create().withTtl((1L << 40) - 1)
            .withMode(CreateMode.PERSISTENT_WITH_TTL).forPath(stage.root + "/longest"));
    }

    private static void containers(Stage stage) throws Exception {
        CuratorFramework client = stage.curator();
        client.create().creatingParentContainersIfNeeded().forPath(stage.root + "/a/b/leaf");
        Stat stat = client.checkExists().forPath(stage.root + "/a");
        stage.say("owner", stat.getEphemeralOwner(), "children", stat.getNumChildren());
        client.createContainers(stage.root + "/x/y");
        stage.say(Stage.sorted(client.getChildren().forPath(stage.root)));
        stage.attempt("container", () -> client.create().withMode(CreateMode.CONTAINER)
            .forPath(stage.root + "/c"));
        stage.attempt("again", () -> client.create().withMode(CreateMode.CONTAINER)
            .forPath(stage.root + "/c"));
        stage.attempt("child", () -> client.create().withMode(CreateMode.EPHEMERAL)
            .forPath(stage.root + "/c/child"));
    }

    private Nodes() {
    }
}
