import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that can send anything: frames by hand over a plain socket. */
final class Connection implements AutoCloseable {
    private static final int REPLY_MILLISECONDS = 10_000;
    private static final int SILENCE_MILLISECONDS = 700;

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;
    private int xid;
    long session;
    byte[] password = new byte[16];
    int timeout;
    boolean readOnlySent;
    long lastZxid;

    Connection(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        socket = new Socket(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(REPLY_MILLISECONDS);
        out = new DataOutputStream(socket.getOutputStream());
        in = new DataInputStream(socket.getInputStream());
    }

    /** A connection that has a session of its own. */
    static Connection started(String address) throws IOException {
        Connection connection = new Connection(address);
        String answer = connection.handshake(0, 10_000, 0, new byte[16], true);
        if (!answer.startsWith("granted")) {
            throw new IOException("handshake: " + answer);
        }
        return connection;
    }

    /** What a body is made of. */
    static final class Body {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        Body number(int value) throws IOException {
            out.writeInt(value);
            return this;
        }

        Body wide(long value) throws IOException {
            out.writeLong(value);
            return this;
        }

        Body flag(int value) throws IOException {
            out.writeByte(value);
            return this;
        }

        Body raw(byte... value) throws IOException {
            out.write(value);
            return this;
        }

        Body text(String value) throws IOException {
            return value == null ? number(-1) : data(value.getBytes(StandardCharsets.UTF_8));
        }

        Body data(byte[] value) throws IOException {
            if (value == null) {
                return number(-1);
            }
            out.writeInt(value.length);
            out.write(value);
            return this;
        }

        /** One entry that opens the znode to all. */
        Body open() throws IOException {
            return number(1).number(31).text("world").text("anyone");
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }

    static Body body() {
        return new Body();
    }

    String handshake(long zxid, int wish, long session, byte[] password, boolean withReadOnly)
        throws IOException {
        Body body = body().number(0).wide(zxid).number(wish).wide(session).data(password);
        if (withReadOnly) {
            body.flag(0);
        }
        sendFrame(body.bytes());
        byte[] frame;
        try {
            frame = frame();
        } catch (EOFException | SocketException closed) {
            return "closed";
        }
        DataInputStream reply = new DataInputStream(new ByteArrayInputStream(frame));
        int version = reply.readInt();
        timeout = reply.readInt();
        this.session = reply.readLong();
        this.password = reply.readNBytes(reply.readInt());
        readOnlySent = reply.available() > 0;
        return (timeout > 0 ? "granted " + timeout : "refused " + timeout) + " version " + version
            + " frame " + frame.length;
    }

    void sendFrame(byte[] body) throws IOException {
        Body frame = body().number(body.length).raw(body);
        sendRaw(frame.bytes());
    }

    void sendRaw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Sends a request with the next xid. */
    void send(int type, Body body) throws IOException {
        send(++xid, type, body);
    }

    void send(int xid, int type, Body body) throws IOException {
        sendFrame(body().number(xid).number(type).raw(body.bytes()).bytes());
    }

    byte[] frame() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return frame;
    }

    /** The next frame in words; `closed`, or `silence` when nothing comes for a while. */
    String reply() throws IOException {
        return reply(REPLY_MILLISECONDS);
    }

    String replyOrSilence() throws IOException {
        return reply(SILENCE_MILLISECONDS);
    }

    private String reply(int limit) throws IOException {
        socket.setSoTimeout(limit);
        byte[] frame;
        try {
            frame = frame();
        } catch (EOFException | SocketException closed) {
            return "closed";
        } catch (SocketTimeoutException late) {
            return "silence";
        }
        DataInputStream reply = new DataInputStream(new ByteArrayInputStream(frame));
        int number = reply.readInt();
        long zxid = reply.readLong();
        int error = reply.readInt();
        if (number == -1) {
            int type = reply.readInt();
            reply.readInt();
            return "event " + type + " " + new String(reply.readNBytes(reply.readInt()),
                StandardCharsets.UTF_8);
        }
        lastZxid = zxid;
        return (number == xid ? "" : "xid " + number + " ") + "error " + error
            + (error == 0 ? " body " + reply.available() : "")
            + (error != 0 && reply.available() > 0 ? " and a body" : "");
    }

    /** The bytes behind the header of the next reply. */
    DataInputStream content() throws IOException {
        DataInputStream reply = new DataInputStream(new ByteArrayInputStream(frame()));
        reply.readInt();
        lastZxid = reply.readLong();
        int error = reply.readInt();
        if (error != 0) {
            throw new IOException("error " + error);
        }
        return reply;
    }

    /** Sends a request and tells the answer. */
    String ask(int type, Body body) throws IOException {
        send(type, body);
        return reply();
    }

    /** Everything up to the end of the connection, as text. */
    String rest() throws IOException {
        try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException reset) {
            return "reset";
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
