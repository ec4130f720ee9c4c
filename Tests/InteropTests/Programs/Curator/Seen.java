import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;

/** Events in the order of their arrival. */
final class Seen implements Watcher {
    private final List<String> events = new ArrayList<>();

    synchronized void add(String event) {
        events.add(event);
    }

    @Override
    public void process(WatchedEvent event) {
        if (event.getType() != Event.EventType.None) {
            add(event.getType() + " " + event.getPath());
        }
    }

    synchronized int size() {
        return events.size();
    }

    synchronized boolean contains(String event) {
        return events.contains(event);
    }

    /** Waits, bounded, for that many events since the last call, and takes them. */
    List<String> take(int count) throws Exception {
        Stage.until(count + " events, seen " + this, () -> size() >= count);
        synchronized (this) {
            List<String> taken = new ArrayList<>(events);
            events.clear();
            return taken;
        }
    }

    /** As take, for events whose order is not promised. */
    List<String> takeSorted(int count) throws Exception {
        List<String> taken = take(count);
        Collections.sort(taken);
        return taken;
    }

    @Override
    public synchronized String toString() {
        return events.toString();
    }
}
