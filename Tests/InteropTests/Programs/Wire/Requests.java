import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Requests with wrong, odd or borderline bodies. */
final class Requests {
    private static int count;

    static Connection.Body body() {
        return Connection.body();
    }

    /** A path that no other case uses. */
    static String fresh() {
        return "/wire" + ++count;
    }

    static Connection.Body create(String path, int flags) throws IOException {
        return body().text(path).data(null).open().number(flags);
    }

    static Connection.Body createTTL(String path, int flags, long ttl) throws IOException {
        return create(path, flags).wide(ttl);
    }

    static String made(Connection connection, String path) throws IOException {
        connection.send(1, create(path, 0));
        DataInputStream reply = connection.content();
        return new String(reply.readNBytes(reply.readInt()), StandardCharsets.UTF_8);
    }

    static void add() {
        for (int type : new int[] {0, 10, 16, 23, 99, 102, 108, 1000, -1, -2, -99}) {
            Wire.add("opcode " + type, connection -> connection.ask(type, body()) + " then "
                + connection.replyOrSilence());
        }
        for (int type : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 17, 18, 19, 21, 22, 101,
            103, 104, 105, 106}) {
            Wire.add("opcode " + type + " without a body", connection ->
                connection.ask(type, body()) + " then " + connection.ask(
                    3, body().text("/").flag(0)));
        }
        for (int number : new int[] {0, -3, -5, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            Wire.add("xid " + number, connection -> {
                connection.send(number, 3, body().text("/").flag(0));
                return connection.reply();
            });
        }
        Wire.add("ping", connection -> {
            connection.send(-2, 11, body());
            return connection.reply();
        });
        Wire.add("ping with an ordinary xid", connection -> connection.ask(11, body()));
        Wire.add("frame of four bytes", connection -> {
            connection.sendFrame(new byte[4]);
            return connection.reply();
        });
        Wire.add("empty frame", connection -> {
            connection.sendFrame(new byte[0]);
            return connection.reply();
        });
        Wire.add("trailing bytes", connection ->
            connection.ask(3, body().text("/").flag(0).wide(1).wide(2)));
        Wire.add("flag of 7", connection -> connection.ask(3, body().text("/").flag(7)));
        Wire.add("largest frame", connection -> {
            String path = fresh();
            byte[] data = new byte[0xfffff - 8 - 4 - path.length() - 4 - 33 - 4];
            String result = connection.ask(1, body().text(path).data(data).open().number(0));
            return result.replaceAll("body \\d+", "made");
        });
        creates();
        reads();
        watches();
        multis();
        Wire.add("close, then another request", connection -> {
            connection.send(-11, body());
            connection.send(3, body().text("/").flag(0));
            String first = connection.reply();
            // What is answered behind it, if anything, is a matter of threads.
            return first.replace("xid 1 ", "");
        });
    }

    private static void creates() {
        for (int type : new int[] {1, 15, 19}) {
            for (int flags = -1; flags <= 7; flags++) {
                int mode = flags;
                Wire.add("create " + type + " flags " + mode, connection -> {
                    String path = fresh();
                    return connection.ask(type, create(path, mode)).replaceAll(
                        "body \\d+", "made") + " "
                        + connection.ask(3, body().text(path).flag(0));
                });
            }
        }
        for (int flags = 0; flags <= 7; flags++) {
            int mode = flags;
            Wire.add("createTTL flags " + mode, connection ->
                connection.ask(21, createTTL(fresh(), mode, 60_000))
                    .replaceAll("body \\d+", "made"));
        }
        for (long ttl : new long[] {0, -1, 1, (1L << 40) - 1, 1L << 40, Long.MAX_VALUE}) {
            Wire.add("createTTL of " + ttl, connection ->
                connection.ask(21, createTTL(fresh(), 5, ttl)).replaceAll("body \\d+", "made"));
        }
        String[] paths = {
            "", "/", "//", "/x/", "/./x", "/../x", "/x/..", "x", "/wireé", "/wire\u0001",
            "/wire\u007f", "/wire\ud83d\ude00", "/wire\uf8fe", "/wire\u0000", "/none/x", "/none/",
        };
        for (String path : paths) {
            StringBuilder shown = new StringBuilder();
            path.chars().forEach(unit -> shown.append(
                unit > 32 && unit < 127 ? "" + (char) unit : String.format("<%04x>", unit)));
            Wire.add("create '" + shown + "'", connection -> connection.ask(1, create(path, 0)));
            Wire.add("exists '" + shown + "'", connection ->
                connection.ask(3, body().text(path).flag(0)));
            Wire.add("get '" + shown + "'", connection ->
                connection.ask(4, body().text(path).flag(0)));
            Wire.add("list '" + shown + "'", connection ->
                connection.ask(8, body().text(path).flag(0)).replaceAll("body \\d+", "body"));
            Wire.add("set '" + shown + "'", connection ->
                connection.ask(5, body().text(path).data(null).number(-1)));
            Wire.add("delete '" + shown + "'", connection ->
                connection.ask(2, body().text(path).number(-1)));
        }
        Wire.add("null path", connection -> connection.ask(1, create(null, 0)));
        Wire.add("path of bytes that are no text", connection -> connection.ask(1,
            body().data(new byte[] {'/', (byte) 0xff, (byte) 0xc0}).data(null).open().number(0)));
        Wire.add("null access list", connection -> connection.ask(1,
            body().text(fresh()).data(null).number(-1).number(0)));
        Wire.add("access list of a claimed million", connection -> connection.ask(1,
            body().text(fresh()).data(null).number(1_000_000).number(0)));
        Wire.add("null scheme", connection -> connection.ask(1, body().text(fresh()).data(null)
            .number(1).number(31).text(null).text("anyone").number(0)));
        Wire.add("data of a claimed negative length", connection -> connection.ask(1,
            body().text(fresh()).number(-7).open().number(0)));
        for (String id : new String[] {"1.2.3.4/24", "1.2.3.4", "1.2.3", "1.2.3.4/x", "::1"}) {
            Wire.add("access list of ip:" + id, connection -> connection.ask(1, body().text(fresh())
                .data(null).number(1).number(31).text("ip").text(id).number(0))
                .replaceAll("body \\d+", "made"));
        }
    }

    private static void reads() {
        Wire.add("null data is not empty data", connection -> {
            String path = made(connection, fresh());
            connection.send(4, body().text(path).flag(0));
            int none = connection.content().readInt();
            connection.ask(5, body().text(path).data(new byte[0]).number(-1));
            connection.send(4, body().text(path).flag(0));
            return none + " " + connection.content().readInt();
        });
        Wire.add("version 2147483647", connection -> {
            String path = made(connection, fresh());
            return connection.ask(5, body().text(path).data(null).number(Integer.MAX_VALUE));
        });
        Wire.add("version -2", connection -> {
            String path = made(connection, fresh());
            return connection.ask(5, body().text(path).data(null).number(-2));
        });
        Wire.add("sync", connection -> connection.ask(9, body().text("/none/at/all")));
        Wire.add("sync-without-path", connection -> connection.ask(9, body().text(null)));
        Wire.add("ephemerals of null", connection -> connection.ask(103, body().text(null)));
        Wire.add("count of null", connection -> connection.ask(104, body().text(null)));
        Wire.add("acl of /zookeeper/config", connection -> {
            connection.send(6, body().text("/zookeeper/config"));
            DataInputStream reply = connection.content();
            return reply.readInt() + " entry " + reply.readInt();
        });
    }

    private static void watches() {
        for (int mode : new int[] {-1, 0, 1, 2}) {
            Wire.add("addWatch mode " + mode, connection ->
                connection.ask(106, body().text("/w").number(mode)));
        }
        for (int type : new int[] {0, 1, 2, 3, 4, 9}) {
            Wire.add("removeWatches type " + type, connection -> {
                connection.ask(106, body().text("/w").number(0));
                return connection.ask(18, body().text("/w").number(type)) + " then "
                    + connection.ask(18, body().text("/w").number(3));
            });
            Wire.add("checkWatches type " + type, connection -> {
                connection.ask(4, body().text("/").flag(1));
                return connection.ask(17, body().text("/").number(type));
            });
        }
        Wire.add("setWatches with nothing", connection -> {
            connection.send(-8, 101, body().wide(0).number(0).number(0).number(0));
            return connection.reply();
        });
        Wire.add("setWatches with null", connection -> {
            connection.send(-8, 101, body().wide(0).number(-1).number(0).number(0));
            return connection.reply();
        });
        Wire.add("setWatches2 of an old zxid", connection -> {
            String path = made(connection, fresh());
            connection.send(-8, 105, body().wide(0).number(1).text(path)
                .number(2).text(path).text(path + "none").number(1).text(path + "gone")
                .number(1).text("/p").number(1).text("/r"));
            return connection.reply() + ", " + connection.reply() + ", " + connection.reply()
                .replaceAll("wire\\d+", "wire") + ", " + connection.reply();
        });
        Wire.add("relative zxid of the future", connection -> {
            String path = made(connection, fresh());
            connection.send(-8, 101, body().wide(Long.MAX_VALUE).number(1).text(path)
                .number(0).number(1).text(path));
            String answer = connection.reply();
            return answer + " then " + connection.ask(2, body().text(path).number(-1))
                .replaceAll("wire\\d+", "wire") + ", " + connection.reply();
        });
        Wire.add("setWatches on a wrong path", connection -> {
            connection.send(-8, 101, body().wide(0).number(1).text("no slash").number(0).number(0));
            return connection.reply() + ", " + connection.replyOrSilence();
        });
    }

    static Connection.Body part(Connection.Body body, int type) throws IOException {
        return body.number(type).flag(0).number(-1);
    }

    static Connection.Body end(Connection.Body body) throws IOException {
        return body.number(-1).flag(1).number(-1);
    }

    private static String results(Connection connection) throws IOException {
        DataInputStream reply = connection.content();
        StringBuilder all = new StringBuilder();
        while (true) {
            int type = reply.readInt();
            boolean done = reply.readBoolean();
            int error = reply.readInt();
            all.append(type).append(done ? " end " : " ").append(error);
            if (done) {
                return all + " rest " + reply.available();
            }
            switch (type) {
                case -1 -> all.append("/").append(reply.readInt());
                case 1 -> reply.readNBytes(reply.readInt());
                case 15 -> {
                    reply.readNBytes(reply.readInt());
                    reply.readNBytes(68);
                }
                case 5 -> reply.readNBytes(68);
                default -> { }
            }
            all.append(", ");
        }
    }

    private static void multis() {
        Wire.add("error-body of a multiRead", connection ->
            connection.ask(22, end(part(body(), 13).text("/").number(0))));
        Wire.add("empty multi", connection -> {
            connection.send(14, end(body()));
            return results(connection);
        });
        Wire.add("multi of every create", connection -> {
            String path = fresh();
            Connection.Body all = body();
            part(all, 1).raw(create(path, 0).bytes());
            part(all, 15).raw(create(path + "/a", 0).bytes());
            part(all, 19).raw(create(path + "/c", 4).bytes());
            part(all, 5).text(path).data(new byte[1]).number(0);
            part(all, 13).text(path).number(1);
            part(all, 2).text(path + "/a").number(0);
            connection.send(14, end(all));
            return results(connection);
        });
        Wire.add("multi that fails", connection -> {
            String path = fresh();
            Connection.Body all = body();
            part(all, 1).raw(create(path, 0).bytes());
            part(all, 1).raw(create(path, 0).bytes());
            part(all, 2).text("/none").number(0);
            connection.send(14, end(all));
            return results(connection) + " left " + connection.ask(3, body().text(path).flag(0));
        });
        for (int type : new int[] {3, 4, 6, 7, 8, 14, 99, -11}) {
            Wire.add("multi with a part of type " + type, connection ->
                connection.ask(14, end(part(body(), type).text("/").number(0)))
                    .replaceAll("body \\d+", "body"));
        }
        Wire.add("error-body of a multi", connection ->
            connection.ask(14, end(part(body(), 2).text(null).number(0)))
                .replaceAll("body \\d+", "body"));
        Wire.add("multi without an end", connection ->
            connection.ask(14, part(body(), 2).text("/none").number(0)));
        Wire.add("multi that makes a bad path", connection -> {
            connection.send(14, end(part(body(), 1).raw(create("/no//path", 0).bytes())));
            return results(connection);
        });
        Wire.add("multiRead", connection -> {
            Connection.Body all = body();
            part(all, 4).text("/").flag(0);
            part(all, 8).text("/none").flag(0);
            part(all, 4).text("/zookeeper/quota").flag(1);
            connection.send(22, end(all));
            DataInputStream reply = connection.content();
            return reply.readInt() + " " + reply.readBoolean() + " " + reply.readInt();
        });
        for (int type : new int[] {1, 3, 12}) {
            Wire.add("multiRead with a part of type " + type, connection ->
                connection.ask(22, end(part(body(), type).text("/").number(0)))
                    .replaceAll("body \\d+", "body"));
        }
    }

    private Requests() {
    }
}
