package org.wasix4j.http;

import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.types.Nullable;

/**
 * A client's connection that speaks another protocol with the guest: bytes are copied both ways, by
 * a thread each, until one side ends. The container makes it, and calls {@link #init} when the
 * answer has been sent.
 */
public final class UpgradedConnection implements HttpUpgradeHandler {

    /** The guest's side: what is read from it, and what closes it. */
    private record Guest(InputStream in, InProcessConnection connection) {}

    private volatile @Nullable Guest guest;

    /** The container calls this. */
    public UpgradedConnection() {}

    void begin(InputStream in, InProcessConnection connection) {
        guest = new Guest(in, connection);
    }

    @Override
    public void init(WebConnection client) {
        Guest now = Objects.requireNonNull(guest, "begin comes before init");
        try {
            InputStream fromClient = client.getInputStream();
            OutputStream toClient = client.getOutputStream();
            copy("to guest", client, fromClient, now.connection.outputStream());
            copy("from guest", client, now.in, toClient);
        } catch (IOException e) {
            end(client);
        }
    }

    private void copy(String name, WebConnection client, InputStream from, OutputStream to) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                Streams.copy(from, to);
                            } catch (IOException e) {
                                // one side is gone; the other is closed below
                            } finally {
                                end(client);
                            }
                        },
                        "upgraded " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void end(WebConnection client) {
        try (client) {
            destroy();
        } catch (Exception e) {
            // both sides are closed, or were before
        }
    }

    @Override
    public void destroy() {
        Guest now = guest;
        if (now != null) {
            try {
                now.connection.close();
            } catch (IOException e) {
                // it is closed all the same
            }
        }
    }
}
