import java.io.IOException;

/** What is different on purpose; the names are the ids of the list. */
final class Differences {
    private static final int CREATES = 400;

    static void add(String address) {
        Wire.add("auth-in-order", Differences::authInOrder);
        Wire.add("ttl-nodes", connection ->
            connection.ask(21, Requests.createTTL(Requests.fresh(), 5, 60_000))
                .replaceAll("body \\d+", "made"));
        Wire.add("check-alone", connection -> {
            String path = Requests.made(connection, Requests.fresh());
            connection.send(13, Requests.body().text(path).number(0));
            return connection.replyOrSilence();
        });
        Wire.add("delete-container", connection ->
            connection.ask(20, Requests.body().text("/none")));
        Wire.add("password-first", own -> {
            try (Connection thief = new Connection(address)) {
                thief.handshake(0, 10_000, own.session, new byte[16], true);
            }
            own.send(3, Requests.body().text("/").flag(0));
            return "the owner's connection: " + own.reply();
        });
        Wire.add("watch-modes", connection -> {
            String path = Requests.made(connection, Requests.fresh());
            connection.ask(106, Requests.body().text(path).number(0));
            connection.ask(4, Requests.body().text(path).flag(1));
            int events = 0;
            for (int i = 0; i < 2; i++) {
                connection.send(5, Requests.body().text(path).data(null).number(-1));
                while (connection.reply().startsWith("event")) {
                    events++;
                }
            }
            return events + " events of two changes";
        });
        Wire.add("failed-zxid", connection -> {
            String path = Requests.made(connection, Requests.fresh());
            long before = connection.lastZxid;
            connection.ask(1, Requests.create(path, 0));
            Requests.made(connection, Requests.fresh());
            return "the next change but one refused is zxid +" + (connection.lastZxid - before);
        });
        Wire.add("quota-in-multi", Differences::quotaInMulti);
        Wire.add("create-session", connection ->
            connection.ask(-10, Requests.body().number(10_000)) + " then "
                + connection.replyOrSilence());
        Wire.add("expiry-grain", own -> expiry(address));
    }

    /** Sessions that say nothing more, opened at all phases of a tick: how late is the latest? */
    private static String expiry(String address) throws Exception {
        int count = 8;
        long[] late = new long[count];
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            int number = i;
            threads[i] = new Thread(() -> {
                try (Connection idle = new Connection(address)) {
                    Thread.sleep(250L * number);
                    long start = System.nanoTime();
                    idle.handshake(0, 4_000, 0, new byte[16], true);
                    idle.reply();
                    late[number] = (System.nanoTime() - start) / 1_000_000 - idle.timeout;
                } catch (IOException | InterruptedException problem) {
                    late[number] = Long.MIN_VALUE;
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        java.util.Arrays.sort(late);
        return (late[0] < 0 ? "early" : "never early") + ", the latest by "
            + (late[count - 1] < 800 ? "less than half a tick" : "most of a tick");
    }

    /** Two creates, of which the limit has room for one. */
    private static String quotaInMulti(Connection connection) throws IOException {
        String path = Requests.made(connection, Requests.fresh());
        String quota = Requests.made(connection, "/zookeeper/quota" + path);
        byte[] limit = "count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2"
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        connection.ask(1, Requests.body().text(quota + "/zookeeper_limits").data(limit).open().number(0));
        connection.ask(1, Requests.body().text(quota + "/zookeeper_stats")
            .data("count=1,bytes=0".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).open().number(0));
        Connection.Body all = Requests.body();
        Requests.part(all, 1).raw(Requests.create(path + "/a", 0).bytes());
        Requests.part(all, 1).raw(Requests.create(path + "/b", 0).bytes());
        connection.ask(14, Requests.end(all));
        connection.send(3, Requests.body().text(path + "/b").flag(0));
        return "the second part: " + connection.reply().replaceAll(" body.*", "");
    }

    private static String authInOrder(Connection connection) throws IOException {
        String path = Requests.fresh();
        Connection.Body all = Requests.body();
        for (int i = 0; i < CREATES; i++) {
            byte[] one = Requests.body().number(1_000 + i).number(1)
                .raw(Requests.create(path + "-" + i, 0).bytes()).bytes();
            all.number(one.length).raw(one);
        }
        byte[] auth = Requests.body().number(-4).number(100).number(0).text("digest")
            .data("u:p".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).bytes();
        connection.sendRaw(all.number(auth.length).raw(auth).bytes());
        for (int i = 0; i <= CREATES; i++) {
            if (connection.reply().startsWith("xid -4")) {
                return i == CREATES ? "answered last" : "overtakes";
            }
        }
        return "not answered";
    }

    private Differences() {
    }
}
