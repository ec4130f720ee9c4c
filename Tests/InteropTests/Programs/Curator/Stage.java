import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** What one part works with: the server, a root of its own, its printed lines, bounded waits. */
final class Stage {
    static final int SESSION_MILLISECONDS = 15_000;
    static final int WAIT_SECONDS = 20;

    final String address;
    final String root;
    private final String name;
    private final List<String> lines = new ArrayList<>();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean failed;

    Stage(String address, String name) {
        this.address = address;
        this.name = name;
        this.root = "/probe-" + name;
    }

    void perform(Probe.Part part) {
        long start = System.nanoTime();
        try {
            part.run(this);
        } catch (Throwable problem) {
            StackTraceElement[] trace = problem.getStackTrace();
            StringBuilder where = new StringBuilder();
            for (StackTraceElement element : trace) {
                if (element.getFileName() != null && element.getClassName().indexOf('.') < 0) {
                    where.append(" at ").append(element);
                }
            }
            fail(problem + "" + where);
        } finally {
            closeAll();
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            System.err.println(name + " took " + took + " ms");
        }
    }

    private void closeAll() {
        while (true) {
            AutoCloseable last;
            synchronized (open) {
                last = open.pollLast();
            }
            if (last == null) {
                return;
            }
            try {
                last.close();
            } catch (Exception problem) {
                fail("close: " + problem);
            }
        }
    }

    synchronized void say(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words) {
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
    }

    synchronized void fail(String reason) {
        failed = true;
        lines.add("FAILED " + reason);
    }

    /** Prints everything; true when the part failed. */
    synchronized boolean print(PrintStream out) {
        out.println("== " + name);
        for (String line : lines) {
            out.println(line);
        }
        return failed;
    }

    <T extends AutoCloseable> T closing(T resource) {
        synchronized (open) {
            open.addLast(resource);
        }
        return resource;
    }

    /** A started Curator client, closed at the end of the part. */
    CuratorFramework curator() throws Exception {
        return curator(address);
    }

    CuratorFramework curator(String address) throws Exception {
        CuratorFramework client = CuratorFrameworkFactory.builder()
            .connectString(address)
            .sessionTimeoutMs(SESSION_MILLISECONDS)
            .connectionTimeoutMs(SESSION_MILLISECONDS)
            .retryPolicy(new RetryOneTime(200))
            .defaultData(new byte[0])
            .build();
        return started(client);
    }

    CuratorFramework started(CuratorFramework client) throws Exception {
        closing(client);
        client.start();
        if (!client.blockUntilConnected(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("no connection");
        }
        return client;
    }

    /** A connected client of ZooKeeper's own, closed at the end of the part. */
    ZooKeeper plain(Watcher watcher) throws Exception {
        return plain(address, watcher);
    }

    ZooKeeper plain() throws Exception {
        return plain(address, event -> { });
    }

    ZooKeeper plain(String address, Watcher watcher) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(address, SESSION_MILLISECONDS, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
            watcher.process(event);
        });
        closing(client::close);
        if (!connected.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("no connection");
        }
        return client;
    }

    /** Waits, bounded, until the condition holds. */
    static void until(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited in vain: " + what);
            }
            Thread.sleep(3);
        }
    }

    /** Does something that may be refused, and says how it went. */
    void attempt(String what, Callable<Object> action) {
        String result;
        try {
            Object value = action.call();
            result = value == null ? "ok" : "ok " + value;
        } catch (KeeperException refusal) {
            result = refusal.code() + " " + refusal.getPath();
        } catch (Exception other) {
            result = other.getClass().getSimpleName();
        }
        say(what + ":", result);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? "null" : "'" + new String(bytes, StandardCharsets.UTF_8) + "'";
    }

    static Collection<String> sorted(Collection<String> names) {
        return new TreeSet<>(names);
    }

    /** Runs the same work in several threads and waits for all, bounded; throws what one threw. */
    static void together(int threads, Worker worker) throws Exception {
        List<Thread> all = new ArrayList<>();
        List<Throwable> problems = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                try {
                    worker.work(number);
                } catch (Throwable problem) {
                    synchronized (problems) {
                        problems.add(problem);
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
            all.add(thread);
        }
        for (Thread thread : all) {
            thread.join(TimeUnit.SECONDS.toMillis(2 * WAIT_SECONDS));
            if (thread.isAlive()) {
                throw new IllegalStateException("a worker does not end");
            }
        }
        synchronized (problems) {
            if (!problems.isEmpty()) {
                throw new IllegalStateException(problems.get(0));
            }
        }
    }

    /** What one of several threads does. */
    interface Worker {
        void work(int number) throws Exception;
    }
}
