import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.CachedAtomicLong;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicInteger;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicValue;
import org.apache.curator.framework.recipes.atomic.PromotedToLock;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.shared.SharedCountListener;
import org.apache.curator.framework.recipes.shared.SharedCountReader;
import org.apache.curator.framework.recipes.shared.VersionedValue;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.curator.retry.RetryNTimes;

/** Counters that many change at once, with nothing lost. */
final class Counters {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("shared-count", Counters::shared);
        parts.put("shared-count-contention", Counters::sharedContention);
        parts.put("atomic-long", Counters::atomicLong);
        parts.put("atomic-value", Counters::atomicValue);
    }

    private static void shared(Stage stage) throws Exception {
        SharedCount one = stage.closing(new SharedCount(stage.curator(), stage.root, 7));
        SharedCount two = stage.closing(new SharedCount(stage.curator(), stage.root, 7));
        Seen seen = new Seen();
        two.addListener(new SharedCountListener() {
            @Override
            public void countHasChanged(SharedCountReader count, int value) {
                seen.add("now " + value);
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {
            }
        });
        one.start();
        two.start();
        stage.say("seed", one.getCount(), two.getCount());
        VersionedValue<Integer> old = two.getVersionedValue();
        one.setCount(8);
        stage.say(seen.take(1));
        stage.say("from an old version", two.trySetCount(old, 100), "count", two.getCount());
        stage.say("from the new one", two.trySetCount(two.getVersionedValue(), 9));
        stage.say(seen.take(1), two.getCount());
    }

    private static void sharedContention(Stage stage) throws Exception {
        List<SharedCount> counts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SharedCount count = stage.closing(new SharedCount(stage.curator(), stage.root, 0));
            count.start();
            counts.add(count);
        }
        Stage.together(4, number -> {
            SharedCount count = counts.get(number);
            for (int done = 0; done < 25; ) {
                VersionedValue<Integer> now = count.getVersionedValue();
                done += count.trySetCount(now, now.getValue() + 1) ? 1 : 0;
            }
        });
        for (SharedCount count : counts) {
            Stage.until("everyone sees it", () -> count.getCount() == 100);
        }
        stage.say("count", counts.get(0).getCount());
    }

    private static void atomicLong(Stage stage) throws Exception {
        List<CuratorFramework> clients = List.of(stage.curator(), stage.curator(), stage.curator());
        AtomicInteger lost = new AtomicInteger();
        Stage.together(6, number -> {
            DistributedAtomicLong counter = new DistributedAtomicLong(
                clients.get(number % 3), stage.root + "/count", new RetryNTimes(5, 10),
                PromotedToLock.builder().lockPath(stage.root + "/lock")
                    .retryPolicy(new ExponentialBackoffRetry(10, 10)).build());
            for (int i = 0; i < 15; i++) {
                lost.addAndGet(counter.increment().succeeded() ? 0 : 1);
            }
        });
        DistributedAtomicLong counter = new DistributedAtomicLong(
            clients.get(0), stage.root + "/count", new RetryNTimes(3, 10));
        stage.say("lost", lost.get(), "count", counter.get().postValue());
        stage.say("add", counter.add(10L).postValue(),
            "subtract", counter.subtract(50L).postValue());
        stage.say("wrong expectation", counter.compareAndSet(1L, 2L).succeeded());
        stage.say("right one", counter.compareAndSet(50L, 2L).succeeded(),
            counter.get().postValue());
        stage.say("there already", counter.initialize(9L));
        CachedAtomicLong ids = new CachedAtomicLong(counter, 10);
        long first = ids.next().postValue();
        long last = first;
        for (int i = 0; i < 24; i++) {
            last = ids.next().postValue();
        }
        stage.say("cached", first, last, "stored", counter.get().postValue());
    }

    private static void atomicValue(Stage stage) throws Exception {
        DistributedAtomicValue value = new DistributedAtomicValue(
            stage.curator(), stage.root + "/value", new RetryNTimes(3, 10));
        stage.say("initialize", value.initialize(Stage.bytes("a")),
            value.initialize(Stage.bytes("b")));
        AtomicValue<byte[]> result = value.trySet(Stage.bytes("c"));
        stage.say(Stage.text(result.preValue()), Stage.text(result.postValue()));
        result = value.compareAndSet(Stage.bytes("wrong"), Stage.bytes("d"));
        stage.say(result.succeeded(), Stage.text(value.get().preValue()));
        value.forceSet(new byte[0]);
        stage.say("forced", Stage.text(value.get().preValue()));
        DistributedAtomicInteger number = new DistributedAtomicInteger(
            stage.curator(), stage.root + "/number", new RetryNTimes(3, 10));
        stage.say(number.increment().postValue(), number.decrement().postValue(),
            number.trySet(-5).postValue(), number.get().postValue());
    }

    private Counters() {
    }
}
