import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMultiLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.Revoker;

/** Locks under contention: how many were inside at once, and that everyone got in. */
final class Locks {
    private static final int CLIENTS = 3;
    private static final int THREADS = 9;
    private static final int ROUNDS = 8;

    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("mutex", stage -> contend(stage, Locks::mutex));
        parts.put("semaphore-mutex", stage -> contend(stage, InterProcessSemaphoreMutex::new));
        parts.put("multi-lock", stage -> contend(stage, (client, path) -> new InterProcessMultiLock(
            List.of(new InterProcessMutex(client, path + "/x"),
                new InterProcessSemaphoreMutex(client, path + "/y")))));
        parts.put("mutex-order", Locks::order);
        parts.put("mutex-reentrant", Locks::reentrant);
        parts.put("mutex-owner-lost", Locks::ownerLost);
        parts.put("read-write-lock", Locks::readWrite);
        parts.put("read-write-lock-contention", Locks::readWriteContention);
        parts.put("semaphore", Locks::semaphore);
        parts.put("semaphore-contention", Locks::semaphoreContention);
    }

    private interface Maker {
        InterProcessLock make(CuratorFramework client, String path);
    }

    private static InterProcessLock mutex(CuratorFramework client, String path) {
        return new InterProcessMutex(client, path);
    }

    private static List<CuratorFramework> clients(Stage stage) throws Exception {
        List<CuratorFramework> all = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            all.add(stage.curator());
        }
        return all;
    }

    private static void contend(Stage stage, Maker maker) throws Exception {
        List<CuratorFramework> clients = clients(stage);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger entries = new AtomicInteger();
        int[] unguarded = {0};
        Stage.together(THREADS, number -> {
            InterProcessLock lock = maker.make(clients.get(number % CLIENTS), stage.root);
            for (int round = 0; round < ROUNDS; round++) {
                if (!lock.acquire(2 * Stage.WAIT_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("not acquired");
                }
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                unguarded[0]++;
                entries.incrementAndGet();
                inside.decrementAndGet();
                lock.release();
            }
        });
        stage.say("entries", entries.get(), "counted", unguarded[0], "at once", most.get());
    }

    private static void order(Stage stage) throws Exception {
        CuratorFramework holder = stage.curator();
        InterProcessMutex first = new InterProcessMutex(holder, stage.root);
        first.acquire();
        Seen seen = new Seen();
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String name = "waiter-" + i;
            InterProcessMutex lock = new InterProcessMutex(stage.curator(), stage.root);
            Thread thread = new Thread(() -> {
                try {
                    lock.acquire();
                    seen.add(name);
                    lock.release();
                } catch (Exception problem) {
                    seen.add(name + " " + problem);
                }
            });
            thread.setDaemon(true);
            thread.start();
            waiting.add(thread);
            int nodes = i + 2;
            Stage.until("queued", () -> first.getParticipantNodes().size() == nodes);
        }
        stage.say("before the release", seen);
        first.release();
        stage.say(seen.take(6));
        for (Thread thread : waiting) {
            thread.join(TimeUnit.SECONDS.toMillis(Stage.WAIT_SECONDS));
        }
        stage.say("left over", first.getParticipantNodes().size());
    }

    private static void reentrant(Stage stage) throws Exception {
        InterProcessMutex lock = new InterProcessMutex(stage.curator(), stage.root);
        InterProcessMutex other = new InterProcessMutex(stage.curator(), stage.root);
        Seen seen = new Seen();
        lock.makeRevocable(revoked -> seen.add("asked to release"));
        lock.acquire();
        lock.acquire();
        stage.say("nodes", lock.getParticipantNodes().size());
        lock.release();
        stage.say("other", other.acquire(200, TimeUnit.MILLISECONDS));
        Revoker.attemptRevoke(stage.curator(), lock.getParticipantNodes().iterator().next());
        stage.say(seen.take(1));
        lock.release();
        stage.say("other", other.acquire(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
        stage.attempt("release of what is not held", () -> {
            lock.release();
            return null;
        });
        other.release();
    }

    private static void ownerLost(Stage stage) throws Exception {
        CuratorFramework owner = stage.curator();
        InterProcessMutex lock = new InterProcessMutex(owner, stage.root);
        lock.acquire();
        InterProcessMutex other = new InterProcessMutex(stage.curator(), stage.root);
        stage.say("other", other.acquire(100, TimeUnit.MILLISECONDS));
        owner.close();
        stage.say("other", other.acquire(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
        other.release();
    }

    private static void readWrite(Stage stage) throws Exception {
        InterProcessReadWriteLock one = new InterProcessReadWriteLock(stage.curator(), stage.root);
        InterProcessReadWriteLock two = new InterProcessReadWriteLock(stage.curator(), stage.root);
        one.readLock().acquire();
        stage.say("second reader", two.readLock().acquire(5, TimeUnit.SECONDS));
        stage.say("writer beside readers", two.writeLock().acquire(200, TimeUnit.MILLISECONDS));
        two.readLock().release();
        one.readLock().release();
        one.writeLock().acquire();
        stage.say("reader of the writer", one.readLock().acquire(5, TimeUnit.SECONDS));
        stage.say("other reader", two.readLock().acquire(200, TimeUnit.MILLISECONDS));
        one.writeLock().release();
        stage.say("after downgrade", two.readLock().acquire(Stage.WAIT_SECONDS, TimeUnit.SECONDS));
        Collection<String> nodes = one.readLock().getParticipantNodes();
        stage.say("nodes", nodes.size());
        one.readLock().release();
        two.readLock().release();
    }

    private static void readWriteContention(Stage stage) throws Exception {
        List<CuratorFramework> clients = clients(stage);
        AtomicInteger readers = new AtomicInteger();
        AtomicInteger writers = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        AtomicInteger entries = new AtomicInteger();
        Stage.together(THREADS, number -> {
            InterProcessReadWriteLock lock =
                new InterProcessReadWriteLock(clients.get(number % CLIENTS), stage.root);
            boolean writes = number % 3 == 0;
            InterProcessMutex mine = writes ? lock.writeLock() : lock.readLock();
            for (int round = 0; round < ROUNDS; round++) {
                if (!mine.acquire(2 * Stage.WAIT_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("not acquired");
                }
                (writes ? writers : readers).incrementAndGet();
                if (writers.get() > 1 || (writers.get() == 1 && readers.get() > 0)) {
                    wrong.incrementAndGet();
                }
                entries.incrementAndGet();
                (writes ? writers : readers).decrementAndGet();
                mine.release();
            }
        });
        stage.say("entries", entries.get(), "wrong", wrong.get());
    }

    private static void semaphore(Stage stage) throws Exception {
        InterProcessSemaphoreV2 semaphore =
            new InterProcessSemaphoreV2(stage.curator(), stage.root, 3);
        Collection<Lease> leases = semaphore.acquire(3);
        stage.say("leases", leases.size(), semaphore.getParticipantNodes().size());
        Lease fourth = semaphore.acquire(200, TimeUnit.MILLISECONDS);
        stage.say("fourth", fourth == null ? "none" : "granted");
        Lease one = leases.iterator().next();
        stage.say("data", Stage.text(one.getData()).length() > 2);
        semaphore.returnLease(one);
        Lease next = semaphore.acquire(Stage.WAIT_SECONDS, TimeUnit.SECONDS);
        stage.say("after one returned", next == null ? "none" : "granted");
        semaphore.returnLease(next);
        semaphore.returnAll(leases);
        stage.say("left", semaphore.getParticipantNodes().size());
    }

    private static void semaphoreContention(Stage stage) throws Exception {
        List<CuratorFramework> clients = clients(stage);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger entries = new AtomicInteger();
        Stage.together(THREADS, number -> {
            InterProcessSemaphoreV2 semaphore =
                new InterProcessSemaphoreV2(clients.get(number % CLIENTS), stage.root, 2);
            for (int round = 0; round < ROUNDS; round++) {
                Lease lease = semaphore.acquire(2 * Stage.WAIT_SECONDS, TimeUnit.SECONDS);
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                entries.incrementAndGet();
                inside.decrementAndGet();
                semaphore.returnLease(lease);
            }
        });
        stage.say("entries", entries.get(), "never more than two", most.get() <= 2);
    }

    private Locks() {
    }
}
