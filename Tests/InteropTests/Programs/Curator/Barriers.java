import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;

/** Barriers: nobody passes early, everybody passes at last. */
final class Barriers {
    private static final int MEMBERS = 6;

    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("barrier", Barriers::barrier);
        parts.put("double-barrier", Barriers::doubleBarrier);
    }

    private static void barrier(Stage stage) throws Exception {
        CuratorFramework owner = stage.curator();
        DistributedBarrier barrier = new DistributedBarrier(owner, stage.root);
        stage.say("no barrier", barrier.waitOnBarrier(1, TimeUnit.SECONDS));
        barrier.setBarrier();
        stage.say("closed", barrier.waitOnBarrier(200, TimeUnit.MILLISECONDS));
        AtomicInteger waiting = new AtomicInteger();
        AtomicInteger passed = new AtomicInteger();
        Thread opener = new Thread(() -> {
            try {
                Stage.until("all wait", () -> waiting.get() == MEMBERS);
                stage.say("passed early", passed.get());
                barrier.removeBarrier();
            } catch (Exception problem) {
                stage.fail(problem.toString());
            }
        });
        opener.setDaemon(true);
        opener.start();
        Stage.together(MEMBERS, number -> {
            DistributedBarrier mine = new DistributedBarrier(stage.curator(), stage.root);
            waiting.incrementAndGet();
            if (mine.waitOnBarrier(Stage.WAIT_SECONDS, TimeUnit.SECONDS)) {
                passed.incrementAndGet();
            }
        });
        opener.join(TimeUnit.SECONDS.toMillis(Stage.WAIT_SECONDS));
        stage.say("passed", passed.get());
    }

    private static void doubleBarrier(Stage stage) throws Exception {
        AtomicInteger arrived = new AtomicInteger();
        AtomicInteger early = new AtomicInteger();
        AtomicInteger leaving = new AtomicInteger();
        AtomicInteger leftEarly = new AtomicInteger();
        Stage.together(MEMBERS, number -> {
            DistributedDoubleBarrier barrier =
                new DistributedDoubleBarrier(stage.curator(), stage.root, MEMBERS);
            arrived.incrementAndGet();
            if (!barrier.enter(Stage.WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not entered");
            }
            early.addAndGet(arrived.get() == MEMBERS ? 0 : 1);
            leaving.incrementAndGet();
            if (!barrier.leave(Stage.WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not left");
            }
            leftEarly.addAndGet(leaving.get() == MEMBERS ? 0 : 1);
        });
        stage.say("entered early", early.get(), "left early", leftEarly.get());
        DistributedDoubleBarrier alone =
            new DistributedDoubleBarrier(stage.curator(), stage.root + "-alone", 2);
        stage.say("alone", alone.enter(200, TimeUnit.MILLISECONDS));
    }

    private Barriers() {
    }
}
