import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a client and the server, and can cut the connection or keep it cut. */
final class Relay implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final String server;
    private volatile boolean passing = true;

    Relay(String server) throws IOException {
        this.server = server;
        start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Cuts all connections; new ones are accepted again. */
    void cut() {
        for (Socket socket : sockets) {
            shut(socket);
        }
    }

    /** Cuts all connections and closes new ones at once. */
    void block() {
        passing = false;
        cut();
    }

    /** Lets new connections pass again. */
    void pass() {
        passing = true;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        block();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (!passing) {
                    shut(client);
                    continue;
                }
                int colon = server.lastIndexOf(':');
                Socket peer = new Socket(
                    server.substring(0, colon), Integer.parseInt(server.substring(colon + 1)));
                sockets.add(client);
                sockets.add(peer);
                start(() -> pump(client, peer));
                start(() -> pump(peer, client));
            } catch (IOException closed) {
                continue;
            }
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[65_536];
        try {
            from.setTcpNoDelay(true);
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
        } catch (IOException closed) {
            // Either end may go at any time; the other one follows.
        }
        shut(from);
        shut(to);
    }

    private void shut(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException closed) {
            // It is gone already.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }
}
