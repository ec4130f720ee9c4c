import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.queue.DistributedDelayQueue;
import org.apache.curator.framework.recipes.queue.DistributedIdQueue;
import org.apache.curator.framework.recipes.queue.DistributedPriorityQueue;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.state.ConnectionState;

/** Queues: everything comes out once, in the order that each kind promises. */
final class Queues {
    private static final QueueSerializer<String> TEXT = new QueueSerializer<>() {
        @Override
        public byte[] serialize(String item) {
            return item.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String deserialize(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    };

    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("queue", Queues::queue);
        parts.put("queue-many-consumers", Queues::manyConsumers);
        parts.put("queue-with-lock", Queues::withLock);
        parts.put("queue-by-id", Queues::byID);
        parts.put("priority-queue", Queues::priority);
        parts.put("delay-queue", Queues::delay);
        parts.put("simple-queue", Queues::simple);
    }

    private static QueueConsumer<String> into(Seen seen) {
        return new QueueConsumer<>() {
            @Override
            public void consumeMessage(String message) {
                seen.add(message);
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {
            }
        };
    }

    private static void queue(Stage stage) throws Exception {
        Seen seen = new Seen();
        DistributedQueue<String> producer = stage.closing(
            QueueBuilder.builder(stage.curator(), null, TEXT, stage.root).buildQueue());
        producer.start();
        for (int i = 0; i < 30; i++) {
            producer.put("item-" + i);
        }
        producer.flushPuts(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        stage.say("stored", producer.getLastMessageCount() >= 0);
        DistributedQueue<String> consumer = stage.closing(
            QueueBuilder.builder(stage.curator(), into(seen), TEXT, stage.root).buildQueue());
        consumer.start();
        stage.say(seen.take(30));
    }

    private static void manyConsumers(Stage stage) throws Exception {
        Seen seen = new Seen();
        for (int i = 0; i < 3; i++) {
            stage.closing(QueueBuilder.builder(stage.curator(), into(seen), TEXT, stage.root)
                .buildQueue()).start();
        }
        CuratorFramework client = stage.curator();
        Stage.together(3, number -> {
            DistributedQueue<String> producer = stage.closing(
                QueueBuilder.builder(client, null, TEXT, stage.root).buildQueue());
            producer.start();
            for (int i = 0; i < 40; i++) {
                producer.put(number + "-" + i);
            }
        });
        List<String> all = seen.take(120);
        stage.say("taken", all.size(), "different", new TreeSet<>(all).size());
        Stage.until("empty", () -> client.getChildren().forPath(stage.root).isEmpty());
        stage.say("left", client.getChildren().forPath(stage.root));
    }

    private static void withLock(Stage stage) throws Exception {
        Seen seen = new Seen();
        CuratorFramework client = stage.curator();
        DistributedQueue<String> queue = stage.closing(
            QueueBuilder.builder(client, into(seen), TEXT, stage.root + "/items")
                .lockPath(stage.root + "/locks").buildQueue());
        queue.start();
        for (int i = 0; i < 10; i++) {
            queue.put("safe-" + i);
        }
        stage.say(seen.take(10));
        Stage.until("empty", () -> client.getChildren().forPath(stage.root + "/items").isEmpty());
    }

    private static void byID(Stage stage) throws Exception {
        DistributedIdQueue<String> queue = stage.closing(
            QueueBuilder.builder(stage.curator(), null, TEXT, stage.root).buildIdQueue());
        queue.start();
        queue.put("one", "id-1");
        queue.put("two", "id-2");
        queue.put("three", "id-1");
        queue.flushPuts(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        stage.say("removed", queue.remove("id-1"), queue.remove("id-1"), queue.remove("id-9"));
    }

    private static void priority(Stage stage) throws Exception {
        Seen seen = new Seen();
        DistributedPriorityQueue<String> producer = stage.closing(
            QueueBuilder.builder(stage.curator(), null, TEXT, stage.root).buildPriorityQueue(0));
        producer.start();
        int[] order = {5, -3, 9, 0, 5, -100, 7};
        for (int i = 0; i < order.length; i++) {
            producer.put("p" + order[i] + "-" + i, order[i]);
        }
        producer.flushPuts(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        DistributedPriorityQueue<String> consumer = stage.closing(
            QueueBuilder.builder(stage.curator(), into(seen), TEXT, stage.root)
                .buildPriorityQueue(0));
        consumer.start();
        stage.say(seen.take(order.length));
    }

    private static void delay(Stage stage) throws Exception {
        Seen seen = new Seen();
        DistributedDelayQueue<String> queue = stage.closing(
            QueueBuilder.builder(stage.curator(), into(seen), TEXT, stage.root).buildDelayQueue());
        queue.start();
        long now = System.currentTimeMillis();
        queue.put("late", now + 1_800);
        queue.put("soon", now + 600);
        queue.put("between", now + 1_200);
        List<String> order = seen.take(3);
        stage.say(order, "not early", System.currentTimeMillis() >= now + 1_800);
    }

    private static void simple(Stage stage) throws Exception {
        SimpleDistributedQueue queue = new SimpleDistributedQueue(stage.curator(), stage.root);
        SimpleDistributedQueue other = new SimpleDistributedQueue(stage.curator(), stage.root);
        stage.say("empty", queue.peek() == null, queue.poll() == null);
        for (String item : List.of("a", "b", "c")) {
            stage.say("offer", queue.offer(Stage.bytes(item)));
        }
        stage.say(Stage.text(other.peek()), Stage.text(other.element()), Stage.text(other.take()),
            Stage.text(queue.remove()), Stage.text(other.poll(1, TimeUnit.SECONDS)));
        stage.say("nothing in time", other.poll(200, TimeUnit.MILLISECONDS) == null);
        List<byte[]> taken = new ArrayList<>();
        AtomicInteger count = new AtomicInteger();
        Stage.together(4, number -> {
            SimpleDistributedQueue mine = new SimpleDistributedQueue(stage.curator(), stage.root);
            if (number == 0) {
                for (int i = 0; i < 30; i++) {
                    mine.offer(Stage.bytes("n" + i));
                }
                return;
            }
            while (count.getAndIncrement() < 30) {
                byte[] item = mine.take();
                synchronized (taken) {
                    taken.add(item);
                }
            }
        });
        TreeSet<String> different = new TreeSet<>();
        taken.forEach(item -> different.add(Stage.text(item)));
        stage.say("taken", taken.size(), "different", different.size());
    }

    private Queues() {
    }
}
