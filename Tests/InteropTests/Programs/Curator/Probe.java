import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets Curator and ZooKeeper's own client judge a server: Probe ADDRESS [PART...].
 *
 * Every part has a root znode of its own and prints lines that are the same on every right server:
 * no times, zxids or session ids. Parts run side by side, since most of them mostly wait; what they
 * print comes out in the order of the list.
 */
final class Probe {
    /** One part; what it throws is printed, and the run ends with status 1. */
    interface Part {
        void run(Stage stage) throws Exception;
    }

    private static final int PARTS_AT_ONCE = 12;
    private static final int SECONDS_FOR_ONE = 60;

    private static Map<String, Part> parts() {
        Map<String, Part> parts = new LinkedHashMap<>();
        Sessions.addTo(parts);
        Caches.addTo(parts);
        Leaders.addTo(parts);
        Locks.addTo(parts);
        Counters.addTo(parts);
        Barriers.addTo(parts);
        Queues.addTo(parts);
        Nodes.addTo(parts);
        Discovery.addTo(parts);
        Framework.addTo(parts);
        Access.addTo(parts);
        Operations.addTo(parts);
        Watches.addTo(parts);
        Quota.addTo(parts);
        return parts;
    }

    public static void main(String[] words) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        Map<String, Part> parts = parts();
        if (words.length > 1) {
            parts.keySet().retainAll(List.of(words).subList(1, words.length));
        }
        ExecutorService pool = Executors.newFixedThreadPool(PARTS_AT_ONCE);
        List<Stage> stages = new ArrayList<>();
        List<Future<?>> runs = new ArrayList<>();
        for (Map.Entry<String, Part> part : parts.entrySet()) {
            Stage stage = new Stage(words[0], part.getKey());
            stages.add(stage);
            runs.add(pool.submit(() -> stage.perform(part.getValue())));
        }
        boolean failed = false;
        for (int i = 0; i < runs.size(); i++) {
            try {
                runs.get(i).get(SECONDS_FOR_ONE, TimeUnit.SECONDS);
            } catch (TimeoutException late) {
                stages.get(i).fail("took longer than " + SECONDS_FOR_ONE + " s");
            }
            failed |= stages.get(i).print(out);
        }
        out.flush();
        Runtime.getRuntime().halt(failed ? 1 : 0);
    }
}
