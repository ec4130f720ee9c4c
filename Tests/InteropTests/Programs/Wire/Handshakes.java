import java.io.IOException;
import java.net.Socket;

/** First frames, and what stands before or instead of them. */
final class Handshakes {
    static void add(String address) {
        Wire.add("handshake with the read-only byte", own -> handshake(address, 0, 10_000, true));
        Wire.add("handshake of old clients", own -> handshake(address, 0, 10_000, false));
        Wire.add("wish of nothing", own -> handshake(address, 0, 0, true));
        Wire.add("negative wish", own -> handshake(address, 0, -5, true));
        Wire.add("long wish", own -> handshake(address, 0, Integer.MAX_VALUE, true));
        Wire.add("zxid from the future", own -> handshake(address, Long.MAX_VALUE, 10_000, true));
        Wire.add("null password", own -> {
            try (Connection other = new Connection(address)) {
                return other.handshake(0, 10_000, 0, null, true);
            }
        });
        Wire.add("empty password", own -> {
            try (Connection other = new Connection(address)) {
                return other.handshake(0, 10_000, 0, new byte[0], true);
            }
        });
        Wire.add("unknown session", own -> {
            try (Connection other = new Connection(address)) {
                return other.handshake(0, 10_000, 12_345, new byte[16], true) + " then "
                    + other.reply();
            }
        });
        Wire.add("unknown session of an old client", own -> {
            try (Connection other = new Connection(address)) {
                return other.handshake(0, 10_000, 12_345, new byte[16], false) + " then "
                    + other.reply();
            }
        });
        Wire.add("own session taken over", own -> {
            try (Connection other = new Connection(address)) {
                String answer = other.handshake(0, 20_000, own.session, own.password, true);
                return answer + " same " + (own.session == other.session) + ", first "
                    + own.reply();
            }
        });
        Wire.add("handshake byte by byte", own -> {
            try (Connection other = new Connection(address)) {
                byte[] body = Connection.body().number(0).wide(0).number(10_000).wide(0)
                    .data(new byte[16]).flag(0).bytes();
                byte[] frame = Connection.body().number(body.length).raw(body).bytes();
                for (byte one : frame) {
                    other.sendRaw(new byte[] {one});
                }
                return "answered " + other.frame().length;
            }
        });
        Wire.add("request behind the handshake", own -> {
            try (Connection other = new Connection(address)) {
                byte[] body = Connection.body().number(0).wide(0).number(10_000).wide(0)
                    .data(new byte[16]).flag(0).bytes();
                byte[] ask = Connection.body().number(1).number(3).text("/").flag(0).bytes();
                other.sendRaw(Connection.body().number(body.length).raw(body)
                    .number(ask.length).raw(ask).bytes());
                return other.frame().length + " and " + other.frame().length;
            }
        });
        for (int length : new int[] {0, -1, 3, 0x100000, Integer.MAX_VALUE}) {
            Wire.add("first length " + length, own -> {
                try (Connection other = new Connection(address)) {
                    other.sendRaw(Connection.body().number(length).number(0).bytes());
                    return length == 3 ? other.replyOrSilence() : other.reply();
                }
            });
        }
        Wire.add("unknown word", own -> word(address, "nope"));
        Wire.add("ruok", own -> word(address, "ruok"));
        Wire.add("isro with a newline", own -> word(address, "isro\n"));
    }

    private static String handshake(String address, long zxid, int wish, boolean withReadOnly)
        throws IOException {
        try (Connection other = new Connection(address)) {
            String answer = other.handshake(zxid, wish, 0, new byte[16], withReadOnly);
            return answer.equals("closed") ? answer : answer + " password "
                + other.password.length + " exists " + other.ask(
                    3, Connection.body().text("/").flag(0));
        }
    }

    private static String word(String address, String word) throws IOException {
        try (Connection other = new Connection(address)) {
            other.sendRaw(word.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            return "'" + other.rest() + "'";
        }
    }

    private Handshakes() {
    }
}
