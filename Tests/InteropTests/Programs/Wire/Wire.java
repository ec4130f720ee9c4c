import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sends what no client library sends, one case a connection: Wire ADDRESS [FIRST-WORD].
 *
 * Prints one line a case, NAME: WHAT CAME BACK. Where the first word of the name is the id of a
 * deliberate difference, the two servers answer differently; everywhere else they answer the same.
 * With a first word given, only the cases of that difference run.
 */
final class Wire {
    /** One case. */
    interface Case {
        String run(Connection connection) throws Exception;
    }

    private static final Map<String, Case> CASES = new LinkedHashMap<>();

    static void add(String name, Case one) {
        CASES.put(name, one);
    }

    public static void main(String[] words) throws Exception {
        Handshakes.add(words[0]);
        Requests.add();
        Differences.add(words[0]);
        for (Map.Entry<String, Case> one : CASES.entrySet()) {
            if (words.length > 1 && !one.getKey().split(" ")[0].equals(words[1])) {
                continue;
            }
            String result;
            try (Connection connection = Connection.started(words[0])) {
                result = one.getValue().run(connection);
            } catch (IOException problem) {
                result = problem.getClass().getSimpleName() + " " + problem.getMessage();
            }
            System.out.println(one.getKey() + ": " + result);
        }
    }

    private Wire() {
    }
}
