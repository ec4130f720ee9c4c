import java.util.Map;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Quotas;
import org.apache.zookeeper.StatsTrack;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.cli.DelQuotaCommand;
import org.apache.zookeeper.cli.SetQuotaCommand;

/** Quotas as ZooKeeper's own tools set them; the server only counts. */
final class Quota {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("quota", Quota::counts);
    }

    private static String text(ZooKeeper client, String path) throws Exception {
        return Stage.text(client.getData(path, false, null));
    }

    private static StatsTrack limits(long bytes, int count) {
        StatsTrack limits = new StatsTrack();
        limits.setBytes(bytes);
        limits.setCount(count);
        return limits;
    }

    private static void counts(Stage stage) throws Exception {
        ZooKeeper client = stage.plain();
        String root = stage.root;
        client.create(root, Stage.bytes("12345"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        client.create(root + "/a", Stage.bytes("678"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        stage.say("set", SetQuotaCommand.createQuota(client, root, limits(20, 3)));
        stage.say("limits", text(client, Quotas.limitPath(root)));
        stage.say("at first", text(client, Quotas.statPath(root)));
        client.create(root + "/b", Stage.bytes("90"), Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        client.create(root + "/c", Stage.bytes("1"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        stage.say("two more", text(client, Quotas.statPath(root)));
        client.setData(root + "/c", new byte[100], -1);
        stage.say("beyond", text(client, Quotas.statPath(root)));
        client.delete(root + "/b", -1);
        client.setData(root + "/a", null, -1);
        stage.say("less", text(client, Quotas.statPath(root)));
        stage.attempt("below", () -> SetQuotaCommand.createQuota(
            client, root + "/a", limits(1, 1)));
        stage.say("again", SetQuotaCommand.createQuota(client, root, limits(-1, 9)));
        stage.say("limits", text(client, Quotas.limitPath(root)));
        stage.say("stats", text(client, Quotas.statPath(root)));
        stage.say("del count", DelQuotaCommand.delQuota(client, root, limits(-1, 1)));
        stage.attempt("limits", () -> text(client, Quotas.limitPath(root)));
        stage.say("del", DelQuotaCommand.delQuota(client, root, null));
        stage.attempt("no limits", () -> text(client, Quotas.limitPath(root)));
        stage.say("left", client.exists(Quotas.quotaPath(root), false) != null);
        stage.attempt("on nothing", () -> SetQuotaCommand.createQuota(
            client, root + "/none", limits(1, 1)));
    }

    private Quota() {
    }
}
