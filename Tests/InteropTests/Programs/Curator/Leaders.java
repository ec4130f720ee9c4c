import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.leader.Participant;

/** Elections: one leader at a time, in the order of the candidates. */
final class Leaders {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("leader-latch", Leaders::latch);
        parts.put("leader-latch-lost", Leaders::latchLost);
        parts.put("leader-selector", Leaders::selector);
        parts.put("leader-selector-requeue", Leaders::requeue);
    }

    private static void latch(Stage stage) throws Exception {
        Seen seen = new Seen();
        List<LeaderLatch> latches = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String id = "candidate-" + i;
            LeaderLatch latch = new LeaderLatch(stage.curator(), stage.root, id);
            latch.addListener(new LeaderLatchListener() {
                @Override
                public void isLeader() {
                    seen.add(id + " leads");
                }

                @Override
                public void notLeader() {
                    seen.add(id + " no more");
                }
            });
            latch.start();
            latches.add(latch);
            int expected = i + 1;
            Stage.until("takes part", () -> latch.getParticipants().size() == expected);
        }
        for (int i = 0; i < 5; i++) {
            LeaderLatch leader = latches.get(i);
            stage.say("led", leader.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
            int leaders = 0;
            for (LeaderLatch latch : latches) {
                leaders += latch.hasLeadership() ? 1 : 0;
            }
            List<String> all = new ArrayList<>();
            for (Participant one : leader.getParticipants()) {
                all.add(one.getId() + (one.isLeader() ? "*" : ""));
            }
            stage.say("leaders", leaders, Stage.sorted(all), leader.getLeader().getId());
            leader.close(LeaderLatch.CloseMode.NOTIFY_LEADER);
        }
        stage.say(Stage.sorted(seen.take(10)));
    }

    private static void latchLost(Stage stage) throws Exception {
        Relay relay = stage.closing(new Relay(stage.address));
        CuratorFramework flaky = stage.curator(relay.address());
        LeaderLatch first = stage.closing(new LeaderLatch(flaky, stage.root, "first"));
        first.start();
        stage.say("first", first.await(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
        LeaderLatch second = stage.closing(new LeaderLatch(stage.curator(), stage.root, "second"));
        second.start();
        Stage.until("both", () -> second.getParticipants().size() == 2);
        relay.block();
        Stage.until("first steps back", () -> !first.hasLeadership());
        relay.pass();
        Stage.until("one of them leads", () -> first.hasLeadership() != second.hasLeadership());
        Stage.until("both", () -> second.getParticipants().size() == 2);
        stage.say("leaders", (first.hasLeadership() ? 1 : 0) + (second.hasLeadership() ? 1 : 0));
    }

    private static void selector(Stage stage) throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Seen seen = new Seen();
        CuratorFramework client = stage.curator();
        for (int i = 0; i < 5; i++) {
            String id = "s" + i;
            LeaderSelector selector = new LeaderSelector(
                i % 2 == 0 ? client : stage.curator(), stage.root,
                new LeaderSelectorListenerAdapter() {
                    @Override
                    public void takeLeadership(CuratorFramework framework) throws Exception {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Thread.sleep(20);
                        inside.decrementAndGet();
                        seen.add(id);
                    }
                });
            selector.setId(id);
            selector.start();
            stage.closing(selector);
        }
        stage.say("led", seen.takeSorted(5), "at once", most.get());
    }

    private static void requeue(Stage stage) throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger[] turns = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        for (int i = 0; i < turns.length; i++) {
            AtomicInteger mine = turns[i];
            LeaderSelector selector = new LeaderSelector(
                stage.curator(), stage.root, new LeaderSelectorListenerAdapter() {
                    @Override
                    public void takeLeadership(CuratorFramework framework) throws Exception {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        mine.incrementAndGet();
                        inside.decrementAndGet();
                    }
                });
            selector.autoRequeue();
            selector.start();
            stage.closing(selector);
        }
        for (AtomicInteger count : turns) {
            Stage.until("five turns each", () -> count.get() >= 5);
        }
        stage.say("five turns each, at once", most.get());
    }

    private Leaders() {
    }
}
